/// What stays in staging, unapplied, and why.
extension Recovery {
    static let elsewhere =
        "it continues from another position than the stored one; its changes are read from the source"

    static let otherTransactions =
        "its prev and next do not differ by the transactions it holds; they are read from the source"

    static let otherSettings =
        "it was staged with other settings of what is stored (INCLUDE_REGEX, EXCLUDE_REGEX, FULL_IMAGES, ON_UNDECODABLE,"
        + " TZ) than the position records, or by a version that does not say with which; its changes are read from"
        + " the source"

    static let withoutEnd =
        "its end is not staged, or in a batch that cannot be read; the transaction is read from the source"

    func keep(_ id: String, _ reason: String) {
        environment.notice(.batchKept(id: id, reason: reason))
    }
}
