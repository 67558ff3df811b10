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
            ("\(uuidA):99999999999999999999", 37),
        ])
    func badText(_ input: String, _ offset: Int) {
        let error = #expect(throws: DecodingError.self) { try set(input) }
        #expect(error?.offset == offset)
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
        var reader = ByteReader(bytes)
        #expect(try GTIDSet(from: &reader) == value)
        try reader.finish()
        for length in 0..<bytes.count {
            var cut = ByteReader(Array(bytes[..<length]))
            #expect(throws: DecodingError.self) { try GTIDSet(from: &cut) }
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
