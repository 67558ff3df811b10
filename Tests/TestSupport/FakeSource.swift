internal import BinlogProtocol

/// What a fake server says of itself before it sends its log.
package struct FakeSource: Sendable {
    package static let uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562"

    package var checksum = "CRC32"
    package var owned = ""
    package var executed = ""
    package var purged = ""
    package var uuid = FakeSource.uuid
    /// The answer to a replica that announces itself.
    package var registration = FakePackets.ok

    package init() {}

    /// The packets that answer a statement; a statement that is not foreseen is the test's failure.
    func answer(to sql: String) throws -> [[UInt8]] {
        switch sql {
        case "SELECT @source_binlog_checksum, @@global.server_uuid":
            row([checksum, uuid])
        case "SELECT @@global.server_uuid": row([uuid])
        case "SELECT @@global.gtid_owned": row([owned])
        case "SELECT @@global.gtid_executed": row([executed])
        case "SELECT @@global.gtid_purged": row([purged])
        case _ where sql.hasPrefix("SHOW GLOBAL VARIABLES"):
            FakePackets.result(
                columns: ["Variable_name", "Value"],
                rows: [
                    ["version", "9.7.0"], ["server_id", "1"], ["server_uuid", uuid],
                    ["log_bin", "ON"], ["gtid_mode", "ON"], ["binlog_format", "ROW"],
                    ["binlog_row_metadata", "FULL"],
                ])
        case _ where sql.hasPrefix("SET "): [FakePackets.ok]
        default: throw FakeServer.Failure(description: "an unexpected statement came: \(sql)")
        }
    }

    private func row(_ values: [String?]) -> [[UInt8]] {
        FakePackets.result(columns: values.map { _ in "x" }, rows: [values])
    }
}

extension FakePeer {
    /// Lets the client in with any password, over a clear connection.
    package func playLogin() throws {
        try send(FakePackets.clearGreeting())
        _ = try receive()
        try send(FakePackets.fastAuthenticationDone)
        try send(FakePackets.ok)
    }

    /// Answers everything up to and including the request for the log.
    ///
    /// The next packet of the log has the sequence number 1.
    ///
    /// - Returns: every command that came, the request for the log last.
    @discardableResult
    package func playUntilDump(_ source: FakeSource = FakeSource()) throws -> [[UInt8]] {
        try playLogin()
        var commands: [[UInt8]] = []
        while true {
            let command = try receive()
            commands.append(command)
            switch command.first {
            case 0x03:
                let sql = String(decoding: command.dropFirst(), as: UTF8.self)
                for packet in try source.answer(to: sql) { try send(packet) }
            case 0x15: try send(source.registration)
            case 0x1e: return commands
            default: throw FakeServer.Failure(description: "an unexpected command came")
            }
        }
    }

    /// Sends events of the log, each in a packet of its own.
    package func send(events: [[UInt8]]) throws {
        for event in events { try send([0] + event) }
    }

    /// Plays the second connection, which ends the first one's log; `dump` is what the server lists for that one.
    ///
    /// - Returns: the statements that came.
    @discardableResult
    package func playEndOfDump(
        uuid: String = FakeSource.uuid, dump: [String?]? = ["u", "Binlog Dump GTID"]
    ) throws -> [String] {
        try playLogin()
        var statements: [String] = []
        while true {
            let command = try receive()
            guard command.first == 0x03 else { return statements }
            let sql = String(decoding: command.dropFirst(), as: UTF8.self)
            statements.append(sql)
            let answer: [[UInt8]]
            if sql == "SELECT @@global.server_uuid" {
                answer = FakePackets.result(columns: ["x"], rows: [[uuid]])
            } else if sql.contains(".processlist WHERE") {
                answer = FakePackets.result(
                    columns: ["user", "command"], rows: dump.map { [$0] } ?? [])
            } else {
                answer = [FakePackets.ok]
            }
            for packet in answer { try send(packet) }
        }
    }
}
