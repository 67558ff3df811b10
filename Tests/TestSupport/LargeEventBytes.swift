package import BinlogProtocol

/// An event that a decoder reads in pieces of a certain size.
package struct LargeEventBytes {
    private let bytes: [UInt8]
    private let pieceBytesMax: Int
    private let heldBytesMax: Int

    /// - Parameter heldBytesMax: the largest value that stays in its row.
    package init(_ bytes: [UInt8], pieceBytesMax: Int, heldBytesMax: Int) {
        self.bytes = bytes
        self.pieceBytesMax = pieceBytesMax
        self.heldBytesMax = heldBytesMax
    }

    /// Hands the event to the stream, and each step that comes of it to `body`.
    package func read(
        by stream: inout ChangeStream, _ receiver: any LargeValueReceiver,
        _ body: (Change) throws -> Void
    ) throws {
        var offset = 0
        let event = try LargeEvent(heldBytesMax: heldBytesMax) { space in
            let count = min(pieceBytesMax, space.count, bytes.count - offset)
            space.copyBytes(from: bytes[offset..<(offset + count)])
            offset += count
            return count
        }
        while try stream.read(event, receiver) {
            while let change = try stream.next() { try body(change) }
        }
    }
}

/// Keeps large values in memory.
package final class CollectedValues: LargeValueReceiver {
    /// A value that was received apart from its row.
    package struct Value: Equatable {
        package let row: Int
        package let isAfter: Bool
        package let column: Int
        package var bytes: [UInt8] = []
    }

    package private(set) var values: [Value] = []
    private var announced = 0

    package init() {}

    package func begin(
        table: TableMap, row: Int, isAfter: Bool, column: Int, byteCount: Int
    ) throws {
        announced = byteCount
        values.append(Value(row: row, isAfter: isAfter, column: column))
    }

    package func append(_ bytes: UnsafeRawBufferPointer) throws {
        values[values.count - 1].bytes.append(contentsOf: bytes)
    }

    package func end() throws -> [UInt8] {
        precondition(values.last?.bytes.count == announced)
        return values.last?.bytes ?? []
    }
}
