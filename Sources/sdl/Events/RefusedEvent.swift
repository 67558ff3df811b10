internal import BinlogProtocol

extension ListedEvent {
    /// The checksum that stands in the event, and the one that its bytes have.
    func listChecksums(to text: ListingText) {
        let end = bytes.count - 4
        guard end >= EventHeader.byteCount else { return }
        let stored = bytes[end...].reversed()
        let computed = crc32(bytes, 0..<end)
        let inBytes = (0..<4).map { UInt8(truncatingIfNeeded: computed >> (24 - 8 * $0)) }
        text.line(
            "checksum \(ListingText.hexLiteral(Array(stored))), of its bytes \(ListingText.hexLiteral(inBytes))"
        )
    }

    /// INCIDENT_EVENT: the number and the message of what happened on the source.
    func listIncident(to text: ListingText) {
        let start = body.lowerBound
        guard body.count >= 3, body.count - 3 >= Int(bytes[start + 2]) else { return }
        let number = Int(bytes[start]) | Int(bytes[start + 1]) << 8
        let message = bytes[(start + 3)..<(start + 3 + Int(bytes[start + 2]))]
        text.line("incident \(number)\(number == 1 ? " LOST_EVENTS" : "")")
        text.line("message \(Escaping.jsonString(String(decoding: message, as: UTF8.self)))")
    }
}
