import BinlogProtocol
import TestSupport
import Testing

@Suite("Answers to queries")
struct TextResultTests {
    private func parse(_ packets: [[UInt8]]) throws -> TextResultParser.Outcome {
        var parser = TextResultParser()
        var outcome = TextResultParser.Outcome.needsMore
        for packet in packets { outcome = try parser.received(packet) }
        return outcome
    }

    private static let rows: [[String?]] = [
        ["a", nil, ""], [nil, nil, nil], ["ä☃", String(repeating: "x", count: 70_000), "0"],
        ["", "", ""],
    ]

    @Test("A result set, with NULLs, empty and long texts")
    func rows() throws {
        let packets = FakePackets.result(columns: ["x", "y", "z"], rows: Self.rows)
        let expected = TextResult(columns: ["x", "y", "z"], rows: Self.rows)
        #expect(try parse(packets) == .result(expected))
        for count in 1..<packets.count {
            #expect(try parse(Array(packets.prefix(count))) == .needsMore)
        }
    }

    @Test("OK, ERR at once, ERR between rows")
    func others() throws {
        #expect(try parse([FakePackets.ok]) == .result(TextResult(columns: [], rows: [])))
        let error = FakePackets.error(1064, "no")
        guard case .refused(let first) = try parse([error]) else {
            Issue.record("not refused")
            return
        }
        #expect(first.number == 1064)
        let packets = FakePackets.result(columns: ["x"], rows: [["1"]]).dropLast()
        guard case .refused = try parse(packets + [error]) else {
            Issue.record("not refused")
            return
        }
    }

    @Test("T113: a request for a local file is refused")
    func localFile() {
        #expect(
            throws: DecodingError(.unsupported("the server's request for a local file"), at: 0)
        ) {
            try parse([[0xfb] + Array("/etc/passwd".utf8)])
        }
    }

    @Test(
        "T84: lying counts and lengths",
        arguments: [
            [[0xfc, 0x01, 0x10]],  // 4097 columns
            [[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
            [[1, 0]],
            [[1], [3, 100, 101]],
            [[1], [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
            [[]],
        ] as [[[UInt8]]])
    func lies(packets: [[UInt8]]) {
        #expect(throws: DecodingError.self) { try parse(packets) }
    }

    @Test("T84: rows with wrong lengths, too many or too few values, invalid UTF-8")
    func badRows() throws {
        let head = FakePackets.result(columns: ["x", "y"], rows: []).dropLast()
        for row in [
            [1, 65], [1, 65, 1, 66, 1, 67], [0xfe, 1, 0, 0, 0, 0, 0, 0, 0, 0x80], [1, 0xc3, 1, 65],
            [0xfd, 0xff, 0xff, 0xff], [],
        ] as [[UInt8]] {
            #expect(throws: DecodingError.self) { try parse(head + [row]) }
        }
    }

    @Test("Corrupted anywhere: an error or a value, never a trap")
    func hostile() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("TextResultTests.hostile seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let packets = FakePackets.result(
            columns: ["x", "y"], rows: [["a", nil], ["bcd", ""], [nil, nil]])
        var errors = 0
        for _ in 0..<4000 {
            var copy = packets
            for _ in 0...Int.random(in: 0...2, using: &generator) {
                let index = Int.random(in: copy.indices, using: &generator)
                let byte = Int.random(in: copy[index].indices, using: &generator)
                copy[index][byte] = UInt8.random(in: 0...255, using: &generator)
            }
            var parser = TextResultParser()
            do throws(DecodingError) {
                for packet in copy {
                    guard case .needsMore = try parser.received(packet) else { break }
                }
            } catch {
                errors += 1
            }
        }
        #expect(errors > 0)
    }

    @Test("T84: many small values count with the memory that they take")
    func manyValues() throws {
        let columns = 4096
        var parser = TextResultParser()
        let names = FakePackets.result(columns: ["x"], rows: [])
        _ = try parser.received([0xfc, 0, 0x10])
        for _ in 0..<columns { _ = try parser.received(names[1]) }
        _ = try parser.received(FakePackets.eof)
        let row = [UInt8](repeating: 0xfb, count: columns)
        var rows = 0
        #expect(throws: DecodingError.self) {
            while rows < 60_000 {
                _ = try parser.received(row)
                rows += 1
            }
        }
        #expect(rows < 2048)
    }

    @Test("Single values and dictionaries")
    func shapes() {
        let pairs = TextResult(columns: ["k", "v"], rows: [["a", "1"], ["b", nil], [nil, "2"]])
        #expect(pairs.dictionary == ["a": "1"])
        #expect(pairs.singleValue == nil)
        #expect(TextResult(columns: ["k"], rows: [["a"]]).singleValue == "a")
        #expect(TextResult(columns: ["k"], rows: [[nil]]).singleValue == nil)
    }
}
