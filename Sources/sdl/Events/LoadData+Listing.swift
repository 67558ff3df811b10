internal import BinlogProtocol

extension LoadBlockEvent {
    func list(to text: ListingText) {
        text.line("file \(fileID), \(byteCount) bytes of it")
    }
}

extension DeleteFileEvent {
    func list(to text: ListingText) {
        text.line("file \(fileID)")
    }
}

extension ExecuteLoadQueryEvent {
    /// - Parameter body: the event's body, for what decoding leaves out.
    func list(_ body: ByteReader, to text: ListingText) throws(DecodingError) {
        var reader = body
        // The fixed head of a query event and the file's number.
        try reader.skip(13 + 4)
        let start: UInt32 = try reader.read()
        let end: UInt32 = try reader.read()
        let duplicates: UInt8 = try reader.read()
        let handling = ["error", "ignore", "replace"]
        let named =
            Int(duplicates) < handling.count ? handling[Int(duplicates)] : "\(duplicates)"
        text.line("file \(fileID), named at \(start) to \(end) of the sql, duplicates: \(named)")
        try query.list(body, headExtra: 13, to: text)
    }
}
