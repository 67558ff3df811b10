/// What a ``FaultProxy`` does to the lines that go through it.
package struct FaultRules: Sendable, Equatable {
    /// Which way bytes go.
    package enum Direction: Sendable, CaseIterable {
        case toServer, toClient
    }

    /// How a line breaks.
    package enum Fault: Sendable, CaseIterable {
        /// Both sides see that the other one left.
        case close
        /// Both sides see that the connection broke.
        case reset
        /// Nothing passes either way any more, and nobody is told.
        case stall
        /// Bytes in this direction are taken and lost, for instance an answer.
        case swallow
    }

    /// Breaks one line, once.
    package struct Cut: Sendable, Equatable {
        package var fault: Fault
        package var direction: Direction
        /// How many bytes pass in that direction before.
        package var after: Int
        /// The line's number, counted from 0; nil means the first that comes so far.
        package var line: Int?

        package init(
            _ fault: Fault, after: Int, _ direction: Direction = .toClient, line: Int? = nil
        ) {
            self.fault = fault
            self.after = after
            self.direction = direction
            self.line = line
        }
    }

    package var cut: Cut?
    /// At most this many bytes are sent at once; nil means all there are.
    package var pieces: Int?
    /// How long each piece waits before it is sent.
    package var delay: Duration = .zero
    /// New lines are broken at once.
    package var refuses = false

    package init() {}
}
