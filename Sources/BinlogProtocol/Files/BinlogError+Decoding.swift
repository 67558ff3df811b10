extension BinlogError {
    /// Wraps what was wrong with an event's bytes; the caller adds the place.
    package init(_ error: DecodingError) {
        switch error.code {
        case .unsupported(let what), .unable(let what):
            self.init(
                .undecodable,
                "\(what) is not decoded by this version; nothing after it was read.",
                underlying: error)
        case .incident(let number, let byteCount):
            self.init(
                .undecodable,
                "The source itself lost events and its log says so: incident \(number), with a message of \(byteCount)"
                    + " bytes. What is missing is in no log; find out on the source what was lost before going on"
                    + " behind this event.",
                underlying: error)
        default:
            self.init(.corrupt, "An event cannot be read: \(error).", underlying: error)
        }
    }
}
