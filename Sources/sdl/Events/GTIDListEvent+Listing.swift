internal import BinlogProtocol

extension GTIDListEvent {
    /// - Parameter body: the event's body: decoding keeps only the last entry of each domain.
    func list(_ body: ByteReader, to text: ListingText) throws(DecodingError) {
        text.line(position.isEmpty ? "before this file: none" : "before this file: \(position)")
        var reader = body
        let head: UInt32 = try reader.read()
        let names: KeyValuePairs<UInt64, String> = [1: "UNTIL_REACHED", 2: "IGN_GTIDS"]
        if head >> 28 != 0 { text.line("flags \(ListingText.flags(UInt64(head >> 28), names))") }
        for _ in 0..<count {
            let domain: UInt32 = try reader.read()
            let server: UInt32 = try reader.read()
            text.line("entry \(domain)-\(server)-\(try reader.read(UInt64.self))")
        }
    }
}

extension ListedEvent {
    /// BINLOG_CHECKPOINT_EVENT: the oldest file that the server would need after a crash.
    func listCheckpoint(to text: ListingText) throws(DecodingError) {
        var reader = self.reader
        let count: UInt32 = try reader.read()
        let name = try reader.readBytes(Int(count))
        text.line("oldest file needed \(String(decoding: name, as: UTF8.self))")
    }
}
