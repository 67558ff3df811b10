import BinlogProtocol
import MongoSink

/// A table map and the events of its rows; the smallest way to them.
///
///     options u8, length u16, body of the table map, { type u8, length u16, body of rows, without table id }…
func fuzzRows(_ bytes: [UInt8]) {
    var input = Input(bytes)
    let options = input.byte()
    let map = [1, 2, 3, 4, 5, 6] + input.part()
    let isMariaDB = options & 4 != 0
    var log = DecodedLog(options)
    for event in opening(isMariaDB) + [EventRecords.record(19, map)] {
        for built in EventRecords.events(event) {
            guard log.feed(built.bytes, offsetMax: built.offsetMax) else { return }
        }
    }
    let types: [UInt8] = [30, 31, 32, 39, 23, 24, 25]
    while !input.isAtEnd {
        let type = types[Int(input.byte()) % types.count]
        let record = EventRecords.record(type, [1, 2, 3, 4, 5, 6] + input.part())
        for event in EventRecords.events(record) {
            guard log.feed(event.bytes, offsetMax: event.offsetMax) else { return }
        }
    }
}

/// What stands before the table map; MariaDB's GTID_EVENT takes the place of BEGIN.
private func opening(_ isMariaDB: Bool) -> [[UInt8]] {
    let version = isMariaDB ? "11.8.2-MariaDB" : "9.7.0"
    let head = [RecordBodies.formatDescription(version), RecordBodies.gtid(isMariaDB)]
    return isMariaDB ? head : head + [RecordBodies.begin]
}

/// The few bodies that a log cannot do without.
enum RecordBodies {
    static func formatDescription(_ version: String) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt16(4))
        writer.write(Array(version.utf8) + Array(repeating: 0, count: 50 - version.utf8.count))
        writer.write(UInt32(0))
        writer.write(UInt8(19))
        writer.write([UInt8](repeating: 8, count: 42))
        writer.write(UInt8(1))
        return EventRecords.record(15, writer.bytes)
    }

    static func gtid(_ isMariaDB: Bool) -> [UInt8] {
        var writer = ByteWriter()
        if isMariaDB {
            writer.write(UInt64(5))
            writer.write(UInt32(0))
            writer.write(UInt8(0))
            writer.write([0, 0, 0, 0, 0, 0])
            return EventRecords.record(162, writer.bytes)
        }
        writer.write(UInt8(0))
        writer.write([UInt8](repeating: 0x11, count: 16))
        writer.write(Int64(1))
        writer.write(UInt8(2))
        writer.write(UInt64(0))
        writer.write(UInt64(1))
        writer.write(5, bytes: 7)
        return EventRecords.record(33, writer.bytes)
    }

    static let begin: [UInt8] = query("BEGIN")

    static func query(_ sql: String) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt32(5))
        writer.write(UInt32(0))
        writer.write(UInt8(0))
        writer.write(UInt16(0))
        writer.write(UInt16(0))
        writer.write(UInt8(0))
        writer.write(sql.utf8)
        return EventRecords.record(2, writer.bytes)
    }
}

/// The rows of an event as the library hands them out.
enum DecodedRows {
    /// A row takes a place for each column of its table, so only so many are decoded.
    private static let valuesMax = 1 << 20

    static func check(_ event: RowsEvent) throws(BinlogProtocol.DecodingError) {
        var cursor = RowCursor(event)
        var rows = 0
        while try cursor.next() { rows += 1 }
        require(
            rows <= max(1, event.rowsRange.count), "\(rows) rows in \(event.rowsRange.count) bytes")
        if rows * event.table.columns.count <= valuesMax {
            require(try event.rows.count == rows, "number of rows")
        }
    }
}
