internal import BinlogProtocol
internal import Dispatch
internal import Synchronization

/// State shared by a few threads, and the bells by which they wake each other.
///
/// A bell rings only when its thread waits, so a busy thread costs the others nothing.
final class Monitor<State: Sendable>: Sendable {
    /// Who waits; each role has one bell.
    struct Roles: OptionSet, Sendable {
        let rawValue: Int
        static var reader: Roles { Roles(rawValue: 1) }
        static var stager: Roles { Roles(rawValue: 2) }
        static var committer: Roles { Roles(rawValue: 4) }
        static var control: Roles { Roles(rawValue: 8) }
        static var all: Roles { Roles(rawValue: 15) }
    }

    /// What a waiting thread found.
    enum Turn<Result: Sendable>: Sendable {
        /// It can go on, and wakes others.
        case ready(Result, waking: Roles)
        /// It waits for its bell, at most until the deadline.
        case wait(until: ContinuousClock.Instant?)
    }

    private struct Guarded: Sendable {
        var state: State
        var waiting = [0, 0, 0, 0]
    }

    private let guarded: Locked<Guarded>
    private let bells: [DispatchSemaphore]

    init(_ state: State) {
        guarded = Locked(Guarded(state: state))
        bells = (0..<4).map { _ in DispatchSemaphore(value: 0) }
    }

    /// Reads or changes the state and wakes those whom `body` names.
    func withLock<Result: Sendable, Failure: Error>(
        _ body: (inout State) throws(Failure) -> (Result, Roles)
    ) throws(Failure) -> Result {
        let (result, rings) = try guarded.withLock { guarded throws(Failure) in
            let (result, roles) = try body(&guarded.state)
            return (result, Self.take(roles, from: &guarded))
        }
        ring(rings)
        return result
    }

    /// Asks `body` again after each ring of the role's bell and at each deadline it names.
    func wait<Result: Sendable, Failure: Error>(
        as role: Roles, _ body: (inout State) throws(Failure) -> Turn<Result>
    ) throws(Failure) -> Result {
        let index = role.rawValue.trailingZeroBitCount
        while true {
            let (turn, rings) = try guarded.withLock { guarded throws(Failure) in
                let turn = try body(&guarded.state)
                guard case .ready(_, let roles) = turn else {
                    guarded.waiting[index] += 1
                    return (turn, [Int]())
                }
                return (turn, Self.take(roles, from: &guarded))
            }
            switch turn {
            case .ready(let result, _):
                ring(rings)
                return result
            case .wait(nil):
                bells[index].wait()
            case .wait(let deadline?):
                let left = max(.zero, deadline - .now)
                if bells[index].wait(timeout: .now() + left.dispatchInterval) == .timedOut {
                    guarded.withLock { $0.waiting[index] = max(0, $0.waiting[index] - 1) }
                }
            }
        }
    }

    private static func take(_ roles: Roles, from guarded: inout Guarded) -> [Int] {
        guard !roles.isEmpty else { return [] }
        var rings: [Int] = []
        for index in 0..<4 where roles.rawValue & (1 << index) != 0 && guarded.waiting[index] > 0 {
            rings.append(contentsOf: repeatElement(index, count: guarded.waiting[index]))
            guarded.waiting[index] = 0
        }
        return rings
    }

    private func ring(_ rings: [Int]) {
        for index in rings { bells[index].signal() }
    }
}
