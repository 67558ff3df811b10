import Foundation
import TestSupport
import Testing

@testable import sdl

@Suite struct TablePatternTests {
    @Test(arguments: [
        (#"shop\.orders"#, "shop.orders", true),
        // A pattern is for the whole name: what only begins or ends like it is another table.
        (#"shop\.orders"#, "shop.orders_old", false),
        (#"shop\.orders"#, "myshop.orders", false),
        (#"shop.orders"#, "shopXorders", true),
        (#"^shop\.orders$"#, "shop.orders", true),
        (#".*\..*"#, "a.b", true),
        (#".*\..*"#, "ab", false),
        (#"(shop|crm)\.[a-c]\w+"#, "crm.bcd_9", true),
        (#"(shop|crm)\.[a-c]\w+"#, "crm.xcd", false),
        (#"(?:a|b)*"#, "abba", true),
        (#"(?i)SHOP\.Orders"#, "shop.oRDERS", true),
        (#"SHOP\.Orders"#, "shop.orders", false),
        (#"(?i)[a-z]+"#, "ABC", true),
        (#"(?i)ÄRGER"#, "ärger", true),
        (#"a{2,3}"#, "a", false),
        (#"a{2,3}"#, "aaa", true),
        (#"a{2,3}"#, "aaaa", false),
        (#"a{2}"#, "aa", true),
        (#"a{2,}"#, "aaaaaa", true),
        (#"[^.]+\.log_\d+"#, "app.log_2024", true),
        (#"[^.]+\.log_\d+"#, "a.p.log_2024", false),
        (#"[]a]+"#, "a]a", true),
        (#"[a\-z]+"#, "a-z", true),
        (#"[a-]+"#, "-a", true),
        (#"[\d_]+"#, "1_2", true),
        (#"[^\W]+"#, "abc_9", true),
        (#"[^\W]+"#, "a-c", false),
        (#"()"#, "", true),
        (#"a||b"#, "", true),
        (#"(a*)*"#, "aaaa", true),
        (#"(^a|b$)+"#, "ab", true),
        (#"a^b"#, "ab", false),
        (#"é."#, "éß", true),
        (#"\D\S\s"#, "ab ", true),
        (#"x.*?y"#, "x--y", true),
        ("a.b", "a\nb", true),
        ("a[^x]b", "a\nb", true),
        (#"(?i)[^a]"#, "A", false),
        (#"(?i)[^A]"#, "a", false),
        (#"(?i)[^a-c]+"#, "xYZ", true),
        (#"(?i)[^a-c]+"#, "xYB", false),
        (#"(?i)[^ä]"#, "Ä", false),
        (#"(?i)\W"#, "A", false),
        (#"[[a]+"#, "a[", true),
        (#"[\[:]+"#, ":[", true),
    ])
    func matches(pattern: String, text: String, expected: Bool) throws {
        #expect(try TablePattern(pattern).matches(text) == expected)
    }

    @Test(arguments: [
        (#"shop\.(orders"#, 7, "“(” without “)”"),
        (#"shop)"#, 5, "“)” without “(”"),
        (#"*shop"#, 1, "nothing to repeat before “*”"),
        (#"a**"#, 3, "a repetition cannot be repeated; use a group"),
        (#"[abc"#, 1, "“[” without “]”"),
        (
            "[_[:alpha:]]", 3,
            "classes such as [:alpha:] are not known; write ranges such as a-z, or “\\[” for the "
                + "bracket"
        ),
        (#"[z-a]"#, 3, "a range that is not from low to high"),
        (#"[a-\d]"#, 3, "a range that is not from low to high"),
        (#"a\"#, 2, "“\\” at the end"),
        (#"\q"#, 1, "the escape “\\q” is not known"),
        (#"(a)\1"#, 4, "the escape “\\1” is not known"),
        (#"(?=a)"#, 1, "only the groups “( )” and “(?: )” are known"),
        (#"a{"#, 2, "a count is missing after “{”"),
        (#"a{2"#, 2, "“{” without “}”"),
        (#"a{3,2}"#, 2, "the counts are the wrong way round"),
        (#"a{1001}"#, 2, "a count above 1000"),
        (#"a{99999999999999999999999}"#, 2, "a count above 1000"),
        (#"((a{1000}){1000}){1000}"#, 1, "the repetitions make the pattern too large"),
        (String(repeating: "(", count: 5000), 102, "more than 100 groups inside each other"),
    ])
    func aMalformedPatternIsNamedByPlaceAndReason(
        pattern: String, character: Int, reason: String
    ) {
        #expect(throws: PatternError(reason: reason, character: character)) {
            try TablePattern(pattern)
        }
    }

    @Test func aPatternThatKeepsOtherEnginesBusyForHoursIsDoneAtOnce() throws {
        let name = String(repeating: "a", count: 64) + "." + String(repeating: "a", count: 64)
        for pattern in [#"(a+)+\.(a+)+b"#, #"(a|a)*\.(a|aa)+b"#, #"((){1000}){1000}(.*.*.*)*b"#] {
            #expect(try !TablePattern(pattern).matches(name))
        }
    }

    @Test func randomPatternsAgreeWithAnotherEngine() throws {
        var random = SystemRandomNumberGenerator()
        let seed = random.next()
        var generator = SeededGenerator(seed: seed)
        let atoms = ["a", "b", ".", "[ab]", "[^a]", "(a|b)", "(ab)", "(?:b|)", #"\."#, #"\w"#]
        let marks = ["", "", "*", "+", "?", "{2}", "{1,3}", "{0,}"]
        for _ in 0..<2000 {
            let pattern = (0..<Int.random(in: 1...5, using: &generator)).map { _ in
                atoms[Int.random(in: 0..<atoms.count, using: &generator)]
                    + marks[Int.random(in: 0..<marks.count, using: &generator)]
            }.joined(separator: Bool.random(using: &generator) ? "" : "|")
            let text = String(
                (0..<Int.random(in: 0...7, using: &generator)).map { _ in
                    Array("ab.")[Int.random(in: 0..<3, using: &generator)]
                })
            let other = try NSRegularExpression(pattern: "^(?:\(pattern))$")
            let range = NSRange(location: 0, length: text.utf16.count)
            let expected = other.firstMatch(in: text, range: range) != nil
            #expect(
                try TablePattern(pattern).matches(text) == expected,
                "pattern \(pattern), text \(text), seed \(seed)")
        }
    }

    @Test func excludeWinsAndTheSystemSchemasAreOutByDefault() throws {
        let filter = try settings(["MYSQL_USER": "r"]).filter
        #expect(filter.includes(database: "shop", table: "orders"))
        #expect(filter.includes(database: "mysqlish", table: "t"))
        for schema in ["mysql", "performance_schema", "information_schema", "sys"] {
            #expect(!filter.includes(database: schema, table: "user"))
        }
        #expect(filter.includes(database: "shop\n", table: "or\nders"))
        let both = TableFilter(
            include: try TablePattern(#"shop\..*"#), exclude: try TablePattern(#".*\.orders"#))
        #expect(!both.includes(database: "shop", table: "orders"))
        #expect(both.includes(database: "shop", table: "orders_old"))
        #expect(!both.includes(database: "crm", table: "people"))
    }

    @Test func aNameWithADotIsPartOfTheWhole() throws {
        let filter = TableFilter(
            include: try TablePattern(#"a\.b\.c"#), exclude: try TablePattern("^$"))
        #expect(filter.includes(database: "a.b", table: "c"))
        #expect(filter.includes(database: "a", table: "b.c"))
    }
}
