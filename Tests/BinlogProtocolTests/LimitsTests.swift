import TestSupport
import Testing

@testable import BinlogProtocol

/// S16: what a hostile server claims is compared with what can be, before memory is taken for it.
@Suite("Limits") struct LimitsTests {
    private func code(_ body: () throws(DecodingError) -> Void) -> DecodingError.Code? {
        do throws(DecodingError) {
            try body()
            return nil
        } catch {
            return error.code
        }
    }

    @Test("DECIMAL has at most 65 digits, none more of them behind the point")
    func decimals() {
        for (precision, scale) in [(66, 0), (255, 30), (65, 31), (10, 11), (0, 0)]
            as [(UInt8, UInt8)]
        {
            #expect(
                code { () throws(DecodingError) in
                    _ = try TableMapBytes(columns: [(246, [precision, scale])]).table()
                } != nil, "\(precision), \(scale)")
        }
        #expect(
            code { () throws(DecodingError) in
                _ = try TableMapBytes(columns: [(246, [65, 30])]).table()
            } == nil)
    }

    @Test("labels of all columns of a table together")
    func labels() {
        // Each column may have 65,535; seventeen of them are more than a million.
        var value: [UInt8] = []
        for _ in 0..<17 { value += [0xfd, 0xff, 0xff, 0] + [UInt8](repeating: 0, count: 65_535) }
        let columns = Array(repeating: (type: UInt8(254), metadata: [UInt8(0xf7), 2]), count: 17)
        #expect(
            code { () throws(DecodingError) in
                _ = try TableMapBytes(columns: columns, optional: [(6, value)]).table()
            } == .invalid("number of labels of a column"))
    }

    @Test("servers of a GTID set, in both of its forms, and the intervals of one")
    func gtidSets() {
        var plain = ByteWriter()
        plain.write(UInt64(Limits.gtidSourcesMax + 1))
        var tagged = ByteWriter()
        tagged.write(UInt64(1) | UInt64(Limits.gtidSourcesMax + 1) << 8 | UInt64(1) << 56)
        for bytes in [plain.bytes, tagged.bytes] {
            #expect(
                code { () throws(DecodingError) in
                    var reader = ByteReader(bytes + [UInt8](repeating: 0, count: 100))
                    _ = try GTIDSet(from: &reader)
                } == .invalid("number of servers in a GTID set"))
        }
        var intervals = ByteWriter()
        intervals.write(UInt64(1))
        intervals.write([UInt8](repeating: 1, count: 16))
        intervals.write(UInt64(Limits.gtidIntervalsMax + 1))
        #expect(
            code { () throws(DecodingError) in
                var reader = ByteReader(intervals.bytes + [UInt8](repeating: 0, count: 1000))
                _ = try GTIDSet(from: &reader)
            } == .truncated(needed: Limits.gtidIntervalsMax + 1, available: 1000))
    }

    @Test("tables of one statement by their bytes, which LOCK TABLES can make many")
    func tableMaps() throws {
        let table = try TableMapBytes(columns: [(3, [])]).table()
        var cache = TableMapCache()
        let bytes = [UInt8](repeating: 0, count: 64 << 20)
        var count: UInt64 = 0
        while cache.insert(table, count, bytes), count < 100 { count += 1 }
        #expect(count == UInt64(Limits.statementTableMapBytesMax / bytes.count))
    }

    @Test("a greeting and an answer that do not end")
    func endlessPackets() throws {
        let server = try FakeServer { peer in
            let part = [UInt8](repeating: 10, count: 1 << 20)
            // The largest packet, and the announcement of a second that continues it.
            try peer.sendRaw([0xff, 0xff, 0xff, 0])
            for _ in 0..<15 { try peer.sendRaw(part) }
            try peer.sendRaw([UInt8](part.dropLast()))
            do {
                try peer.sendRaw([0xff, 0xff, 0xff, 1])
                for _ in 0..<16 { try peer.sendRaw(part) }
                _ = try peer.receiveToEnd()
            } catch is FakeServer.Failure {
                // The client left as soon as it knew.
                return
            }
        }
        let error = #expect(throws: BinlogError.self) {
            _ = try ServerConnection.connect(
                ConnectionOptions(address: server.address, user: "u", password: Secret("")),
                cancellation: Cancellation())
        }
        #expect(error?.code == .configuration)
        let underlying = try #require(error?.underlying)
        #expect("\(underlying)".contains("a packet is larger than"))
        try server.finish()
    }
}
