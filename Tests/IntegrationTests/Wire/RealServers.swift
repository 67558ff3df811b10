import BinlogProtocol
import Foundation
import TestSupport

extension ServiceInstance {
    /// Options of the ordinary test account over TCP, without TLS checks.
    func options(
        user: String? = nil, password: String? = nil, tls: TLSOptions? = nil,
        overSocket: Bool = false, flavor: Flavor = .mysql
    ) throws -> ConnectionOptions {
        var options = ConnectionOptions(
            address: try ServerAddress(parsing: overSocket ? socket : address),
            user: try user ?? self.user, password: Secret(try password ?? self.password),
            tls: tls, flavor: flavor)
        options.serverID = UInt32.random(in: 1000...4_000_000)
        return options
    }

    /// A connection as root.
    func root() throws -> ServerConnection {
        try ServerConnection.connect(
            options(user: rootUser, password: rootPassword), cancellation: Cancellation())
    }
}

/// Runs statements one after the other.
func run(_ connection: ServerConnection, _ statements: [String]) throws {
    for statement in statements { _ = try connection.query(statement) }
}

/// The code of the error that `body` throws, which every caller compares.
func code(of body: () throws -> Void) -> BinlogError.Code? {
    do {
        try body()
        return nil
    } catch {
        return (error as? BinlogError)?.code
    }
}

/// The error that `body` throws.
func failure(of body: () throws -> Void) -> BinlogError? {
    do {
        try body()
        return nil
    } catch {
        return error as? BinlogError
    }
}

/// `close(2)`.
func closeDescriptor(_ descriptor: Int32) {
    close(descriptor)
}
