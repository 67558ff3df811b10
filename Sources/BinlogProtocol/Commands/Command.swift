/// The commands that we send, by the number that the protocol gives them.
///
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_command_phase.html
enum Command {
    /// Asks the server to close the connection.
    static let quit: [UInt8] = [0x01]

    /// Runs one statement and answers in text.
    static func query(_ sql: String) -> [UInt8] {
        [0x03] + Array(sql.utf8)
    }
}
