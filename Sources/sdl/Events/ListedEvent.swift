internal import BinlogProtocol

/// The bytes of one event, for the fields that decoding does not keep.
struct ListedEvent {
    let header: EventHeader
    /// The whole event.
    let bytes: [UInt8]
    /// What stands between the header and the checksum.
    let body: Range<Int>

    init(_ bytes: [UInt8], _ checksum: ChecksumAlgorithm) throws(DecodingError) {
        var reader = ByteReader(bytes)
        header = try EventHeader(from: &reader)
        self.bytes = bytes
        let end = checksum == .crc32 ? bytes.count - 4 : bytes.count
        body = EventHeader.byteCount..<max(EventHeader.byteCount, end)
    }

    var reader: ByteReader { ByteReader(bytes, in: body) }

    /// The event's line: where it stands, then its header.
    func headline(_ place: String) -> String {
        let flags =
            header.flags.isEmpty
            ? "" : " flags " + ListingText.flags(UInt64(header.flags.rawValue), Self.flagNames)
        return "\(place) \(ListingText.time(header.timestamp)) \(header.type) "
            + "server \(header.serverID) size \(header.eventSize)\(flags)"
    }

    private static let flagNames: KeyValuePairs<UInt64, String> = [
        0x1: "IN_USE", 0x4: "THREAD_SPECIFIC", 0x8: "SUPPRESS_USE", 0x20: "ARTIFICIAL",
        0x40: "RELAY_LOG", 0x80: "IGNORABLE", 0x100: "NO_FILTER", 0x200: "MTS_ISOLATE",
        0x8000: "SKIP_REPLICATION",
    ]

    /// The first bytes of the body; of a statement's event nothing of the statement, which may hold a secret.
    func listBody(to text: ListingText) {
        guard !body.isEmpty else { return }
        let shown = body.prefix(bytesToShow)
        let count = body.count > shown.count ? " (\(shown.count) of \(body.count) bytes)" : ""
        text.line("body \(ListingText.spacedHex(bytes[shown]))\(count)")
    }

    private static let bytesToShowMax = 32

    private var bytesToShow: Int {
        let fixed: Int
        switch header.type.rawValue {
        // QUERY_EVENT and QUERY_COMPRESSED_EVENT; EXECUTE_LOAD_QUERY_EVENT.
        case 2, 165: fixed = 13
        case 18: fixed = 26
        // ROWS_QUERY_LOG_EVENT and ANNOTATE_ROWS_EVENT are a statement; a payload may hold some.
        case 29, 160: return 1
        case 40: return 16
        default: return Self.bytesToShowMax
        }
        return fixed
    }
}
