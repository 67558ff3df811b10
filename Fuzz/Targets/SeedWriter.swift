import BinlogProtocol
import Foundation

/// Makes the files that fuzzing begins with out of the binary logs of the tests.
struct SeedWriter {
    let directory: String
    /// Larger ones make every execution slow and teach nothing more.
    private static let bytesMax = 16_000
    private static let perTargetMax = 1500

    func write(fixtures: String, targets: [String]) throws {
        var seeds = Dictionary(uniqueKeysWithValues: targets.map { ($0, Set<[UInt8]>()) })
        func add(_ target: String, _ bytes: [UInt8]) {
            guard bytes.count <= Self.bytesMax, seeds[target, default: []].count < Self.perTargetMax
            else { return }
            seeds[target, default: []].insert(bytes)
        }
        for file in try Self.logs(in: fixtures) {
            try addEvents(of: file, add)
        }
        for (target, bytes) in Self.written { add(target, bytes) }
        for (target, files) in seeds {
            let folder = "\(directory)/\(target)"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            for (index, bytes) in files.enumerated() {
                try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/seed-\(index)"))
            }
        }
    }

    private static func logs(in fixtures: String) throws -> [[UInt8]] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: fixtures).sorted()
        let logs = names.filter { $0.hasSuffix(".binlog") }
        guard !logs.isEmpty else { throw CocoaError(.fileNoSuchFile) }
        return try logs.map {
            [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(fixtures)/\($0)")))
        }
    }

    private func addEvents(of file: [UInt8], _ add: (String, [UInt8]) -> Void) throws {
        var at = 4
        var decoder = EventDecoder(checksum: .crc32)
        var head: [UInt8] = []
        var transaction: [UInt8] = []
        var map: [UInt8] = []
        while at + EventHeader.byteCount <= file.count {
            var reader = ByteReader(file, in: at..<(at + EventHeader.byteCount))
            let header = try EventHeader(from: &reader)
            let bytes = Array(file[at..<min(at + Int(header.eventSize), file.count)])
            at += bytes.count
            let body = Array(bytes.dropFirst(EventHeader.byteCount).dropLast(4))
            let record = EventRecords.record(
                header.type.rawValue, body)
            let event = try decoder.decode(bytes)
            switch event.body {
            case .formatDescription:
                head = record
                continue
            case .gtid:
                addTransaction(head, transaction, add)
                transaction = record
                continue
            case .tableMap:
                map = Array(body.dropFirst(6))
                let type = Self.part(Array("int unsigned".utf8))
                add("lookup", [0] + Self.part(body) + [1] + type)
            case .rows(let rows):
                let types: [UInt8] = [30, 31, 32, 39, 23, 24, 25]
                let number = types.firstIndex(of: header.type.rawValue) ?? 0
                let part = Self.part(Array(body.dropFirst(6)))
                for options in [UInt8(0), 1] {
                    let start: [UInt8] = [options] + Self.part(map)
                    add("rows", start + [UInt8(number)] + part)
                }
                try addValues(of: rows, add)
            case .query(let query):
                add("statements", [0] + query.statement)
            case .previousGTIDs(let set):
                let text = Array(set.description.utf8)
                add("gtids", [15] + Self.part(text) + text)
                add("gtids", [0] + Self.part(body) + body)
            case .transactionPayload:
                add("payloads", [0] + body)
            default: break
            }
            transaction += record
        }
        addTransaction(head, transaction, add)
    }

    private func addTransaction(
        _ head: [UInt8], _ transaction: [UInt8], _ add: (String, [UInt8]) -> Void
    ) {
        add("events", [0] + head + transaction)
        add("events", [1] + head + transaction + transaction)
        // The same again, its rows within one compressed event.
        let gtidBytes = 5 + (transaction.count > 4 ? Int(transaction[2]) : 0)
        let inner = transaction.dropFirst(gtidBytes)
        guard inner.count > 20 else { return }
        let start: [UInt8] = [3] + head + Array(transaction.prefix(gtidBytes))
        add("events", start + EventRecords.record(40, flags: 16, inner))
    }

    private func addValues(of rows: RowsEvent, _ add: (String, [UInt8]) -> Void) throws {
        var cursor = RowCursor(rows)
        while try cursor.next() {
            for (index, column) in rows.table.columns.enumerated() {
                for cell in [cursor.before[index], cursor.after[index]] where cell.hasValue {
                    if !cursor.isDifference.isEmpty, cursor.isDifference[index] { continue }
                    let value = Array(cursor.storage[cell.range])
                    if let number = valueTypes.firstIndex(of: column.type) {
                        add("values", [UInt8(number)] + value)
                    }
                    if column.type == .json { add("json", Self.part(value)) }
                    if let id = column.collationID { add("charsets", Self.u16(id) + value) }
                }
            }
        }
    }

    static func u16(_ value: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
    }

    static func part(_ bytes: [UInt8]) -> [UInt8] {
        u16(bytes.count) + bytes
    }
}
