internal import Foundation

/// A name and a value that the server shows in `performance_schema.session_connect_attrs`.
package struct ConnectionAttribute: Sendable, Hashable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Tells a database administrator who holds this connection.
    package static func ofThisProcess() -> [ConnectionAttribute] {
        #if os(Linux)
        let system = "Linux"
        #else
        let system = "macOS"
        #endif
        return [
            ConnectionAttribute("_client_name", "sdl"),
            ConnectionAttribute("program_name", "sdl"),
            ConnectionAttribute("_pid", String(getpid())),
            ConnectionAttribute("_os", system),
        ]
    }
}
