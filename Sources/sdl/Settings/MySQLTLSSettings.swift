internal import BinlogProtocol

/// Reads the MYSQL_TLS_ settings.
enum MySQLTLSSettings {
    /// - Parameter isUsed: false when nobody connects; there is nothing to warn of then.
    static func read(
        _ reader: inout SettingsReader, for address: ServerAddress?, isUsed: Bool
    ) -> TLSOptions {
        let authorities = reader.text(.mysqlTLSCA)
        // Who names an authority wants it asked.
        let standard =
            authorities != nil
            ? .verifyCA : address.map { TLSOptions.Mode.standard(for: $0) } ?? .required
        let options = TLSOptions(
            mode: reader.choice(.mysqlTLSMode, default: standard),
            caFile: authorities, certificateFile: reader.text(.mysqlTLSCert),
            keyFile: reader.text(.mysqlTLSKey))
        if (options.certificateFile == nil) != (options.keyFile == nil) {
            reader.refuse(
                "MYSQL_TLS_CERT and MYSQL_TLS_KEY belong together; set both or neither.")
        }
        if options.mode == .verifyCA, authorities == nil {
            reader.refuse(
                "MYSQL_TLS_MODE=verify-ca needs MYSQL_TLS_CA: without it, any server with a "
                    + "certificate of any public authority would pass. Set it, or use verify-identity."
            )
        }
        if isUsed { warn(&reader, options, address) }
        return options
    }

    private static func warn(
        _ reader: inout SettingsReader, _ options: TLSOptions, _ address: ServerAddress?
    ) {
        let mode = options.mode
        guard mode != .verifyCA, mode != .verifyIdentity else { return }
        if options.caFile != nil {
            reader.warn(
                "MYSQL_TLS_CA is not used with MYSQL_TLS_MODE=\(mode.rawValue): set verify-ca or "
                    + "verify-identity, or remove it.")
        }
        if let address, !address.isLocal {
            reader.warn(
                "The identity of the MySQL server at \(address) is not checked with "
                    + "MYSQL_TLS_MODE=\(mode.rawValue): set verify-identity across a network that "
                    + "you do not own.")
        }
    }
}
