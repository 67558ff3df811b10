import MongoSink
import Testing

@Test("the op codes are those of the document format")
func operationCodes() {
    #expect(
        ChangeOperation.allCases.map(\.rawValue)
            == ["i", "u", "d", "ddl", "truncate", "statement", "gap"])
}
