internal import BinlogProtocol

extension GTIDSet {
    /// PREVIOUS_GTIDS_LOG_EVENT.
    func list(to text: ListingText) {
        let all = description
        text.line(all.isEmpty ? "before this file: none" : "before this file: \(all)")
    }
}
