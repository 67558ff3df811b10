/// Where to begin in a server's log.
public enum StartPosition: Sendable, Hashable {
    /// After all that the server has executed when asked.
    case current
    /// With the oldest transaction that the server still has.
    case earliest
    /// With every transaction outside this set.
    case after(GTIDSet)
}
