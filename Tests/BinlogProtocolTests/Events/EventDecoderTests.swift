import BinlogProtocol
import TestSupport
import Testing

@Suite("Event decoder")
struct EventDecoderTests {
    @Test("DZ12: an unknown type passes only with the ignorable flag")
    func unknown() throws {
        var decoder = EventDecoder(checksum: .crc32)
        #expect(throws: DecodingError(.unsupported("event type 99"), at: 4)) {
            try decoder.decode(EventBuilder.event(99, [1, 2, 3]))
        }
        guard
            case .irrelevant = try decoder.decode(EventBuilder.event(99, [1, 2, 3], flags: 0x80))
                .body
        else {
            Issue.record("not passed over")
            return
        }
    }

    @Test("a known type is decoded whatever its flags: PREVIOUS_GTIDS carries the ignorable flag")
    func ignorableFlag() throws {
        let set = try GTIDSet(parsing: "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-9")
        var decoder = EventDecoder(checksum: .crc32)
        let event = try decoder.decode(EventBuilder.event(35, set.encoded(), flags: 0x80))
        guard case .previousGTIDs(let found) = event.body else {
            Issue.record("passed over")
            return
        }
        #expect(found == set)
    }

    @Test(
        "RS3: event sizes that cannot be",
        arguments: [UInt32(0), 18, 0x4000_0001, 0xffff_ffff, 22, 200])
    func sizes(_ size: UInt32) {
        var event = EventBuilder.event(3, [])
        withUnsafeBytes(of: size.littleEndian) { event.replaceSubrange(9..<13, with: $0) }
        var decoder = EventDecoder(checksum: .crc32)
        #expect(throws: DecodingError(.invalid("event size"), at: 9)) { try decoder.decode(event) }
    }

    @Test("T82: a wrong checksum is never decoded")
    func checksum() {
        var event = EventBuilder.xid(7)
        event[20] ^= 1
        var decoder = EventDecoder(checksum: .crc32)
        #expect(throws: DecodingError(.checksumMismatch, at: 27)) { try decoder.decode(event) }
    }

    @Test("an event without room for its checksum")
    func noRoom() {
        var decoder = EventDecoder(checksum: .crc32)
        #expect(throws: DecodingError(.truncated(needed: 4, available: 0), at: 19)) {
            try decoder.decode(EventBuilder.event(3, [], hasChecksum: false))
        }
    }

    @Test("GM1: rows without their table map stop")
    func noTableMap() {
        var body = ByteWriter()
        body.write(108, bytes: 6)
        body.write(UInt16(1))
        var decoder = EventDecoder(checksum: .crc32)
        #expect(throws: DecodingError(.invalid("table id: no table map names it"), at: 19)) {
            try decoder.decode(EventBuilder.event(30, body.bytes))
        }
    }

    @Test("MX10, RS8: a table map is forgotten at the end of its statement and at each new file")
    func forgetting() throws {
        let events = try FixtureFile.all("mysql-9.7.binlog")
        let map = try #require(events.first { $0[4] == 19 })
        let rows = try #require(events.first { $0[4] == 30 })
        let format = try #require(events.first { $0[4] == 15 })
        var decoder = EventDecoder(checksum: .none)
        _ = try decoder.decode(format)
        _ = try decoder.decode(map)
        _ = try decoder.decode(rows)
        #expect(throws: DecodingError.self, "the statement ended with the first rows") {
            try decoder.decode(rows)
        }
        _ = try decoder.decode(map)
        _ = try decoder.decode(format)
        #expect(throws: DecodingError.self, "a new file began") { try decoder.decode(rows) }
    }

    @Test("the same table map gives the same object, so that its work is done once")
    func sameTable() throws {
        let events = try FixtureFile.all("mysql-9.7.binlog")
        let map = try #require(events.first { $0[4] == 19 })
        var decoder = EventDecoder(checksum: .crc32)
        guard case .tableMap(let first) = try decoder.decode(map).body,
            case .tableMap(let second) = try decoder.decode(map).body
        else {
            Issue.record("no table maps")
            return
        }
        #expect(first === second)
    }

    @Test("the in-use flag of a format description is not part of its checksum")
    func inUse() throws {
        let events = try FixtureFile.all("mysql-9.7.binlog")
        var format = try #require(events.first { $0[4] == 15 })
        format[17] |= 1
        var decoder = EventDecoder(checksum: .none)
        _ = try decoder.decode(format)
        format[30] ^= 1
        #expect(throws: DecodingError.self) { try decoder.decode(format) }
    }

    /// Decodes an event to its last value.
    private func decodeWhole(
        _ bytes: [UInt8], _ decoder: inout EventDecoder
    ) throws(DecodingError) {
        switch try decoder.decode(bytes).body {
        case .rows(let rows): _ = try rows.rows
        case .transactionPayload(let payload):
            let reader = try TransactionPayloadReader(payload)
            while let inner = try reader.next() {
                if case .rows(let rows) = try decoder.decodePayloadEvent(inner).body {
                    _ = try rows.rows
                }
            }
        default: break
        }
    }

    /// How many proper prefixes of an event may be an event: where a format has optional parts at its end.
    private func validPrefixesMax(_ type: UInt8) -> Int {
        switch type {
        case 2, 4, 29: .max  // they end in text
        case 15: 30  // the bytes before the end are taken for a checksum algorithm, 0 or 1
        case 19: 12  // one for each type of metadata
        case 30, 31, 32: 12  // one for each row
        case 33, 34: 6
        default: 0
        }
    }

    @Test("MX5: every event of a real log, cut at every byte, is an error and never a trap")
    func everyPrefix() throws {
        var decoder = EventDecoder(checksum: .crc32)
        for event in try FixtureFile.all("mysql-9.7.binlog") {
            var decoded = 0
            for count in event.indices {
                var cut = Array(event[..<count])
                if count >= 23 {
                    // Lengths and checksum are made to fit, so that the body's own checks are reached.
                    withUnsafeBytes(of: UInt32(count).littleEndian) {
                        cut.replaceSubrange(9..<13, with: $0)
                    }
                    cut = EventBuilder.sealed(cut)
                }
                // A copy that knows what came before, table maps above all.
                var copy = decoder
                do throws(DecodingError) {
                    try decodeWhole(cut, &copy)
                    decoded += 1
                } catch {
                    #expect(error.offset >= 0)
                }
            }
            #expect(decoded <= validPrefixesMax(event[4]), "type \(event[4])")
            try decodeWhole(event, &decoder)
        }
    }

    @Test("MX5: one corrupt event of a real log, any event, rows and payload too, never traps")
    func corruption() throws {
        var random = SeededGenerator(seed: decoderSeed)
        let events = try FixtureFile.all("mysql-9.7.binlog")
        for round in 0..<(4 * events.count) {
            // Each event in turn, so that every round reaches the one that is corrupt.
            let corrupt = round % events.count
            guard events[corrupt].count > 23 else { continue }
            var bytes = events[corrupt]
            let index = Int.random(in: 13..<(bytes.count - 4), using: &random)
            bytes[index] ^= UInt8.random(in: 1...255, using: &random)
            var stream = ChangeStream(checksum: .crc32)
            do throws(DecodingError) {
                for (number, event) in events.enumerated() {
                    stream.feed(number == corrupt ? EventBuilder.sealed(bytes) : event)
                    while let change = try stream.next() {
                        if number < corrupt { continue }
                        if case .rows(let rows) = change { _ = try rows.event.rows }
                    }
                }
            } catch {
                // An error is the right answer; a trap would end the run.
                #expect(error.offset >= 0)
            }
        }
    }
}

/// The events of a fixture file, one after another.
enum FixtureFile {
    static func all(_ name: String) throws -> [[UInt8]] {
        let file = try BinlogFile(path: Fixtures.path(name))
        var events: [[UInt8]] = []
        while let event = try file.nextEvent() { events.append(event) }
        return events
    }
}
