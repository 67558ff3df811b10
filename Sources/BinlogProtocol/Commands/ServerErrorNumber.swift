/// The error numbers of MySQL and MariaDB that mean more to us than "failed".
///
/// https://dev.mysql.com/doc/mysql-errors/9.7/en/server-error-reference.html
enum ServerErrorNumber {
    /// Overload, shutdown, killed connections and timeouts: a new connection can work.
    static let transient: Set<UInt16> = [
        1040, 1053, 1077, 1079, 1080, 1152, 1154, 1158, 1159, 1160, 1161, 1184, 1203, 1205, 1213,
        1226, 1317, 1836, 1927, 3024, 3032, 3169, 4031,
    ]

    /// Wrong user or password, locked or expired accounts, hosts that are not let in.
    private static let authentication: Set<UInt16> = [
        1044, 1045, 1129, 1130, 1251, 1275, 1524, 1698, 1820, 1862, 3118, 3955, 4151,
    ]

    /// A privilege is missing for what we asked for.
    static let privilege: Set<UInt16> = [1044, 1142, 1143, 1227, 1370, 1419]

    private static let secureTransportRequired: UInt16 = 3159

    static func errorWhileConnecting(_ error: ErrorPacket, user: String) -> BinlogError {
        let said = "error \(error.number): \(error.message)"
        if authentication.contains(error.number) {
            return BinlogError(
                .authentication,
                "The server refused user '\(user)' (\(said)). Check MYSQL_USER, MYSQL_PASS and the "
                    + "account's host.")
        }
        if error.number == secureTransportRequired {
            return BinlogError(
                .tls, "The server wants TLS (\(said)). Set MYSQL_TLS_MODE=required.")
        }
        return BinlogError(
            .serverError(error.number), "The server refused the connection (\(said)).")
    }

    /// `action` says what we asked for, as the end of "The server refused …".
    static func error(_ error: ErrorPacket, action: String) -> BinlogError {
        let said = "error \(error.number): \(error.message)"
        if privilege.contains(error.number) {
            return BinlogError(
                .privilege, "The server refused \(action) (\(said)). Grant the privilege it names.")
        }
        return BinlogError(.serverError(error.number), "The server refused \(action) (\(said)).")
    }
}
