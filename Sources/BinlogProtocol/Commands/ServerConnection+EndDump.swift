extension ServerConnection {
    /// Makes the server end its side of the stream now, through a second connection.
    ///
    /// Left alone, a server notices that we are gone only when two writes failed, so after up to
    /// two heartbeat periods on an idle server, and shows a dump thread until then. Works after
    /// cancelling too. A stream that has ended already needs nothing and gets nothing.
    ///
    /// - Throws: ``BinlogError`` when the second connection fails; nothing is lost then, the server
    ///   just notices later.
    package func endDump(within timeout: Duration = .seconds(2)) throws(BinlogError) {
        switch dumpState {
        case .notStarted, .ended, .failed(_, isSending: false): return
        case .running:
            dumpState = .failed(
                BinlogError(.cancelled, "The log was left before its end."), isSending: false)
        case .failed(let error, isSending: true): dumpState = .failed(error, isSending: false)
        }
        var options = options
        options.connectTimeout = timeout
        let second = try ServerConnection.connect(options, cancellation: Cancellation())
        if try second.seesDump(of: self, timeout: timeout) {
            do {
                _ = try second.query("KILL \(greeting.connectionID)", timeout: timeout)
            } catch {
                let unknownThread: UInt16 = 1094
                guard error.code == .serverError(unknownThread) else { throw error }
            }
        }
        try second.quit()
    }

    /// Whether the server of this connection is the one that sends `other` its log, under the same number.
    ///
    /// Behind a proxy or a name the second connection can lead to another server, where the number is a stranger's.
    private func seesDump(
        of other: ServerConnection, timeout: Duration
    ) throws(BinlogError) -> Bool {
        let identity = try query("SELECT \(identityExpression)", timeout: timeout).singleValue
        guard let identity, identity == other.sourceIdentity
        else { return false }
        let command =
            switch options.flavor {
            case .mysql: "Binlog Dump GTID"
            case .mariadb: "Binlog Dump"
            }
        // The second is for servers that do not have the first, or have it switched off.
        for schema in ["performance_schema", "information_schema"] {
            do {
                let listed = try query(
                    "SELECT user, command FROM \(schema).processlist WHERE id = "
                        + "\(other.greeting.connectionID)", timeout: timeout
                ).rows.first
                if let listed {
                    return listed == [options.user, command]
                }
            } catch {
                switch error.code {
                case .privilege, .serverError: continue
                default: throw error
                }
            }
        }
        return false
    }
}
