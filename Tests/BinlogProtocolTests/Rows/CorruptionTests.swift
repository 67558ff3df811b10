import BinlogProtocol
import TestSupport
import Testing

@Suite("Corrupt rows of every type")
struct CorruptionTests {
    @Test("MX5, MD1: single bytes of real events changed: decoded or refused, never a trap")
    func corruptions() throws {
        var generator = SeededGenerator(seed: decoderSeed)
        var refused = 0
        let events = try ["types.binlog", "images.binlog"].flatMap {
            try FixtureEvents.rows(ofFile: $0)
        }
        for event in events {
            // The part of the file that is this event's rows, with a column count and bitmaps before.
            for _ in 0..<60 {
                var rows = Array(event.storage[event.rowsRange])
                guard !rows.isEmpty else { continue }
                rows[Int.random(in: rows.indices, using: &generator)] = .random(
                    in: 0...255, using: &generator)
                do {
                    _ = try Self.event(event, rows: rows).rows
                } catch is DecodingError {
                    refused += 1
                }
            }
        }
        #expect(refused > 0)
    }

    private static func event(_ event: RowsEvent, rows: [UInt8]) throws -> RowsEvent {
        var writer = ByteWriter()
        writer.write(UInt16(0))
        writer.writeLengthEncodedInteger(UInt64(event.table.columns.count))
        let images = [event.beforeColumns, event.afterColumns]
        let carried: [[Int]] =
            switch event.kind {
            case .insert: [images[1]]
            case .delete: [images[0]]
            case .update: images
            }
        for columns in carried {
            var bitmap = [UInt8](repeating: 0, count: (event.table.columns.count + 7) / 8)
            for column in columns { bitmap[column / 8] |= 1 << UInt8(column % 8) }
            writer.write(bitmap)
        }
        writer.write(rows)
        var reader = ByteReader(writer.bytes)
        return try RowsEvent(
            from: &reader, kind: event.kind, table: event.table, layout: .version1)
    }
}
