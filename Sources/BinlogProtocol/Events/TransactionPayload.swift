/// A whole transaction, usually compressed (`binlog_transaction_compression=ON`); its GTID event stands before it.
///
///     { type, length, value }… all length-encoded        0 end of the fields, the payload follows
///                                                        1 payload size    2 compression    3 uncompressed size
/// The sizes that the event claims are not trusted: the payload is what is there, and it is
/// decompressed as a stream by `TransactionPayloadReader`.
public struct TransactionPayload: Sendable {
    /// How the payload is packed.
    public enum Compression: UInt64, Sendable {
        /// Zstandard.
        case zstd = 0
        /// Not at all.
        case none = 255
    }

    /// How the payload is packed.
    public let compression: Compression
    package let storage: [UInt8]
    package let range: Range<Int>

    package init(from reader: inout ByteReader) throws(DecodingError) {
        var compression = Compression.none
        var payloadSize: UInt64?
        while true {
            let offset = reader.offset
            let type = try reader.readLengthEncodedInteger()
            if type == 0 { break }
            var field = try reader.slice(try reader.readLength())
            switch type {
            case 1:
                payloadSize = try field.readLengthEncodedInteger()
            case 2:
                let value = try field.readLengthEncodedInteger()
                guard let known = Compression(rawValue: value) else {
                    throw DecodingError(
                        .unsupported("transaction compression \(value)"), at: offset)
                }
                compression = known
            default:
                // The uncompressed size, and fields to come: each carries its length.
                break
            }
        }
        let offset = reader.offset
        storage = reader.storage
        range = try reader.readRange(reader.remaining)
        if let payloadSize, payloadSize != UInt64(range.count) {
            throw DecodingError(.invalid("payload size"), at: offset)
        }
        self.compression = compression
    }
}
