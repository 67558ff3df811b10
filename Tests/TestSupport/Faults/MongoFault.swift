/// What happens to one command on its way through a ``MongoCommandProxy``.
package struct MongoFault: Sendable, Hashable, CustomStringConvertible {
    /// When it happens.
    package enum Moment: String, Sendable, Hashable, CaseIterable {
        /// Before the server has seen the command.
        case command
        /// After the server has done it.
        case answer
    }

    package enum Action: Sendable, Hashable {
        /// `kill -9` to the client.
        case kill
        /// The line is cut.
        case close
        /// The command, or its answer, is lost, and the line stays.
        case swallow
        /// The client gets an error of the server instead, with the labels that belong to it.
        case fail(code: Int32)
    }

    /// Counted from 1; see ``MongoCommandProxy`` for what counts.
    package var number: Int
    package var moment: Moment
    package var action: Action

    package init(_ action: Action, at moment: Moment, of number: Int) {
        self.action = action
        self.moment = moment
        self.number = number
    }

    package var description: String {
        let what =
            switch action {
            case .kill: "kill -9"
            case .close: "cut"
            case .swallow: "lost"
            case .fail(let code): "error \(code)"
            }
        return "\(what) at the \(moment) of \(number)"
    }
}
