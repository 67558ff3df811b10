internal import Foundation

/// Whether to write for eyes or for programs.
package enum Terminal {
    /// Colour only on a terminal that can show it, and only if NO_COLOR is not set.
    package static func isColoured(_ descriptor: Int32, environment: [String: String]) -> Bool {
        isColoured(isTerminal: isatty(descriptor) == 1, environment: environment)
    }

    package static func isColoured(isTerminal: Bool, environment: [String: String]) -> Bool {
        let isOff = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        return isTerminal && !isOff && environment["TERM"] != "dumb"
    }
}
