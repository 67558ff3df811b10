import BinlogProtocol
import Testing

@testable import MongoSink

struct HandoffTests {
    private let settings = SinkSettings(uri: "mongodb://h/", streamName: "s", owner: "o/1")

    private func transaction(_ number: Int64) throws -> EncodedTransaction {
        EncodedTransaction(gtid: try gtid(number), commitTime: 1, file: "f", position: 4)
    }

    private func gtid(_ number: Int64) throws -> GTID {
        let uuid = try #require(ServerUUID("3e11fa47-71ca-11e1-9e33-c80aa9429562"))
        return GTID(source: GTID.Source(uuid: uuid), number: number)
    }

    private func documents() -> DocumentSequence {
        var documents = DocumentSequence()
        documents.append(BSONWriter.document { $0.append("n", int32: 1) })
        return documents
    }

    /// The part that the stager gets next; nil when it has to wait.
    private func part(_ handoff: inout Handoff) throws -> ChunkJob? {
        switch handoff.stagerTurn(flushInterval: .seconds(1)) {
        case .ready(.chunk(let chunk), _): return chunk
        case .wait: return nil
        default: throw Unexpected()
        }
    }

    private struct Unexpected: Error {}

    @Test func aLargeTransactionWaitsForTheOneBeforeAndItsPartsDoNot() throws {
        var handoff = Handoff(executed: GTIDSet(), text: "")
        for number in 1...2 as ClosedRange<Int64> {
            try handoff.add(documents(), of: try gtid(number))
            try handoff.add(documents(), of: try gtid(number))
            try handoff.finish(try transaction(number), .without)
        }
        for number in 1...3 as ClosedRange<Int64> {
            #expect(try part(&handoff)?.number == number)
        }
        let first = LargeTransaction(gtid: "1", parts: [], end: .without, next: "1")
        handoff.committerJobs = [.large(first, Batch(), bytes: 0)]
        #expect(try part(&handoff) == nil)
        handoff.committerJobs = []
        #expect(try part(&handoff)?.number == 1)
        // What has begun goes on, out of memory.
        handoff.committerJobs = [.large(first, Batch(), bytes: 0)]
        #expect(try part(&handoff)?.number == 2)
        #expect(try part(&handoff)?.number == 3)
    }

    @Test func interruptedSubmissionsAreRefusedAndTheOthersStay() throws {
        var handoff = Handoff(executed: GTIDSet(), text: "")
        try handoff.add(transaction(1), settings)
        try handoff.add(documents(), of: try gtid(2))
        handoff.isInterrupted = true
        #expect(throws: SinkError.self) { try handoff.check() }
        // What was submitted is staged; the unfinished transaction is dropped with the end.
        guard case .ready(.batch(let batch), _) = handoff.stagerTurn(flushInterval: .zero) else {
            throw Unexpected()
        }
        #expect(batch.transactions == 1)
    }
}
