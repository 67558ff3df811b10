/// What can go wrong in a torture run.
enum TortureFault: String, CaseIterable {
    // sdl itself
    case kill = "kill -9"
    case killAtCommand = "kill -9 at a command to MongoDB"
    case stop = "SIGTERM"
    case pause = "SIGSTOP, SIGCONT"
    case takeover = "SIGSTOP until another instance took over"

    // The line to the source
    case cut = "the line to the source is cut"
    case stall = "the line to the source falls silent"
    case slowLine = "the line to the source brings little and late"
    case refuse = "nobody answers at the source's address"

    // The line to MongoDB
    case cutCommand = "the line to MongoDB is cut"
    case failCommand = "a command to MongoDB fails"
    case loseAnswer = "an answer of MongoDB is lost"

    // What MongoDB says
    case notPrimary = "not the primary"
    case writeConflict = "write conflicts"
    case unknownCommit = "unknown results of commits"
    case writeConcern = "commits that a majority did not acknowledge in time"
    case hangUp = "MongoDB hangs up"
    case slowAnswers = "MongoDB is slow"
    case noPrimary = "no primary for a while"
    case mongoKill = "kill -9 of MongoDB"

    // The source
    case sourceKill = "kill -9 of the source"
    case sourceRestart = "restart of the source"
    case dumpKill = "the dump thread is killed"
    case rotate = "FLUSH BINARY LOGS"
    case checksum = "another binlog_checksum"
    case large = "a large transaction"

    /// Whether the source's sessions are lost.
    var endsSessions: Bool { self == .sourceKill || self == .sourceRestart }

    /// How often it comes compared with others.
    var weight: Int {
        switch self {
        case .kill, .killAtCommand: 3
        case .cut, .cutCommand, .failCommand: 2
        default: 1
        }
    }
}

/// Deals each fault as often as its weight says, then all of them again in another order.
struct FaultDeck {
    private let all: [TortureFault]
    private var left: [TortureFault] = []

    init(_ faults: [TortureFault]) {
        all = faults.flatMap { Array(repeating: $0, count: $0.weight) }
    }

    mutating func deal(_ dice: inout Dice) -> TortureFault {
        if left.isEmpty { left = dice.shuffled(all) }
        return left.removeLast()
    }
}
