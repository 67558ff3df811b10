extension QueryEvent {
    /// The statement's text without passwords and their hashes; bytes that cannot be read are shown as U+FFFD.
    package var sqlWithoutSecrets: String {
        guard let text = utf8 else {
            return mayHoldSecrets
                ? AccountStatement.verb(of: statement) + " ***"
                : String(decoding: statement, as: UTF8.self)
        }
        return String(
            decoding: AccountStatement.withoutSecrets(text, status.sqlMode), as: UTF8.self)
    }

    /// In a character set that is not known the end of a string is not known: nothing around a secret is shown.
    var mayHoldSecrets: Bool { AccountStatement.mayHoldSecrets(statement, status.sqlMode) }
}
