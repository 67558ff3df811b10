extension BinlogError {
    /// Wraps what was wrong with an event's bytes; the caller adds the place.
    package init(_ error: DecodingError) {
        switch error.code {
        case .unsupported(let what):
            self.init(
                .undecodable,
                "\(what) is not decoded by this version; nothing after it was read.",
                underlying: error)
        default:
            self.init(.corrupt, "An event cannot be read: \(error).", underlying: error)
        }
    }
}
