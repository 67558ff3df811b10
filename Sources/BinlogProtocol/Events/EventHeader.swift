/// The 19 bytes that every binary log event begins with.
///
///     ┌───────────────┬─────────┬──────────────┬───────────────┬────────────────┬───────────┐
///     │ timestamp u32 │ type u8 │ serverID u32 │ eventSize u32 │ logPosition u32│ flags u16 │
///     └───────────────┴─────────┴──────────────┴───────────────┴────────────────┴───────────┘
public struct EventHeader: Equatable, Sendable {
    package static let byteCount = 19
    package static let typeOffset = 4

    /// Flags of an event.
    public struct Flags: OptionSet, Sendable {
        /// The bits as they stand in the header.
        public let rawValue: UInt16

        /// Makes flags from their bits; unknown bits are kept.
        public init(rawValue: UInt16) {
            self.rawValue = rawValue
        }

        /// The file was not closed (only in the format description event).
        public static let inUse = Flags(rawValue: 0x1)
        /// The server made the event for this connection; it is not in the file.
        public static let artificial = Flags(rawValue: 0x20)
        /// A reader that does not know the type may pass over the event.
        public static let ignorable = Flags(rawValue: 0x80)
    }

    /// When the statement started, in seconds since 1970 (UTC); any client can set it.
    public let timestamp: UInt32
    /// The type of the event.
    public let type: EventType
    /// The `server_id` of the server where the event was first written.
    public let serverID: UInt32
    /// The whole event with this header and its checksum, in bytes.
    public let eventSize: UInt32
    /// The position after the event in its file; wraps at 4 GiB, 0 for artificial events and inside compressed transactions.
    public let logPosition: UInt32
    /// Flags.
    public let flags: Flags

    package init(from reader: inout ByteReader) throws(DecodingError) {
        timestamp = try reader.read()
        type = EventType(rawValue: try reader.read())
        serverID = try reader.read()
        let sizeOffset = reader.offset
        eventSize = try reader.read()
        logPosition = try reader.read()
        flags = Flags(rawValue: try reader.read())
        guard eventSize >= Self.byteCount, eventSize <= Limits.eventBytesMax else {
            throw DecodingError(.invalid("event size"), at: sizeOffset)
        }
    }

    /// Where the event begins in its file; 0 when its end is not known.
    public var startPosition: UInt64 {
        logPosition == 0 ? 0 : UInt64(logPosition &- eventSize)
    }
}
