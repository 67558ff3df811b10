/// The error numbers of MySQL and MariaDB that mean more to us than "failed".
///
/// https://dev.mysql.com/doc/mysql-errors/9.7/en/server-error-reference.html
enum ServerErrorNumber {
    /// Overload, shutdown, killed connections and timeouts: a new connection can work.
    static let transient: Set<UInt16> = [
        1040, 1041, 1042, 1053, 1077, 1079, 1080, 1135, 1152, 1154, 1158, 1159, 1160, 1161, 1184,
        1203, 1205, 1213,
        1226, 1317, 1836, 1927, 3024, 3032, 3169, 4031,
    ]

    /// Wrong user or password, locked or expired accounts, hosts that are not let in.
    private static let authentication: Set<UInt16> = [
        1044, 1045, 1129, 1130, 1251, 1275, 1524, 1698, 1820, 1862, 3118, 3955, 4151,
    ]

    /// A privilege is missing for what we asked for.
    static let privilege: Set<UInt16> = [1044, 1142, 1143, 1227, 1370, 1419]

    /// What helps against refusals that are not about the user's name or password.
    private static let authenticationAdvice: [UInt16: String] = [
        1129: "Unblock this host on the server: TRUNCATE TABLE performance_schema.host_cache;",
        1820: newPassword,
        1862: newPassword,
        3118: unlock,
        4151: unlock,
    ]
    private static let unlock =
        "Unlock the account on the server: ALTER USER … ACCOUNT UNLOCK;"
    private static let newPassword =
        "Its password has expired; set a new one on the server: ALTER USER … IDENTIFIED BY …;"
    private static let passwordExpired: UInt16 = 1820

    private static let secureTransportRequired: UInt16 = 3159
    private static let compressionRequired: UInt16 = 3922

    static func errorWhileConnecting(_ error: ErrorPacket, user: String) -> BinlogError {
        let said = "error \(error.number): \(error.message)"
        if authentication.contains(error.number) {
            let advice =
                authenticationAdvice[error.number]
                ?? "Check MYSQL_USER, MYSQL_PASS and the account's host."
            return BinlogError(
                .authentication, "The MySQL server refused user '\(user)' (\(said)). \(advice)")
        }
        if error.number == secureTransportRequired {
            return BinlogError(
                .tls, "The MySQL server wants TLS (\(said)). Set MYSQL_TLS_MODE=required.")
        }
        if error.number == compressionRequired {
            return BinlogError(
                .configuration,
                "The MySQL server wants compression (\(said)). Set MYSQL_COMPRESSION to one of the server's "
                    + "protocol_compression_algorithms.")
        }
        return BinlogError(
            .serverError(error.number), "The MySQL server refused the connection (\(said)).")
    }

    /// `action` says what we asked for, as the end of "The MySQL server refused …".
    static func error(_ error: ErrorPacket, action: String) -> BinlogError {
        let said = "error \(error.number): \(error.message)"
        // With an expired password one may log in, and do nothing else.
        if error.number == passwordExpired {
            return BinlogError(
                .authentication, "The MySQL server refused \(action) (\(said)). \(newPassword)")
        }
        if privilege.contains(error.number) {
            return BinlogError(
                .privilege,
                "The MySQL server refused \(action) (\(said)). Grant the privilege it names.")
        }
        return BinlogError(
            .serverError(error.number), "The MySQL server refused \(action) (\(said)).")
    }
}
