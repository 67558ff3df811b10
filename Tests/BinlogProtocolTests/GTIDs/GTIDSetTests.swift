import BinlogProtocol
import TestSupport
import Testing

private let uuidA = "3e11fa47-71ca-11e1-9e33-c80aa9429562"
private let uuidB = "896e7882-18fe-11ef-ab88-22222d34d411"

private func set(_ text: String) throws -> GTIDSet { try GTIDSet(parsing: text) }

@Suite("GTID sets")
struct GTIDSetTests {
    @Test(
        "DZ5: text is normalised",
        arguments: [
            ("", ""),
            ("\(uuidA):5", "\(uuidA):5"),
            ("\(uuidA):1-3:5-7", "\(uuidA):1-3:5-7"),
            ("\(uuidA):1-3:4", "\(uuidA):1-4"),
            ("\(uuidA):5-7:1-4:2", "\(uuidA):1-7"),
            (" \(uuidA) : 1 - 3 ,\n\(uuidB):1\n", "\(uuidA):1-3,\(uuidB):1"),
            ("\(uuidB):1,\(uuidA):1", "\(uuidA):1,\(uuidB):1"),
            ("\(uuidA.uppercased()):1", "\(uuidA):1"),
            ("\(uuidA):1-3:Foo:5-7:6-9,", "\(uuidA):1-3:foo:5-9"),
            ("\(uuidA):b:1:a:2", "\(uuidA):a:2:b:1"),
            ("\(uuidA):1-9223372036854775806", "\(uuidA):1-9223372036854775806"),
        ])
    func text(_ input: String, _ canonical: String) throws {
        #expect(try set(input).description == canonical)
    }

    @Test(
        "bad text is an error with its offset",
        arguments: [
            ("x", 0), (uuidA, 36), ("\(uuidA):", 37), ("\(uuidA):0", 37), ("\(uuidA):5-3", 37),
            ("\(uuidA):9223372036854775807", 37), ("\(uuidA):1-", 37), ("\(uuidA):1-2-3", 37),
            ("\(uuidA):1:", 39), ("\(uuidA):tag", 40), ("\(uuidA):-1", 37),
            ("\(uuidA):99999999999999999999", 37), ("\(uuidA):1-5 7", 41), ("\(uuidA):1 2", 39),
            ("\(uuidA):a b:1", 39), ("\(uuidA):a:b:5", 39), ("\(uuidA):1:a:b:5", 41),
            ("3e11 fa47-71ca-11e1-9e33-c80aa9429562:1", 5),
        ])
    func badText(_ input: String, _ offset: Int) {
        let error = #expect(throws: DecodingError.self) { try set(input) }
        #expect(error?.offset == offset)
    }

    @Test(
        "many intervals, the last one first, take no more time than in order",
        .timeLimit(.minutes(10)))
    func manyIntervals() throws {
        let count = 400_000
        let text = (1...count).reversed().map { ":\(2 * $0)" }.joined()
        let even = try set(uuidA + text)
        #expect(even.count == UInt64(count))
        let odd = try set(uuidA + (1...count).map { ":\(2 * $0 + 1)" }.joined())
        #expect(odd.union(even).description == "\(uuidA):2-\(2 * count + 1)")
    }

    @Test("DZ5: algebra")
    func algebra() throws {
        let all = try set("\(uuidA):1-10:tag:1-3,\(uuidB):5")
        let part = try set("\(uuidA):3-5:tag:2")
        #expect(part.isSubset(of: all))
        #expect(!all.isSubset(of: part))
        #expect(all.subtracting(part) == (try set("\(uuidA):1-2:6-10:tag:1:3,\(uuidB):5")))
        #expect(part.subtracting(all).isEmpty)
        #expect(all.intersection(part) == part)
        #expect(all.subtracting(part).union(part) == all)
        #expect(try set("\(uuidB):1").isDisjoint(with: all))
        #expect(GTIDSet().isSubset(of: part))
        #expect(all.count == 14)
    }

    @Test("MX2: numbers that arrive out of order keep the gap until it is filled")
    func outOfOrder() throws {
        var executed = try set("\(uuidA):1-10")
        let source = GTID.Source(uuid: try #require(ServerUUID(uuidA)))
        executed.insert(GTID(source: source, number: 12))
        #expect(executed.description == "\(uuidA):1-10:12")
        executed.insert(GTID(source: source, number: 11))
        #expect(executed.description == "\(uuidA):1-12")
    }

    @Test(
        "binary forms round trip",
        arguments: [
            "", "\(uuidA):1-3", "\(uuidA):1-3:7,\(uuidB):2", "\(uuidA):1:foobaz:4-9,\(uuidB):b:1",
        ])
    func binary(_ text: String) throws {
        let value = try set(text)
        let bytes = value.encoded()
        verifyDecoder(bytes, equals: value) {
            (reader: inout ByteReader) throws(BinlogProtocol.DecodingError) in
            try GTIDSet(from: &reader)
        }
    }

    /// One server with these intervals, `end` one past the last.
    private func encoded(count: UInt64? = nil, _ intervals: [(Int64, Int64)]) throws -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt64(1))
        writer.write(try #require(ServerUUID(uuidA)).bytes)
        writer.write(count ?? UInt64(intervals.count))
        for (start, end) in intervals {
            writer.write(start)
            writer.write(end)
        }
        return writer.bytes
    }

    @Test(
        "T84: binary sets that no server sends",
        arguments: [
            [(5, 7), (1, 3)], [(1, 5), (4, 9)], [(1, 5), (1, 5)], [(1, 1)], [(5, 3)], [(0, 2)],
            [(-3, 2)], [(1, .min)], [(.min, .max)], [(1, .max), (.max, .min)],
        ] as [[(Int64, Int64)]])
    func lies(intervals: [(Int64, Int64)]) throws {
        var reader = ByteReader(try encoded(intervals))
        #expect(throws: DecodingError.self) { try GTIDSet(from: &reader) }
    }

    @Test("T84: counts that lie", arguments: [2, 1 << 24, 1 << 60, 1 << 63, UInt64.max])
    func lyingCounts(count: UInt64) throws {
        var intervals = ByteReader(try encoded(count: count, [(1, 3)]))
        #expect(throws: DecodingError.self) { try GTIDSet(from: &intervals) }
        var writer = ByteWriter()
        writer.write(count)
        var sources = ByteReader(writer.bytes + (try encoded([(1, 3)]).dropFirst(8)))
        #expect(throws: DecodingError.self) { try GTIDSet(from: &sources) }
    }

    @Test("The largest number a server uses is read and written")
    func largest() throws {
        let value = try set("\(uuidA):9223372036854775806")
        #expect(try encoded([(.max - 1, .max)]) == value.encoded())
        verifyDecoder(value.encoded(), equals: value) {
            (reader: inout ByteReader) throws(BinlogProtocol.DecodingError) in
            try GTIDSet(from: &reader)
        }
    }

    @Test("A source takes only tags that servers take, so that every set can be written")
    func tags() throws {
        let uuid = try #require(ServerUUID(uuidA))
        #expect(GTID.Source(uuid: uuid, tag: "Foo_1")?.tag == "foo_1")
        #expect(GTID.Source(uuid: uuid, tag: String(repeating: "a", count: 32)) != nil)
        for tag in ["", "1a", "a b", "ä", String(repeating: "a", count: 33)] {
            #expect(GTID.Source(uuid: uuid, tag: tag) == nil)
        }
    }

    @Test("the plain binary form is the manual's")
    func plainBytes() throws {
        let bytes = try set("\(uuidA):1-3").encoded()
        #expect(bytes.count == 8 + 16 + 8 + 16)
        #expect(Array(bytes[0..<8]) == [1, 0, 0, 0, 0, 0, 0, 0])
        #expect(Array(bytes[32..<48]) == [1, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test("the tagged binary form is the server's: 01, count in six bytes, 01")
    func taggedBytes() throws {
        let bytes = try set("\(uuidA):foo:1").encoded()
        #expect(Array(bytes[0..<8]) == [1, 1, 0, 0, 0, 0, 0, 1])
        #expect(Array(bytes[24..<28]) == [6, 0x66, 0x6f, 0x6f])
    }

    @Test("algebra agrees with plain sets of numbers", arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8])
    func againstPlainSets(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let source = GTID.Source(uuid: try #require(ServerUUID(uuidA)))
        func make() -> (GTIDSet, Set<Int64>) {
            var value = GTIDSet()
            var model: Set<Int64> = []
            for _ in 0..<40 {
                let start = Int64.random(in: 1...60, using: &random)
                for number in start...(start + Int64.random(in: 0...4, using: &random)) {
                    value.insert(GTID(source: source, number: number))
                    model.insert(number)
                }
            }
            return (value, model)
        }
        let (left, leftModel) = make()
        let (right, rightModel) = make()
        func numbers(_ value: GTIDSet) -> Set<Int64> {
            Set((1...70).filter { value.contains(GTID(source: source, number: $0)) })
        }
        #expect(numbers(left.union(right)) == leftModel.union(rightModel))
        #expect(numbers(left.subtracting(right)) == leftModel.subtracting(rightModel))
        #expect(numbers(left.intersection(right)) == leftModel.intersection(rightModel))
        #expect(left.isSubset(of: right) == leftModel.isSubset(of: rightModel))
        #expect(left.count == UInt64(leftModel.count))
    }
}
