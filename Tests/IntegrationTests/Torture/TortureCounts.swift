/// What a torture run did, for its reader.
struct TortureCounts: CustomStringConvertible {
    /// What is counted, in the order in which it is printed.
    enum Kind: String, CaseIterable {
        case faults, starts, kills, stops, pauses, takeovers
        case cuts = "cuts of the source's line"
        case slowLines = "slow lines"
        case commandFaults = "faults at commands"
        case failPoints = "failed commands"
        case mongoRestarts = "MongoDB restarts"
        case sourceRestarts = "source restarts"
        case dumpKills = "dump threads killed"
        case rotations, checksums
        case largeTransactions = "large transactions"
        case definitions
        case epochs, checkpoints, transactions, documents, rows
    }

    private var counts: [Kind: Int] = [:]
    /// The most memory that any instance held, in bytes.
    var memory = 0

    subscript(_ kind: Kind) -> Int {
        get { counts[kind] ?? 0 }
        set { counts[kind] = newValue }
    }

    mutating func add(_ other: TortureCounts) {
        for kind in Kind.allCases { self[kind] += other[kind] }
        memory = max(memory, other.memory)
    }

    var description: String {
        Kind.allCases.map { "\(self[$0]) \($0.rawValue)" }.joined(separator: ", ")
            + ", at most \(memory >> 20) MiB"
    }
}
