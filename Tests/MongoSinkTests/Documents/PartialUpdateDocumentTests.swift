import BinlogProtocol
import MongoSink
import TestSupport
import Testing

@Suite("Documents of partial updates")
struct PartialUpdateDocumentTests {
    private func lines(_ options: DocumentOptions = DocumentOptions()) throws -> [String] {
        let file = try BinlogFile(path: Fixtures.path("Rows/partial.binlog"))
        var encoder = TransactionEncoder(
            options: options, bytesMax: .max, documentsMax: .max)
        var lines: [String] = []
        while let change = try file.nextChange() {
            switch change {
            case .begin(let start): encoder.begin(start)
            case .rows(let rows):
                encoder.append(rows)
                while try !encoder.encodeRows() {}
            case .end(.committed(let xid)):
                let documents = try encoder.end(xid: xid)
                for index in 0..<documents.count {
                    lines.append(try ExtendedJSON.line(BSONDocument(Array(documents[index]))))
                }
            default: break
            }
        }
        return lines.filter { $0.contains(#""op":"u""#) }
    }

    @Test("DT6: with the old document an update looks like any other")
    func whole() throws {
        let line = try #require(try lines().first)
        #expect(
            line.contains(
                #""chg":{"doc":{"f":{"a":1,"q r":"text","deep":{"b":[{"c":1},2]},"list":[1,2,3]},"t":{"a":2,"q r":"changed","deep":{"b":[{"c":1},2]},"list":[1,2,3,4]}}}"#
            ))
    }

    @Test("DT6: without it the differences are stored, and no image claims to hold the new one")
    func differences() throws {
        for full in [false, true] {
            let last = try lines(DocumentOptions(fullImages: full)).suffix(3)
            let minimal = try #require(last.first)
            #expect(
                minimal.contains(
                    #""chg":{"note":{"t":"m"},"doc":{"diff":[{"op":"replace","path":"$[0]","value":"minimal"},{"op":"replace","path":"$[1]","value":{"m":1}}]}}"#
                ))
            if full { #expect(minimal.contains(#""after":{"note":"m"}}"#)) }
        }
    }
}
