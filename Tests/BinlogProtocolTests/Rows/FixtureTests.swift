import BinlogProtocol
import TestSupport
import Testing

@Suite("Every type, as MySQL 9.7 wrote it")
struct FixtureTests {
    @Test("PY9, ZJ7: the rows rebuilt from the events print as SELECT printed them")
    func rebuild() throws {
        var tables: [String: [String: [String?]]] = [:]
        for event in try FixtureEvents.rows(ofFile: "types.binlog") {
            for change in try event.rows {
                let name = event.table.table
                if let before = change.before {
                    let old = SelectText.of(before, in: event.table)
                    #expect(
                        tables[name]?[old[0] ?? ""].map { $0.elementsEqual(old.prefix($0.count)) }
                            == true)
                }
                guard let after = change.after else { continue }
                let new = SelectText.of(after, in: event.table)
                tables[name, default: [:]][new[0] ?? ""] = new
            }
        }
        let selected = try FixtureEvents.table(ofFile: "types.tsv")
        for line in selected {
            let rebuilt = try #require(tables[line[0]]?[line[1]])
            for (index, value) in rebuilt.enumerated() {
                #expect(
                    (value ?? "NULL") == line[1 + index],
                    "\(line[0]) \(line[1]) column \(index + 1)")
            }
        }
        #expect(tables.values.map(\.count).reduce(0, +) == selected.count)
    }

    @Test("The table map tells names, signs, character sets, labels and keys")
    func tableMaps() throws {
        let events = try FixtureEvents.rows(ofFile: "types.binlog")
        let texts = try #require(events.first { $0.table.table == "texts" }?.table)
        #expect(texts.database == "fixture")
        #expect(texts.hasColumnNames)
        #expect(texts.primaryKey == [0])
        #expect(
            texts.columns.map(\.type) == [
                .integer(byteCount: 4, isUnsigned: false),
                .char(byteCountMax: 10, charset: .latin1),
                .char(byteCountMax: 1020, charset: .utf8mb4),
                .varchar(byteCountMax: 252, charset: .utf8mb4),
                .varchar(byteCountMax: 256, charset: .utf8mb4), .geometry(kind: 0),
                .varchar(byteCountMax: 60, charset: .utf8mb3),
                .varchar(byteCountMax: 20, charset: .ascii),
                .text(lengthByteCount: 1, charset: .utf8mb4), .json,
                .text(lengthByteCount: 2, charset: .latin1),
                .text(lengthByteCount: 3, charset: .utf8mb4),
                .text(lengthByteCount: 4, charset: .utf8mb4),
                .enumeration(byteCount: 1, labels: ["a", "é", "it's", "a,b", "日本"]),
                .enumeration(byteCount: 1, labels: ["x", "ä"]),
                .set(byteCount: 1, labels: ["a", "b", "c"]),
                .set(byteCount: 1, labels: ["ö", "z"]), .vector(dimension: 3),
                .integer(byteCount: 4, isUnsigned: true),
            ])
        #expect(texts.columns.map(\.collationID)[1] == 8)
        #expect(texts.columns[12].collationID == 46)
    }
}
