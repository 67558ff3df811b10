extension GTIDSet {
    /// Parses the text of `gtid_owned`, where each number is followed by `#` and the thread that commits it.
    ///
    /// Nothing separates one server's transactions from the next one's:
    ///
    ///     11111111-2222-3333-4444-555555555555:7#11:5#10aaaaaaaa-2222-3333-4444-555555555555:foo:3#12
    package init(parsingOwned text: String) throws(DecodingError) {
        let uuidCharacters = 36
        let parts = text.split(separator: "#", omittingEmptySubsequences: false)
        var plain = String(parts[0])
        for part in parts.dropFirst() {
            // A thread's number has at most ten digits, so what is longer ends with a UUID.
            let thread = part.prefix { $0 != ":" }
            if thread.count > uuidCharacters { plain += ",\(thread.suffix(uuidCharacters))" }
            plain += part[thread.endIndex...]
        }
        try self.init(parsing: plain)
    }
}
