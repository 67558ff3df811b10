internal import BinlogProtocol
internal import MongoSink

/// One command that a client sent through a ``MongoCommandProxy``.
package struct MongoCommand: Sendable {
    /// Counted from 1 since the proxy was armed.
    package let number: Int
    /// For instance `insert`; empty when it was compressed.
    package let name: String
    /// The collection; empty when the command has none.
    package let collection: String
    /// Whether it belongs to a transaction, its end excepted.
    package let isInTransaction: Bool
    /// Whether a driver may send it again as it is.
    package let isRetryable: Bool
    /// How many documents an insert carries.
    package let documents: Int
    /// The mode of its read preference; nil when it has none.
    package let readPreference: String?
    /// `w` of its write concern as text; nil when it has none.
    package let writeConcern: String?
    /// The level of its read concern; nil when it has none.
    package let readConcern: String?

    /// What drivers send on their own, at times that nobody can foresee.
    private static let uncounted: Set<String> = [
        "hello", "isMaster", "ismaster", "ping", "endSessions", "killCursors", "saslStart",
        "saslContinue", "configureFailPoint",
    ]

    /// Nil when the command is not counted.
    init?(_ message: MongoMessage, number: Int) throws {
        self.number = number
        guard let document = try message.command() else {
            guard message.isCompressed else { return nil }
            (name, collection, isInTransaction, isRetryable) = ("", "", false, false)
            (documents, readPreference, writeConcern, readConcern) = (0, nil, nil, nil)
            return
        }
        var cursor = document.elements()
        guard let first = try cursor.next() else { return nil }
        name = first.name
        guard !Self.uncounted.contains(name) else { return nil }
        collection = first.string ?? ""
        let isNumbered = try document.element("txnNumber") != nil
        let hasTransaction = try document.element("autocommit") != nil
        let isEnd = name == "commitTransaction" || name == "abortTransaction"
        isInTransaction = hasTransaction && !isEnd
        isRetryable = isEnd || (isNumbered && !hasTransaction)
        documents = try message.documentCount()
        readPreference = try document.string("$readPreference", "mode")
        let acknowledgements = try document.element("writeConcern", "w")
        writeConcern = acknowledgements.map { $0.string ?? $0.integer.map { "\($0)" } ?? "?" }
        readConcern = try document.string("readConcern", "level")
    }

    /// The labels that a replica set member gives to an error of this command.
    func labels(_ code: Int32) -> [String] {
        let notPrimary: Set<Int32> = [91, 189, 10107, 11600, 11602, 13435, 13436]
        let transient: Set<Int32> = [112, 246, 251]
        if isInTransaction, notPrimary.contains(code) || transient.contains(code) {
            return ["TransientTransactionError"]
        }
        return isRetryable && notPrimary.contains(code) ? ["RetryableWriteError"] : []
    }

    /// The document of an error.
    func failure(_ code: Int32) -> [UInt8] {
        let labels = labels(code)
        return BSONWriter.document { reply in
            reply.append("ok", double: 0)
            reply.append("errmsg", string: "a fault of the test")
            reply.append("code", int32: code)
            guard !labels.isEmpty else { return }
            reply.appendArray("errorLabels") {
                for (index, label) in labels.enumerated() {
                    $0.append(BSONKey(index: index), string: label)
                }
            }
        }
    }
}
