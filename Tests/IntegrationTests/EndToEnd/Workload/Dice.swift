import TestSupport

/// Random choices that all follow from one seed.
struct Dice {
    var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    mutating func roll(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &generator)
    }

    mutating func chance(_ percent: Int) -> Bool {
        roll(1...100) <= percent
    }

    mutating func pick<T>(_ choices: [T]) -> T {
        choices[roll(0...(choices.count - 1))]
    }

    mutating func shuffled<T>(_ values: [T]) -> [T] {
        values.shuffled(using: &generator)
    }

    mutating func bits() -> UInt64 { generator.next() }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: bits()) }
    }

    /// Decimal digits, one half of the time all the same extreme ones.
    mutating func digits(_ count: Int) -> String {
        if chance(30) { return String(repeating: pick(["0", "9"]), count: count) }
        return String((0..<count).map { _ in Character("\(roll(0...9))") })
    }
}
