internal import BinlogProtocol

extension TransactionPayload {
    /// - Parameter body: the event's body, for the sizes that decoding does not trust.
    func list(_ body: ByteReader, to text: ListingText) {
        text.line("compression \(compression == .zstd ? "ZSTD" : "NONE")")
        let claimed = Self.uncompressedSize(body)
        text.line(
            "payload \(range.count) bytes" + (claimed.map { ", uncompressed \($0)" } ?? ""))
    }

    private static func uncompressedSize(_ body: ByteReader) -> UInt64? {
        let uncompressedSize: UInt64 = 3
        var reader = body
        do throws(DecodingError) {
            while true {
                let type = try reader.readLengthEncodedInteger()
                if type == 0 { return nil }
                var field = try reader.slice(try reader.readLength())
                if type == uncompressedSize { return try field.readLengthEncodedInteger() }
            }
        } catch {
            // Nothing depends on the claim: what is there is listed.
            return nil
        }
    }
}
