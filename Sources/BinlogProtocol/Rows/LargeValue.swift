/// A value of a row that is too large to be held: its bytes went to a ``LargeValueReceiver`` as they came.
package struct LargeValue: Sendable, Equatable {
    /// Values of more bytes than this are received apart, of columns that may hold so much: BLOB and TEXT.
    ///
    /// No document of MongoDB could hold one.
    package static let heldBytesMax = (16 << 20) - (16 << 10)

    /// The row's number in its part of the event, from 0.
    package let row: Int
    /// Whether the after image holds it.
    package let isAfter: Bool
    /// The index of its column.
    package let column: Int
    /// The length of the value in bytes.
    package let byteCount: Int
    /// What the receiver gave for the value's bytes; equal for equal bytes.
    package let digest: [UInt8]

    func isSame(as other: LargeValue) -> Bool {
        byteCount == other.byteCount && digest == other.digest
    }
}

/// Takes the bytes of values that are too large to be held, before the row that they belong to is handed out.
///
/// Nothing of them may be used for good before the end of their transaction has come; after an error they come again.
package protocol LargeValueReceiver: AnyObject {
    /// A value begins.
    ///
    /// - Parameters:
    ///   - row: the number of its row among those that were not handed out yet, from 0.
    ///   - isAfter: whether it is of the after image.
    ///   - column: the index of its column.
    func begin(
        table: TableMap, row: Int, isAfter: Bool, column: Int, byteCount: Int
    ) throws

    /// The next bytes of the value, valid during the call.
    func append(_ bytes: UnsafeRawBufferPointer) throws

    /// The value is whole.
    ///
    /// - Returns: a digest of its bytes.
    func end() throws -> [UInt8]
}
