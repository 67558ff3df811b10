package import BinlogProtocol

extension StartPosition {
    package static let allowed =
        "current, earliest, or a GTID set such as 3e11fa47-71ca-11e1-9e33-c80aa9429562:1-23 (MariaDB: 0-1-100)"

    /// Reads `current`, `earliest` or a GTID set, or throws one sentence about `name`.
    package init(parsing text: String, name: String) throws(CommandFailure) {
        switch text.lowercased() {
        case "current": self = .current
        case "earliest": self = .earliest
        default: self = .after(try parseGTIDSet(text, name: name, allowed: Self.allowed))
        }
    }
}

/// Where a run with `--until` ends.
package enum EndPosition: Sendable, Equatable {
    /// What the server had executed when we asked it, at the start.
    case current
    /// As soon as all of these transactions are done.
    case gtidSet(GTIDSet)

    /// Reads `current` or a GTID set, or throws one sentence about `name`.
    package init(parsing text: String, name: String) throws(CommandFailure) {
        self =
            text.lowercased() == "current"
            ? .current
            : .gtidSet(
                try parseGTIDSet(text, name: name, allowed: "current or a GTID set"))
    }
}

private func parseGTIDSet(
    _ text: String, name: String, allowed: String
) throws(CommandFailure) -> GTIDSet {
    let shown = Escaping.escaped(text, bytesMax: 100)
    let refusal = CommandFailure(.usage, "\(name) must be \(allowed), not “\(shown)”.")
    let set: GTIDSet
    do throws(DecodingError) {
        set = try GTIDSet(parsing: text)
    } catch {
        throw refusal
    }
    // An empty text, as an unset variable of a script gives it, would mean everything or an end at once.
    guard !set.isEmpty else { throw refusal }
    return set
}
