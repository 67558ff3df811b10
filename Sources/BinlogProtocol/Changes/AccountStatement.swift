/// Takes passwords and their hashes out of statements.
///
/// The log holds `CREATE USER … IDENTIFIED WITH … AS '<hash>'` as it was run; whoever may read the audit
/// trail must not be able to attack the passwords. The same words stand in bodies of stored programs.
package enum AccountStatement {
    private static let verbs: Set<String> = ["CREATE", "ALTER", "SET", "GRANT", "CHANGE", "START"]
    private static let objects: Set<String> = [
        "USER", "PASSWORD", "SERVER", "REPLICATION", "MASTER", "REPLICA", "SLAVE",
        "GROUP_REPLICATION",
    ]
    /// A string after one of these words is a secret.
    private static let introductions: Set<String> = [
        "PASSWORD", "SOURCE_PASSWORD", "MASTER_PASSWORD",
    ]
    /// A string after one of these words is a secret in a statement about accounts, and after IDENTIFIED.
    private static let accountIntroductions: Set<String> = ["BY", "AS", "REPLACE", "USING", "VIA"]

    /// The statement with every secret replaced by `'***'`; the same bytes when it holds none.
    package static func withoutSecrets(_ statement: [UInt8], _ mode: SQLMode = []) -> [UInt8] {
        let isAboutAccounts = isAboutAccounts(statement, mode)
        guard isAboutAccounts || SecretWords.stand(in: statement) else { return statement }
        var tokens = SQLTokens(statement, mode)
        var context = Context(isAboutAccounts: isAboutAccounts)
        var result: [UInt8] = []
        var copied = 0
        while let token = tokens.next() {
            let isBacktick = statement[tokens.lastRange.lowerBound] == UInt8(ascii: "`")
            guard context.isSecret(token), !isBacktick else { continue }
            result.append(contentsOf: statement[copied..<tokens.lastRange.lowerBound])
            result.append(contentsOf: "'***'".utf8)
            copied = tokens.lastRange.upperBound
        }
        result.append(contentsOf: statement[copied...])
        return result
    }

    /// Whether a statement is of a kind that can hold secrets.
    static func mayHoldSecrets(_ statement: [UInt8], _ mode: SQLMode) -> Bool {
        isAboutAccounts(statement, mode) || SecretWords.stand(in: statement)
    }

    /// The first word, in upper case.
    static func verb(of statement: [UInt8]) -> String {
        var tokens = SQLTokens(statement)
        return tokens.nextWord() ?? ""
    }

    private static func isAboutAccounts(_ statement: [UInt8], _ mode: SQLMode) -> Bool {
        var tokens = SQLTokens(statement, mode)
        guard let verb = tokens.nextWord(), verbs.contains(verb) else { return false }
        if verb == "GRANT" { return true }
        tokens.skip(word: "OR")
        tokens.skip(word: "REPLACE")
        guard let object = tokens.nextWord() else { return false }
        return objects.contains(object)
    }

    /// What the tokens read so far say of the next string.
    private struct Context {
        /// How much of SET PASSWORD FOR was read; after it an account stands before the secret.
        private enum SetPassword { case none, set, password, account }

        private var introduction = false
        private var isAboutAccount: Bool
        private var setPassword = SetPassword.none

        init(isAboutAccounts: Bool) {
            isAboutAccount = isAboutAccounts
        }

        /// Takes the next token; true when it is a secret.
        mutating func isSecret(_ token: SQLTokens.Token) -> Bool {
            let wasIntroduced = introduction
            switch token {
            case .text, .quotedName:
                introduction = false
                return wasIntroduced
            case .word(let word):
                let upper = word.uppercased()
                if upper == "IDENTIFIED" { isAboutAccount = true }
                advanceSetPassword(upper)
                introduction =
                    introductions.contains(upper)
                    || isAboutAccount && accountIntroductions.contains(upper)
                // print_identified_with_as_hex: the hash as a number.
                return wasIntroduced && upper.hasPrefix("0X")
            case .symbol(let symbol):
                // PASSWORD = '…', PASSWORD('…'): what stands between changes nothing.
                let isEqualSign = symbol == UInt8(ascii: "=")
                introduction =
                    isEqualSign && setPassword == .account
                    || wasIntroduced && (isEqualSign || symbol == UInt8(ascii: "("))
                if symbol == UInt8(ascii: ";") {
                    setPassword = .none
                    isAboutAccount = false
                }
                return false
            }
        }

        private mutating func advanceSetPassword(_ word: String) {
            switch (setPassword, word) {
            case (.account, _): break
            case (_, "SET"): setPassword = .set
            case (.set, "PASSWORD"): setPassword = .password
            case (.password, "FOR"): setPassword = .account
            default: setPassword = .none
            }
        }
    }
}

/// The words without which no secret stands in a statement that is not about accounts.
private enum SecretWords {
    private static let words = [Array("identified".utf8), Array("password".utf8)]

    static func stand(in statement: [UInt8]) -> Bool {
        let bytes = statement.span
        for start in bytes.indices {
            for word in words where bytes[start] | 0x20 == word[0] {
                guard word.count <= bytes.count - start else { continue }
                if word.indices.allSatisfy({ bytes[start + $0] | 0x20 == word[$0] }) { return true }
            }
        }
        return false
    }
}
