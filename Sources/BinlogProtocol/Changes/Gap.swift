/// What to do with an event, or a part of one, that cannot be decoded.
public enum UndecodablePolicy: String, Sendable, CaseIterable {
    /// Stop there, with an error that names the place.
    case stop
    /// Say so in a ``Change/gap(_:)`` within its transaction and go on behind it.
    ///
    /// Only for what cannot be decoded though it came whole: a wrong checksum, an event at the wrong place, an
    /// encrypted file, and an event that decides where a transaction begins or ends stop all the same. Without
    /// checksums and without TLS nobody can tell what came whole, and everything stops.
    case gap
}

/// Where an event lies in its log.
public struct EventPlace: Sendable, Equatable {
    /// Where it begins.
    public let start: BinlogPosition
    /// Where it ends, in the same file.
    public let endOffset: UInt64

    /// The place behind it.
    public var end: BinlogPosition { BinlogPosition(file: start.file, offset: endOffset) }

    /// Makes a place from its parts.
    public init(start: BinlogPosition, endOffset: UInt64) {
        self.start = start
        self.endOffset = endOffset
    }
}

/// An event that could not be decoded and was passed over, as ``UndecodablePolicy/gap`` says.
///
/// One between two transactions, as MariaDB logs an incident, comes behind the ``Change/begin(_:)`` of the next.
public struct Gap: Sendable {
    /// The type that its header names.
    public let event: EventType
    /// Why it could not be decoded.
    public let error: DecodingError
    /// Where it lies; of an event in a compressed transaction that one's place.
    public let place: EventPlace
    /// The whole event as it came.
    public let bytes: [UInt8]
    /// Whether the event stood before the transaction and is no part of it.
    public let isBefore: Bool

    /// Whether the source says that it lost events here.
    public var isIncident: Bool {
        if case .incident = error.code { true } else { false }
    }

    /// Whether the event holds the text of a statement, in which there can be a password.
    public var holdsStatement: Bool { event.holdsStatement }

    /// Makes a gap from its parts.
    public init(
        event: EventType, error: DecodingError, place: EventPlace, bytes: [UInt8],
        isBefore: Bool = false
    ) {
        self.isBefore = isBefore
        self.event = event
        self.error = error
        self.place = place
        self.bytes = bytes
    }
}

extension DecodingError {
    /// Whether the bytes themselves are the reason, so that no other line and no other machine would help.
    package var concernsBytes: Bool {
        switch code {
        case .checksumMismatch, .unable: false
        case .truncated, .trailingBytes, .invalid, .unsupported, .incident: true
        }
    }
}

extension EventType {
    /// Whether the event decides where a transaction begins or ends, or how the log goes on: without it nothing behind it
    /// has a certain meaning.
    var isStructural: Bool {
        switch self {
        case .query, .queryCompressed, .xid, .xaPrepare, .gtid, .anonymousGTID, .gtidTagged,
            .domainGTID, .gtidList, .previousGTIDs, .rotate, .stop, .formatDescription,
            .startEncryption, .heartbeat, .heartbeatV2:
            true
        default: false
        }
    }

    /// Whether the event may stand between transactions, as far as anybody knows.
    var needsNoTransaction: Bool { self == .incident || !isKnown }

    /// Whether the event holds a statement's text or the value of a variable in one.
    fileprivate var holdsStatement: Bool {
        switch self {
        case .rowsQuery, .annotateRows, .executeLoadQuery, .beginLoadQuery, .appendBlock, .userVar:
            true
        default: false
        }
    }
}
