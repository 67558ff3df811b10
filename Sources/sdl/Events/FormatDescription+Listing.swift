internal import BinlogProtocol

extension FormatDescription {
    func list(to text: ListingText) {
        text.line("server version \(serverVersion)")
        text.line(
            created == 0 ? "created: follows another file" : "created \(ListingText.time(created))")
        text.line("checksum \(checksum == .crc32 ? "CRC32" : "NONE")")
    }
}
