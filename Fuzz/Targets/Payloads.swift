import BinlogProtocol

/// Zstandard makes 128 KiB of four bytes, and one event may have 1 GiB: what was packed elsewhere must be small.
let packedMax = 2048

/// The body of a TRANSACTION_PAYLOAD_EVENT, or bytes that are packed into one.
///
///     form u8 (odd: to be packed), bytes
func fuzzPayloads(_ bytes: [UInt8]) {
    var input = Input(bytes)
    let form = input.byte()
    let given = input.rest()
    let body = form & 1 != 0 ? EventRecords.payload(given) : Array(given.prefix(packedMax))
    let bytesMax = 64 << 20
    var total = 0
    var reader = ByteReader(body)
    do throws(BinlogProtocol.DecodingError) {
        let events = try TransactionPayloadReader(try TransactionPayload(from: &reader))
        while total < bytesMax, let event = try events.next() {
            require(event.count >= EventHeader.byteCount, "size of an event")
            total += event.count
        }
        if form & 1 != 0 { require(total == given.count, "every byte belongs to an event") }
    } catch {
        // An offset lies in the body or in what it inflates to, whose size is only known when it was packed here.
        if form & 1 != 0 { requireOffset(error, within: max(body.count, given.count)) }
        _ = error.description
    }
}
