/// Takes passwords and their hashes out of statements about accounts.
///
/// The log holds `CREATE USER … IDENTIFIED WITH … AS '<hash>'` as it was run; whoever may read the audit
/// trail must not be able to attack the passwords.
package enum AccountStatement {
    private static let verbs: Set<String> = ["CREATE", "ALTER", "SET", "GRANT", "CHANGE", "START"]
    private static let objects: Set<String> = [
        "USER", "PASSWORD", "SERVER", "REPLICATION", "MASTER", "REPLICA", "SLAVE",
        "GROUP_REPLICATION",
    ]
    /// A string after one of these words is a secret.
    private static let introductions: Set<String> = [
        "BY", "AS", "PASSWORD", "REPLACE", "USING", "VIA", "SOURCE_PASSWORD", "MASTER_PASSWORD",
    ]

    /// The statement with every secret replaced by `***`; the same bytes for any other statement.
    package static func withoutSecrets(_ statement: [UInt8]) -> [UInt8] {
        guard isAboutAccounts(statement) else { return statement }
        var tokens = SQLTokens(statement)
        var result: [UInt8] = []
        var copied = 0
        var introduction = false
        let setsPassword = startsWithSet(statement)
        while let token = tokens.next() {
            switch token {
            case .text, .quotedName:
                if introduction, statement[tokens.lastRange.lowerBound] != UInt8(ascii: "`") {
                    result.append(contentsOf: statement[copied..<tokens.lastRange.lowerBound])
                    result.append(contentsOf: "'***'".utf8)
                    copied = tokens.lastRange.upperBound
                }
                introduction = false
            case .word(let word):
                let upper = word.uppercased()
                if introduction, upper.hasPrefix("0X") {
                    // print_identified_with_as_hex: the hash as a number.
                    result.append(contentsOf: statement[copied..<tokens.lastRange.lowerBound])
                    result.append(contentsOf: "'***'".utf8)
                    copied = tokens.lastRange.upperBound
                }
                introduction = introductions.contains(upper)
            case .symbol(let symbol):
                // PASSWORD = '…', PASSWORD('…'): what stands between changes nothing.
                let isEqualSign = symbol == UInt8(ascii: "=")
                introduction =
                    isEqualSign && setsPassword
                    || introduction && (isEqualSign || symbol == UInt8(ascii: "("))
            }
        }
        result.append(contentsOf: statement[copied...])
        return result
    }

    private static func isAboutAccounts(_ statement: [UInt8]) -> Bool {
        var tokens = SQLTokens(statement)
        guard let verb = tokens.nextWord(), verbs.contains(verb) else { return false }
        if verb == "GRANT" { return true }
        tokens.skip(word: "OR")
        tokens.skip(word: "REPLACE")
        guard let object = tokens.nextWord() else { return false }
        return objects.contains(object)
    }

    /// SET PASSWORD FOR 'user'@'host' = '…': the account stands before the secret.
    private static func startsWithSet(_ statement: [UInt8]) -> Bool {
        var tokens = SQLTokens(statement)
        return tokens.nextWord() == "SET"
    }
}
