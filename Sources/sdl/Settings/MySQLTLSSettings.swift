internal import BinlogProtocol

/// Reads the MYSQL_TLS_ settings.
enum MySQLTLSSettings {
    static func read(
        _ reader: inout SettingsReader, for address: ServerAddress?, isUsed: Bool
    ) -> TLSOptions {
        let standard = address.map { TLSOptions.Mode.standard(for: $0) } ?? .required
        let options = TLSOptions(
            mode: reader.choice(.mysqlTLSMode, default: standard),
            caFile: reader.text(.mysqlTLSCA), certificateFile: reader.text(.mysqlTLSCert),
            keyFile: reader.text(.mysqlTLSKey))
        if (options.certificateFile == nil) != (options.keyFile == nil) {
            reader.refuse(
                "MYSQL_TLS_CERT and MYSQL_TLS_KEY belong together; set both or neither.")
        }
        return options
    }
}
