import BinlogProtocol
import Testing

@testable import MongoSink

struct StagedBatchTests {
    private func batch(chunk: StagedBatch.Chunk? = nil, documents count: Int32 = 3) -> StagedBatch {
        var documents = DocumentSequence()
        for number in 0..<count {
            documents.append(BSONWriter.document { $0.append("n", int32: number) })
        }
        return StagedBatch(
            epoch: 7, sequence: 12, previous: "a", next: "b", documents: documents,
            digest: documents.digest, chunk: chunk, transactions: 2, times: 5...9,
            coordinates: BinlogCoordinates(file: "f", position: 99))
    }

    @Test(arguments: [
        nil, StagedBatch.Chunk(gtid: "g", number: 1, isLast: false, rowsBefore: 0),
        StagedBatch.Chunk(gtid: "g", number: 2, isLast: true, rowsBefore: 3, end: .xid(-5)),
        StagedBatch.Chunk(gtid: "g", number: 2, isLast: true, rowsBefore: 3, end: .without),
        StagedBatch.Chunk(gtid: "g", number: 2, isLast: true, rowsBefore: 3, end: .finished),
        StagedBatch.Chunk(
            gtid: "g", number: 2, isLast: true, rowsBefore: 3,
            end: PlaceholderXID.End(event: .prepared, undone: UndoneChanges([2...3]))),
        StagedBatch.Chunk(
            gtid: "g", number: 2, isLast: true, rowsBefore: 3,
            end: PlaceholderXID.End(event: .xid(4), undone: UndoneChanges([1...1, 3...9]))),
    ])
    func whatIsStagedIsReadBack(_ chunk: StagedBatch.Chunk?) throws {
        let batch = batch(chunk: chunk)
        let document = try BSONDocument(batch.encoded(stream: "mysql://h:1/x", now: 77))
        try document.validate()
        #expect(try document.string("_id") == "mysql://h:1/x/7/12")
        #expect(try document.string("status") == "pending")
        #expect(try document.utcDateTime("createdAt") == 77)
        let again = try StagedBatch(document, stream: "mysql://h:1/x")
        #expect(again.documents == batch.documents)
        #expect(again.chunk == chunk)
        #expect(again.epoch == 7)
        #expect(again.sequence == 12)
        #expect(again.previous == "a")
        #expect(again.next == "b")
        #expect(again.transactions == 2)
        #expect(again.times == 5...9)
        #expect(again.coordinates == batch.coordinates)
    }

    @Test func anEmptyLastPartIsReadBack() throws {
        let batch = batch(documents: 0)
        let again = try StagedBatch(
            BSONDocument(batch.encoded(stream: "s", now: 1)), stream: "s")
        #expect(again.documents.isEmpty)
    }

    @Test func noDamageIsATrapAndNoneThatMattersPasses() throws {
        let batch = batch(
            chunk: StagedBatch.Chunk(
                gtid: "g", number: 2, isLast: true, rowsBefore: 3,
                end: PlaceholderXID.End(event: .xid(1), undone: UndoneChanges([1...4]))))
        let bytes = batch.encoded(stream: "s", now: 1)
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 0x11
            do {
                let again = try StagedBatch(BSONDocument(damaged), stream: "s")
                #expect(again.encoded(stream: "s", now: 1) == bytes)
            } catch {
                #expect(error is StagedBatchFlaw || error is BinlogProtocol.DecodingError)
            }
        }
    }

    @Test func anotherStreamsBatchIsNotOurs() throws {
        let document = try BSONDocument(batch().encoded(stream: "s/1", now: 1))
        #expect(throws: StagedBatchFlaw.self) { try StagedBatch(document, stream: "s") }
    }
}

struct PlaceholderXIDTests {
    private func document(xid: Int64?, tail: Bool = true) -> [UInt8] {
        BSONWriter.document {
            $0.append("_id", string: "x")
            $0.append("src") {
                $0.append("gtid", string: "g")
                if let xid { $0.append("xid", int64: xid) }
                if tail { $0.append("query", string: "q") }
            }
            $0.append("after", int32: 1)
        }
    }

    private func sequence(_ documents: [[UInt8]]) -> DocumentSequence {
        var sequence = DocumentSequence()
        for document in documents { sequence.append(document) }
        return sequence
    }

    @Test func theNumberReplacesThePlaceholder() throws {
        let placeholders = sequence([
            document(xid: 0), document(xid: nil), document(xid: 0, tail: false),
        ])
        let finished = try PlaceholderXID.finish(placeholders, xid: 991)
        #expect(
            finished
                == sequence([
                    document(xid: 991), document(xid: nil), document(xid: 991, tail: false),
                ]))
    }

    @Test func withoutANumberTheElementGoes() throws {
        let placeholders = sequence([
            document(xid: 0), document(xid: nil), document(xid: 0, tail: false),
        ])
        let finished = try PlaceholderXID.finish(placeholders, xid: nil)
        #expect(
            finished
                == sequence([
                    document(xid: nil), document(xid: nil), document(xid: nil, tail: false),
                ]))
        for index in 0..<3 { try finished.document(index).validate() }
    }

    @Test func finishedDocumentsStay() throws {
        let documents = sequence([document(xid: 0)])
        #expect(try PlaceholderXID.finish(documents, .finished) == documents)
    }

    @Test func somethingElseUnderThatNameIsRefused() {
        let wrong = BSONWriter.document { $0.append("src") { $0.append("xid", string: "0") } }
        #expect(throws: BinlogProtocol.DecodingError.self) {
            try PlaceholderXID.finish(sequence([wrong]), xid: 1)
        }
    }
}
