internal import BinlogProtocol

/// The part of the offset document that every commit compares and sets.
struct Position: Sendable, Equatable {
    /// The executed set exactly as it is stored: an operator may have written it in another form.
    var gtid: String
    /// How much of a large transaction is stored.
    var partial: StoredOffset.Partial?
}

/// Where in the source's binlog a commit ends: for people, the executed set decides.
struct BinlogCoordinates: Sendable, Equatable {
    var file = ""
    var position: UInt64 = 0
    /// The transaction that ends there, by which a source is recognised.
    var last: LastTransaction?
}
