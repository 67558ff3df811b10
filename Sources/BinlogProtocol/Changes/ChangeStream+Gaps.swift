extension ChangeStream {
    /// Whether what cannot be decoded becomes a gap: nobody may have changed it on its way.
    var makesGaps: Bool {
        onUndecodable == .gap && (isLineIntact || decoder.checksum == .crc32)
    }

    /// Decodes an event out of the log; nil when it could not be and became a gap.
    mutating func decode(_ bytes: [UInt8]) throws(DecodingError) -> BinlogEvent? {
        do {
            let event = try decoder.decode(bytes)
            advance(event.header)
            return event
        } catch {
            // What is wrong with the frame or the checksum is thrown from here.
            let header = try decoder.frame(bytes).header
            advance(header)
            if mayBeEarlier(header.type) {
                undecidedIncident = UndecidedIncident(
                    position: eventPosition, bytes: bytes, error: error)
                return nil
            }
            guard canPass(header.type, bytes, error) else { throw error }
            pass(header.type, bytes, error)
            return nil
        }
    }

    /// Whether an event is an incident that may stand before the position that was asked for.
    ///
    /// MariaDB reads its log from the start of a file and leaves out the transactions that are known. An incident is in
    /// none and is sent, with every connection, until a new file begins.
    private func mayBeEarlier(_ type: EventType) -> Bool {
        type == .incident && asksForIncidents && !hasBegun && state == .idle
            && decoder.format?.flavor == .mariadb
    }

    /// Answers the question whether ``undecidedIncident`` stands before the position that was asked for.
    ///
    /// - Throws: ``DecodingError`` for one behind it that no gap may stand for.
    package mutating func decideIncident(isEarlier: Bool) throws(DecodingError) {
        guard let incident = undecidedIncident else { return }
        undecidedIncident = nil
        if isEarlier { return }
        guard canPass(.incident, incident.bytes, incident.error) else { throw incident.error }
        pass(.incident, incident.bytes, incident.error)
    }

    /// Decodes an event out of a compressed transaction; nil when it could not be and became a gap.
    mutating func decodePayloadEvent(_ bytes: [UInt8]) throws(DecodingError) -> BinlogEvent? {
        do {
            return try decoder.decodePayloadEvent(bytes)
        } catch {
            let header = try decoder.framePayloadEvent(bytes).header
            guard canPass(header.type, bytes, error) else { throw error }
            pass(header.type, bytes, error)
            return nil
        }
    }

    /// Events between two transactions that are passed over, and the bytes of one of them, before it is a stop.
    private static let gapsBeforeMax = 100
    private static let bytesBeforeMax = 1 << 20

    /// Whether a gap may stand for an event.
    private func canPass(
        _ type: EventType, _ bytes: [UInt8], _ error: DecodingError
    ) -> Bool {
        guard makesGaps, error.concernsBytes, error.code != EventDecoder.noTableMap,
            !type.isStructural
        else { return false }
        switch state {
        case .idle:
            // It has to wait for a transaction that it can be stored with.
            return type.needsNoTransaction && gapsBefore.count < Self.gapsBeforeMax
                && bytes.count <= Self.bytesBeforeMax
        case .begun: return true
        case .group: return type != .transactionPayload
        }
    }

    private mutating func pass(_ type: EventType, _ bytes: [UInt8], _ error: DecodingError) {
        if state == .idle {
            gapsBefore.append(
                Gap(event: type, error: error, place: place, bytes: bytes, isBefore: true))
            return
        }
        queue.append(.gap(Gap(event: type, error: error, place: place, bytes: bytes)))
        if type == .transactionPayload {
            end(.committed(xid: nil))
            return
        }
        if decoder.passOver(type, bytes) { query = nil }
        // The event may have been the whole transaction: what comes next says whether it was.
        if state == .begun { mayBeOver = true }
    }

    /// Tells of the gaps that stood before the transaction that begins.
    mutating func tellGapsBefore() {
        if gapsBefore.isEmpty { return }
        queue.append(contentsOf: gapsBefore.map { .gap($0) })
        swap(&toldGapsBefore, &gapsBefore)
    }

    /// Takes one event out of the compressed transaction that is being read.
    mutating func readPayload(_ reader: TransactionPayloadReader) throws(DecodingError) {
        let inner: [UInt8]?
        do {
            inner = try reader.next()
        } catch {
            guard makesGaps, error.concernsBytes, state != .idle else { throw error }
            passRestOfPayload(error)
            return
        }
        if let inner {
            if let event = try decodePayloadEvent(inner) { try handle(event) }
            return
        }
        payload = nil
        payloadBytes = []
        endIfOver()
        guard state == .idle else {
            throw DecodingError(
                .invalid("TRANSACTION_PAYLOAD_EVENT: the transaction has no end"), at: 0)
        }
    }

    private mutating func passRestOfPayload(_ error: DecodingError) {
        queue.append(
            .gap(
                Gap(event: .transactionPayload, error: error, place: place, bytes: payloadBytes)))
        payload = nil
        payloadBytes = []
        // Whether an XA transaction was only prepared stood in what cannot be read: the safe one of both.
        end(xa.map { .prepared($0) } ?? .committed(xid: nil))
    }

    /// Ends a transaction of which nothing but gaps came, when what follows shows that it is over.
    mutating func endIfOver(before event: BinlogEvent) {
        guard mayBeOver else { return }
        let header = event.header
        switch event.body {
        case .gtid, .heartbeat: endIfOver()
        // The server closes a file between transactions, unless it dies.
        case .rotate where !header.flags.contains(.artificial): endIfOver()
        case .irrelevant where header.type == .stop: endIfOver()
        default: break
        }
    }

    private mutating func endIfOver() {
        if mayBeOver, state == .begun { end(.committed(xid: nil)) }
    }

    /// Says that the log ends here, behind the last event.
    ///
    /// - Returns: whether that ends a transaction, so that ``next()`` gives something more.
    package mutating func finish() -> Bool {
        endIfOver()
        return !queue.isEmpty
    }
}
