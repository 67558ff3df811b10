/// The first event of each file: which server wrote it and how its events are laid out.
///
///     ┌────────────────────┬───────────────────┬─────────────┬─────────────────┬──────────────────────┬───────┬─────────┐
///     │ binlog version u16 │ server version 50 │ created u32 │ header length u8│ post-header lengths… │ alg u8│ crc u32 │
///     └────────────────────┴───────────────────┴─────────────┴─────────────────┴──────────────────────┴───────┴─────────┘
/// The last five bytes are always there (MySQL 5.6.1 and later, MariaDB 5.3 and later), also without checksums.
public struct FormatDescription: Equatable, Sendable {
    /// The server's version text, such as `9.7.4`.
    public let serverVersion: String
    /// Seconds since 1970 when the server started this log; 0 when the file only follows another.
    public let created: UInt32
    /// How the events after this one are checked.
    public let checksum: ChecksumAlgorithm
    private let postHeaderLengths: [UInt8]

    /// Which of the two servers wrote the file: MariaDB's version always names it.
    public var flavor: Flavor { serverVersion.contains("MariaDB") ? .mariadb : .mysql }

    /// `reader` covers the whole body, with the algorithm byte and the checksum.
    package init(from reader: inout ByteReader) throws(DecodingError) {
        let versionOffset = reader.offset
        let version: UInt16 = try reader.read()
        guard version == 4 else {
            throw DecodingError(.unsupported("binary log format \(version)"), at: versionOffset)
        }
        let name = try reader.readBytes(50).prefix { $0 != 0 }
        serverVersion = String(decoding: name, as: UTF8.self)
        created = try reader.read()
        let headerOffset = reader.offset
        let headerLength: UInt8 = try reader.read()
        guard headerLength == EventHeader.byteCount else {
            throw DecodingError(.invalid("event header length"), at: headerOffset)
        }
        guard reader.remaining >= 5 else {
            throw DecodingError(
                .truncated(needed: 5, available: reader.remaining), at: reader.offset)
        }
        postHeaderLengths = try reader.readBytes(reader.remaining - 5)
        let algorithmOffset = reader.offset
        let algorithm: UInt8 = try reader.read()
        guard let checksum = ChecksumAlgorithm(rawValue: algorithm) else {
            throw DecodingError(
                .unsupported("checksum algorithm \(algorithm)"), at: algorithmOffset)
        }
        self.checksum = checksum
        try reader.skip(4)
    }

    /// The width of a table id in table map and rows events: 6 bytes, 4 in very old logs.
    package func tableIDByteCount(for type: EventType) -> Int {
        let index = Int(type.rawValue) - 1
        return index >= 0 && index < postHeaderLengths.count && postHeaderLengths[index] == 6
            ? 4 : 6
    }
}
