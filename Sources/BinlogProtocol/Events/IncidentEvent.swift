/// The source lost events: its log has a hole here.
///
///     ┌─────────────┬───────────────────┬─────────┐
///     │ number u16  │ message length u8 │ message │   number: 1 LOST_EVENTS
///     └─────────────┴───────────────────┴─────────┘
enum IncidentEvent {
    /// The error that every incident is, with its number and the length of its message.
    static func error(from reader: inout ByteReader) throws(DecodingError) -> DecodingError {
        let offset = reader.offset
        let number: UInt16 = try reader.read()
        let count: UInt8 = try reader.read()
        try reader.skip(Int(count))
        // MySQL gives the event a checksum when it puts it aside, and another one when it writes it to the log.
        if reader.remaining == 4 { try reader.skip(4) }
        try reader.finish()
        return DecodingError(
            .incident(number: Int(number), messageByteCount: Int(count)), at: offset)
    }
}
