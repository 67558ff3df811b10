/// What a statement in the log depends on beside its text and the tables.
public struct StatementContext: Hashable, Sendable {
    /// The first value of an AUTO_INCREMENT column.
    public internal(set) var insertID: UInt64?
    /// What `LAST_INSERT_ID()` gives in it.
    public internal(set) var lastInsertID: UInt64?
    /// The seeds of `RAND()`.
    public internal(set) var randomSeeds: RandEvent?
    /// The names of the user variables that it reads, the first 1000 of them; their values are not kept.
    public internal(set) var userVariables: [String] = []
    /// The length of the file that LOAD DATA read.
    public internal(set) var fileByteCount: UInt64?

    static let userVariablesMax = 1000

    /// Whether the statement depends on nothing else.
    public var isEmpty: Bool { self == StatementContext() }
}

/// The files of LOAD DATA statements that are still to come, by their length.
struct LoadedFiles: Sendable {
    private var byteCounts: [UInt32: UInt64] = [:]

    /// More than any server has at once in one transaction.
    private static let countMax = 1000

    /// - Throws: `invalid` for more files than a transaction can have.
    mutating func append(_ block: LoadBlockEvent) throws(DecodingError) {
        guard byteCounts.count < Self.countMax || byteCounts[block.fileID] != nil else {
            throw DecodingError(.invalid("number of files in one transaction"), at: 19)
        }
        byteCounts[block.fileID, default: 0] += UInt64(block.byteCount)
    }

    /// The length of a file, which is then forgotten; nil for one that nothing came of.
    mutating func remove(_ id: UInt32) -> UInt64? {
        byteCounts.removeValue(forKey: id)
    }

    mutating func removeAll() {
        byteCounts.removeAll()
    }
}
