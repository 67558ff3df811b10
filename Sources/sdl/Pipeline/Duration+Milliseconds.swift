extension Duration {
    /// Whole milliseconds, for people and for waits of at most an hour.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
