/// Finished documents, one after another.
package struct EncodedDocuments: Sendable, Equatable {
    /// The documents' bytes.
    package var bytes: [UInt8] = []
    /// The offset after each document.
    package var ends: [Int] = []

    package init() {}

    package var count: Int { ends.count }
    package var isEmpty: Bool { ends.isEmpty }

    /// The bytes of one document.
    package subscript(index: Int) -> ArraySlice<UInt8> {
        bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }
}
