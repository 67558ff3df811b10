internal import BinlogProtocol

/// Reads the MYSQL_ settings.
enum MySQLSettings {
    static let defaultAddress = "127.0.0.1:3306"

    /// The options of a connection; nil when a problem was found.
    ///
    /// - Parameter isUsed: false when nobody connects; no account is needed then, and no file read.
    static func read(_ reader: inout SettingsReader, isUsed: Bool) -> ConnectionOptions? {
        let address = address(&reader)
        let user = reader.text(.mysqlUser, default: "")
        if isUsed, user.isEmpty {
            reader.refuse("MYSQL_USER is not set: name the MySQL account that follows the log.")
        }
        let password = password(&reader, isUsed: isUsed)
        let tls = MySQLTLSSettings.read(&reader, for: address, isUsed: isUsed)
        let serverID = reader.integer(.mysqlServerID, default: 2222, in: 1...Int(UInt32.max))
        let flavor = reader.choice(.mysqlFlavor, default: Flavor.mysql)
        let compression = reader.choice(.mysqlCompression, default: Compression.none)
        let retrieval = reader.flag(.mysqlAllowPublicKeyRetrieval, default: false)
        guard let address, let password, let number = UInt32(exactly: serverID) else { return nil }
        return ConnectionOptions(
            address: address, user: user, password: Secret(password), tls: tls,
            serverPublicKeyFile: reader.text(.mysqlServerPublicKey),
            allowPublicKeyRetrieval: retrieval, compression: compression, serverID: number,
            flavor: flavor)
    }

    private static func address(_ reader: inout SettingsReader) -> ServerAddress? {
        do throws(BinlogError) {
            return try ServerAddress(parsing: reader.text(.mysqlAddr, default: defaultAddress))
        } catch {
            reader.refuse("MYSQL_ADDR: \(error.message)")
            return nil
        }
    }

    private static func password(
        _ reader: inout SettingsReader, isUsed: Bool
    ) -> String? {
        let found = reader.source.alternatives(.mysqlPass, .mysqlPassFile)
        if found.count == 2 {
            reader.refuse("MYSQL_PASS and MYSQL_PASS_FILE are both set; keep one of them.")
            return nil
        }
        if let path = found[.mysqlPassFile] {
            return isUsed ? reader.secretFile(.mysqlPassFile, path) : ""
        }
        return found[.mysqlPass] ?? ""
    }
}
