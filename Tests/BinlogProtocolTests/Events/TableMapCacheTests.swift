import TestSupport
import Testing

@testable import BinlogProtocol

@Suite("Table maps held")
struct TableMapCacheTests {
    private func map(_ id: UInt64) -> [UInt8] {
        var bytes = TableMapBytes(columns: [(3, [])])
        bytes.tableID = id
        return EventBuilder.event(19, bytes.encoded.bytes)
    }

    private func rows(_ id: UInt64, isStatementEnd: Bool = true) -> [UInt8] {
        var bytes = TableMapBytes(columns: [(3, [])])
        bytes.tableID = id
        return EventBuilder.event(
            30, bytes.rows([0, 1, 0, 0, 0], isStatementEnd: isStatementEnd))
    }

    private func table(_ event: [UInt8], _ decoder: inout EventDecoder) throws -> TableMap {
        guard case .tableMap(let table) = try decoder.decode(event).body else {
            throw DecodingError(.invalid("no table map"), at: 0)
        }
        return table
    }

    @Test("the maps of one statement stay, however many came before or come in it")
    func capKeepsTheCurrentStatement() throws {
        var decoder = EventDecoder(checksum: .crc32)
        for id in 1...UInt64(Limits.tableMapsMax - 1) {
            _ = try decoder.decode(map(id))
            _ = try decoder.decode(rows(id))
        }
        // The first map of a statement with two fills the cache, the second passes the cap.
        _ = try decoder.decode(map(100_001))
        _ = try decoder.decode(map(100_002))
        _ = try decoder.decode(rows(100_001, isStatementEnd: false))
        _ = try decoder.decode(rows(100_002))
        let count = UInt64(Limits.tableMapsMax + 100)
        for id in 1...count { _ = try decoder.decode(map(id)) }
        for id in 1...count { _ = try decoder.decode(rows(id, isStatementEnd: id == count)) }
    }

    @Test("maps of earlier statements go when there are too many, in number or in bytes")
    func eviction() throws {
        var decoder = EventDecoder(checksum: .crc32)
        let first = try table(map(1), &decoder)
        _ = try decoder.decode(rows(1))
        let again = try table(map(1), &decoder)
        #expect(again === first)
        _ = try decoder.decode(rows(1))
        for id in 2...UInt64(Limits.tableMapsMax + 1) {
            _ = try decoder.decode(map(id))
            _ = try decoder.decode(rows(id))
        }
        let later = try table(map(1), &decoder)
        #expect(later !== first)

        var cache = TableMapCache()
        let big = [UInt8](repeating: 0, count: Limits.tableMapBytesMax / 2)
        for id in 1...3 as ClosedRange<UInt64> {
            let isHeld = cache.insert(first, id, big)
            #expect(isHeld)
            cache.endStatement()
        }
        let oldest = cache.use(1, big, 0..<big.count)
        #expect(oldest == nil)
        let latest = cache.use(3, big, 0..<big.count)
        #expect(latest === first)
        #expect(cache.table(3) === first)
    }

    @Test("one statement cannot name tables without end")
    func statementLimit() throws {
        let table = try TableMapBytes(columns: [(3, [])]).table()
        var cache = TableMapCache()
        var held = 0
        for id in 0...UInt64(Limits.statementTableMapsMax) where cache.insert(table, id, [1]) {
            held += 1
        }
        #expect(held == Limits.statementTableMapsMax)
        cache.endStatement()
        let isHeld = cache.insert(table, .max, [1])
        #expect(isHeld)
    }

    @Test("RS8: a rotate and a format description end the use of table ids")
    func newFile() throws {
        var rotate = ByteWriter()
        rotate.write(UInt64(4))
        rotate.write("mysql-bin.000002".utf8)
        let format = try #require(try FixtureFile.all("mysql-9.7.binlog").first { $0[4] == 15 })
        for event in [EventBuilder.event(4, rotate.bytes), format] {
            var decoder = EventDecoder(checksum: .crc32)
            _ = try decoder.decode(format)
            _ = try decoder.decode(map(7))
            _ = try decoder.decode(event)
            #expect(throws: DecodingError(.invalid("table id: no table map names it"), at: 19)) {
                try decoder.decode(rows(7))
            }
        }
    }
}
