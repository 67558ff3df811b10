internal import Foundation

/// What the log delivered next.
package enum DumpItem: Sendable, Equatable {
    /// A whole event from its header on, with its checksum when there is one.
    case event([UInt8])
    /// The deadline passed; nothing is lost, call again.
    case timedOut
    /// The server has nothing more and says so (only after asking not to wait, or at shutdown).
    case end
}

/// Whether the connection follows the log.
enum DumpState {
    case notStarted
    case running
    case ended
    case failed(BinlogError)
}

extension ServerConnection {
    /// Silence of so many heartbeat periods is a lost connection.
    private static let silentPeriodsMax = 3
    private static let netTimeoutSeconds = 3600

    /// Asks for every transaction outside `executed`; from then on only ``nextEvent(until:)`` works.
    ///
    /// - Parameters:
    ///   - replicaUUID: the same for every run of one stream: the server ends an older stream of
    ///     the same replica, so that our own ghost does not linger.
    ///   - isNonBlocking: end at the end of the log instead of waiting for more.
    /// - Returns: whether events before the first format description carry a CRC-32.
    /// - Throws: ``BinlogError`` with code `privilege` without REPLICATION SLAVE, `configuration`,
    ///   `connectionLost`, `corrupt`, `cancelled`, or the server's own error.
    package func beginDump(
        from executed: GTIDSet, replicaUUID: ServerUUID, isNonBlocking: Bool = false
    ) throws(BinlogError) -> Bool {
        guard options.flavor == .mysql else {
            throw BinlogError(.configuration, "Following a MariaDB log is not supported yet.")
        }
        guard options.serverID != 0 else {
            throw BinlogError(.configuration, "MYSQL_SERVER_ID must not be 0.")
        }
        let checksum = try prepareSession(replicaUUID: replicaUUID)
        try registerReplica()
        let request = BinlogDumpGTID(
            serverID: options.serverID, executed: executed, isNonBlocking: isNonBlocking)
        try send(request.encoded(), until: ContinuousClock.now.advanced(by: .seconds(60)))
        dumpState = .running
        stream.silenceLimit = options.heartbeatPeriod * ServerConnection.silentPeriodsMax
        return checksum
    }

    /// The next event of the log.
    ///
    /// - Throws: ``BinlogError`` as the server's error packet means, `connectionLost` also after
    ///   three heartbeat periods of silence, `corrupt`, or `cancelled`.
    package func nextEvent(
        until deadline: ContinuousClock.Instant
    ) throws(BinlogError) -> DumpItem {
        switch dumpState {
        case .running: break
        case .ended: return .end
        case .failed(let error): throw error
        case .notStarted: preconditionFailure("nextEvent() before beginDump()")
        }
        do {
            return try readItem(until: deadline)
        } catch {
            // Cancelled or unreadable, the server still sends: quit() ends that. In all other
            // cases it has ended the stream, or will when we come back as the same replica.
            if error.code != .cancelled, error.code != .corrupt { dumpState = .failed(error) }
            throw error
        }
    }

    private func readItem(
        until deadline: ContinuousClock.Instant
    ) throws(BinlogError) -> DumpItem {
        let packet: (status: UInt8, body: [UInt8])?
        do {
            packet = try stream.receiveWithStatus(
                bytesMax: Limits.packetBytesMax, until: deadline)
        } catch {
            throw BinlogError(connected: error, to: options.address)
        }
        guard let packet else { return .timedOut }
        switch packet.status {
        case 0x00:
            return .event(packet.body)
        case 0xfe where packet.body.count < 8:
            dumpState = .ended
            return .end
        case 0xff:
            let error = refusal([0xff] + packet.body)
            dumpState = .failed(error)
            throw error
        default:
            throw BinlogError(
                .corrupt,
                "The server at \(options.address) sent a packet of type \(packet.status) within "
                    + "the log.")
        }
    }

    private func refusal(_ packet: [UInt8]) -> BinlogError {
        var reader = ByteReader(packet)
        do {
            return StreamErrors.classify(try ErrorPacket(from: &reader))
        } catch {
            return malformedAnswer(error)
        }
    }

    /// Makes the server end its side of the stream now, through a second connection.
    ///
    /// Left alone, a server notices that we are gone only when two writes failed, so after up to
    /// two heartbeat periods on an idle server, and shows a dump thread until then. Works after
    /// cancelling too. A stream that has ended already needs nothing and gets nothing.
    ///
    /// - Throws: ``BinlogError`` when the second connection fails; nothing is lost then, the server
    ///   just notices later.
    package func endDump(within timeout: Duration = .seconds(2)) throws(BinlogError) {
        guard case .running = dumpState else { return }
        dumpState = .ended
        var options = options
        options.connectTimeout = timeout
        let second = try ServerConnection.connect(options, cancellation: Cancellation())
        do {
            _ = try second.query("KILL \(greeting.connectionID)", timeout: timeout)
        } catch {
            let unknownThread: UInt16 = 1094
            guard error.code == .serverError(unknownThread) else { throw error }
        }
        try second.quit()
    }

    /// Sets both the old and the new name of each variable: which one counts depends on the version.
    private func prepareSession(replicaUUID: ServerUUID) throws(BinlogError) -> Bool {
        let period = options.heartbeatPeriod.components
        let (whole, overflow) = period.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let nanoseconds = overflow ? Int64.max : whole + period.attoseconds / 1_000_000_000
        guard nanoseconds >= 1_000_000, nanoseconds <= 4_294_967_000_000_000 else {
            throw BinlogError(
                .configuration, "The heartbeat period must be from 1 ms to 4,294,967 s.")
        }
        _ = try query(
            """
            SET @source_heartbeat_period = \(nanoseconds), \
            @master_heartbeat_period = \(nanoseconds), \
            @source_binlog_checksum = @@global.binlog_checksum, \
            @master_binlog_checksum = @@global.binlog_checksum, \
            @replica_uuid = '\(replicaUUID)', @slave_uuid = '\(replicaUUID)', \
            SESSION net_write_timeout = \(ServerConnection.netTimeoutSeconds), \
            SESSION net_read_timeout = \(ServerConnection.netTimeoutSeconds)
            """)
        let checksum = try query("SELECT @source_binlog_checksum").singleValue
        switch checksum?.uppercased() {
        case "NONE": return false
        case "CRC32": return true
        default:
            throw BinlogError(
                .undecodable,
                "The server's binlog_checksum is \(checksum ?? "NULL"), which is not known here.")
        }
    }

    private func registerReplica() throws(BinlogError) {
        let command = RegisterReplica(
            serverID: options.serverID, host: ProcessInfo.processInfo.hostName)
        let deadline = ContinuousClock.now.advanced(by: .seconds(60))
        try send(command.encoded(), until: deadline)
        let packet = try receive(until: deadline)
        if packet.first == 0xff { throw refusal(packet) }
        var reader = ByteReader(packet)
        do {
            _ = try OKPacket(from: &reader)
        } catch {
            throw malformedAnswer(error)
        }
    }
}
