import Testing

@testable import BinlogProtocol
@testable import MongoSink

@Suite("Whether a staged batch holds the transactions between two positions")
struct StagedPositionTests {
    @Test(arguments: [
        // previous, next, GTIDs of its documents, its transactions, the answer
        ("0-1-1", "0-1-3", ["0-1-2", "0-1-3"], Int64(2), true),
        ("", "0-1-1", ["0-1-1"], 1, true),
        // Transactions without documents, and numbers that were left out.
        ("0-1-1", "0-1-9", ["0-1-3"], 4, true),
        ("0-1-1,1-5-7", "0-1-2,1-5-8", ["1-5-8", "0-1-2"], 2, true),
        // Another server goes on in the domain.
        ("0-1-1", "0-2-2", ["0-2-2"], 1, true),
        // More transactions than numbers, fewer than domains, none.
        ("0-1-1", "0-1-3", ["0-1-2"], 3, false),
        ("0-1-1,1-5-7", "0-1-2,1-5-8", ["0-1-2"], 1, false),
        ("0-1-1", "0-1-1", [], 0, true),
        ("0-1-1", "0-1-1", [], 1, false),
        // Documents of a transaction before, behind or of another domain.
        ("0-1-1", "0-1-3", ["0-1-1"], 2, false),
        ("0-1-1", "0-1-3", ["0-1-4"], 2, false),
        ("0-1-1", "0-1-3", ["2-1-2"], 2, false),
        ("0-1-1", "0-1-3", ["no GTID"], 2, false),
        ("u:1-3", "u:1-5", ["u:4", "u:5"], 2, true),
        ("u:1-3", "u:1-5", ["u:4"], 1, false),
    ])
    func leads(
        from: String, to: String, gtids: [String], transactions: Int64, isRight: Bool
    ) throws {
        let uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562"
        var documents = DocumentSequence()
        for gtid in gtids {
            documents.append(
                BSONWriter.document {
                    $0.append("src") {
                        $0.append("gtid", string: gtid.replacing("u:", with: "\(uuid):"))
                    }
                })
        }
        let batch = StagedBatch(
            epoch: 1, sequence: 1, previous: from, next: to, documents: documents,
            digest: documents.digest, chunk: nil, transactions: transactions, times: nil,
            coordinates: BinlogCoordinates())
        let previous = try GTIDSet(parsing: from.replacing("u:", with: "\(uuid):"))
        let next = try GTIDSet(parsing: to.replacing("u:", with: "\(uuid):"))
        #expect(try batch.leads(from: previous, to: next) == isRight)
    }
}
