internal import Foundation

/// What the log delivered next.
package enum DumpItem: Sendable, Equatable {
    /// A whole event from its header on, with its checksum when there is one.
    case event([UInt8])
    /// An event that is to be read with ``ServerConnection/readEvent(into:)``, to its end and before anything else.
    case largeEvent
    /// The deadline passed; nothing is lost, call again.
    case timedOut
    /// The server has nothing more and says so; only after asking not to wait.
    case end
}

/// Whether the connection follows the log.
enum DumpState {
    case notStarted
    case running(isNonBlocking: Bool)
    case ended
    /// `isSending`: the server does not know yet that nobody reads any more.
    case failed(BinlogError, isSending: Bool)
}

extension ServerConnection {
    /// Silence of so many heartbeat periods is a lost connection.
    private static let silentPeriodsMax = 3
    /// A server that looks for our position in its files may send no heartbeat meanwhile: MySQL nothing at all, MariaDB
    /// what stands at the beginning of a file and is no part of a transaction.
    static let searchLimit: Duration = .seconds(600)
    private static let eventsOfSearch: Set<EventType> = [
        .rotate, .formatDescription, .previousGTIDs, .gtidList, .startEncryption,
    ]

    /// Asks for every transaction outside `executed`; from then on only ``nextEvent(until:)`` works.
    ///
    /// - Parameters:
    ///   - replicaUUID: the same for every run of one stream: the server ends an older stream of
    ///     the same replica, so that our own ghost does not linger. MariaDB knows a replica by `serverID` alone.
    ///   - isNonBlocking: end at the end of the log instead of waiting for more.
    /// - Returns: whether events before the first format description carry a CRC-32.
    /// - Throws: ``BinlogError`` with code `privilege` without REPLICATION SLAVE, `configuration`,
    ///   `connectionLost`, `corrupt`, `cancelled`, or the server's own error.
    package func beginDump(
        from executed: GTIDSet, replicaUUID: ServerUUID, isNonBlocking: Bool = false
    ) throws(BinlogError) -> Bool {
        guard options.serverID != 0 else {
            throw BinlogError(.configuration, "MYSQL_SERVER_ID must not be 0.")
        }
        let checksum = try prepareSession(from: executed, replicaUUID: replicaUUID)
        try registerReplica()
        let request =
            switch options.flavor {
            case .mysql:
                BinlogDumpGTID(
                    serverID: options.serverID, executed: executed, isNonBlocking: isNonBlocking
                ).encoded()
            case .mariadb:
                BinlogDump(serverID: options.serverID, isNonBlocking: isNonBlocking).encoded()
            }
        try send(request, until: ContinuousClock.now.advanced(by: .seconds(60)))
        dumpState = .running(isNonBlocking: isNonBlocking)
        silenceLimit = options.heartbeatPeriod * ServerConnection.silentPeriodsMax
        stream.silenceLimit = max(ServerConnection.searchLimit, silenceLimit)
        return checksum
    }

    /// The next event of the log.
    ///
    /// - Throws: ``BinlogError`` as the server's error packet means, `connectionLost` also after
    ///   three heartbeat periods of silence, `corrupt`, or `cancelled`; the same from then on.
    package func nextEvent(
        until deadline: ContinuousClock.Instant
    ) throws(BinlogError) -> DumpItem {
        let isNonBlocking: Bool
        switch dumpState {
        case .running(let value): isNonBlocking = value
        case .ended: return .end
        case .failed(let error, _): throw error
        case .notStarted: preconditionFailure("nextEvent() before beginDump()")
        }
        do {
            return try readItem(until: deadline, isNonBlocking: isNonBlocking)
        } catch {
            // Cancelled or unreadable, the server still sends: quit() ends that. In all other
            // cases it has ended the stream, or will when we come back as the same replica.
            let isSending = error.code == .cancelled || error.code == .corrupt
            dumpState = .failed(error, isSending: isSending)
            throw error
        }
    }

    private func readItem(
        until deadline: ContinuousClock.Instant, isNonBlocking: Bool
    ) throws(BinlogError) -> DumpItem {
        let packet: (status: UInt8, body: [UInt8])?
        do {
            packet =
                splitsLargeEvents
                ? try receiveInPieces(until: deadline)
                : try stream.receiveWithStatus(bytesMax: Limits.packetBytesMax, until: deadline)
        } catch {
            throw BinlogError(connected: error, to: options.address)
        }
        guard let packet else {
            guard isInLargeEvent else { return .timedOut }
            stream.silenceLimit = silenceLimit
            return .largeEvent
        }
        if !isSearching(packet) { stream.silenceLimit = silenceLimit }
        switch packet.status {
        case 0x00:
            return .event(packet.body)
        case 0xfe where packet.body.count < 8:
            // A log that is waited for has no end: the server was shut down, or our thread there killed.
            guard isNonBlocking else {
                throw BinlogError(
                    .connectionLost, "The MySQL server at \(options.address) ended the stream.")
            }
            dumpState = .ended
            return .end
        case 0xff:
            throw refusal([0xff] + packet.body)
        default:
            throw BinlogError(
                .corrupt,
                "The MySQL server at \(options.address) sent a packet of type \(packet.status) within "
                    + "the log.")
        }
    }

    /// The next packet; nil with `isInLargeEvent` set when it is an event to be read in pieces.
    private func receiveInPieces(
        until deadline: ContinuousClock.Instant
    ) throws(TransportError) -> (status: UInt8, body: [UInt8])? {
        let packet = try stream.receiveInPieces(
            bytesMax: Limits.packetBytesMax, until: deadline)
        switch packet {
        case nil: return nil
        case .whole(let status, let body): return (status, body)
        case .pieces(0x00):
            isInLargeEvent = true
            return nil
        // No error and no end has so many bytes: what it is is told by its status.
        case .pieces(let status): return (status, [UInt8](repeating: 0, count: 8))
        }
    }

    /// Reads on in an event that ``nextEvent(until:)`` announced as ``DumpItem/largeEvent``; waits as long as it comes.
    ///
    /// - Returns: the number of bytes, at least 1; 0 behind the event's end.
    /// - Throws: what ``nextEvent(until:)`` throws; the same from then on.
    package func readEvent(
        into space: UnsafeMutableRawBufferPointer
    ) throws(BinlogError) -> Int {
        if case .failed(let error, _) = dumpState { throw error }
        do {
            let count = try stream.readPiece(into: space, bytesMax: Limits.packetBytesMax)
            if count == 0 { isInLargeEvent = false }
            return count
        } catch {
            let error = BinlogError(connected: error, to: options.address)
            dumpState = .failed(
                error, isSending: error.code == .cancelled || error.code == .corrupt)
            throw error
        }
    }

    /// Whether the server may still be looking for our position after this packet.
    private func isSearching(_ packet: (status: UInt8, body: [UInt8])) -> Bool {
        guard packet.status == 0, packet.body.count > EventHeader.typeOffset else { return false }
        return ServerConnection.eventsOfSearch.contains(
            EventType(rawValue: packet.body[EventHeader.typeOffset]))
    }

    private func refusal(_ packet: [UInt8]) -> BinlogError {
        var reader = ByteReader(packet)
        do {
            return StreamErrors.classify(try ErrorPacket(from: &reader))
        } catch {
            return malformedAnswer(error)
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
