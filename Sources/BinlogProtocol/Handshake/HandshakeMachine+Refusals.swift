/// The sentences of a handshake that we end ourselves.
extension HandshakeMachine {
    static func secureWayMissing(_ plugin: AuthenticationPlugin, user: String) -> BinlogError {
        BinlogError(
            .authentication,
            "User '\(user)' logs in with \(plugin.rawValue), and the server wants the password "
                + "itself, which is not sent over a clear connection. Use TLS "
                + "(MYSQL_TLS_MODE=required), or give the server's public key "
                + "(MYSQL_SERVER_PUBLIC_KEY), or allow asking the server for it "
                + "(MYSQL_ALLOW_PUBLIC_KEY_RETRIEVAL=true).")
    }

    static func verifiedTLSMissing(user: String) -> BinlogError {
        BinlogError(
            .authentication,
            "The MySQL server wants user '\(user)' to log in with mysql_clear_password, which hands it the "
                + "password itself and is done only over TLS with a checked certificate: set "
                + "MYSQL_TLS_MODE=verify-identity, or verify-ca with MYSQL_TLS_CA.")
    }

    static func refused(_ plugin: String, user: String) -> BinlogError {
        let reason =
            switch plugin {
            case "mysql_old_password": "its hash has been broken for many years"
            default: "it is not implemented"
            }
        return BinlogError(
            .authentication,
            "The MySQL server wants user '\(user)' to log in with \(plugin), which is refused: \(reason). "
                + "Use an account with caching_sha2_password or mysql_native_password.")
    }

    static func notOffered(_ compression: Compression) -> BinlogError {
        BinlogError(
            .configuration,
            "The MySQL server offers no compression with \(compression.rawValue), which "
                + "MYSQL_COMPRESSION=\(compression.rawValue) asks for. Add it to the server's "
                + "protocol_compression_algorithms (MariaDB knows zlib only), or use another value."
        )
    }

    static func unexpected(_ first: UInt8) -> BinlogError {
        if first == 0xfb {
            return BinlogError(
                .corrupt,
                "The MySQL server asked for a local file instead of logging us in: refused.")
        }
        return BinlogError(
            .corrupt,
            "The MySQL server sent a packet of type \(first) that has no place while connecting.")
    }
}
