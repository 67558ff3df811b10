import BinlogProtocol
import Foundation
import Testing

@testable import MongoSink

/// Batches that somebody gave another status by hand.
extension SinkTests.Recoveries {
    private func setStatus(_ sequence: Int64, _ status: String) throws {
        let id = StagedBatch.id(
            stream: fixture.settings.streamName, epoch: 1, sequence: sequence)
        try fixture.update(fixture.settings.stagingCollection, id: id) {
            $0.append("$set") { $0.append("status", string: status) }
        }
    }

    private func refusal() throws -> SinkError? {
        let sink = try fixture.sink()
        try sink.acquireLease()
        defer { _ = sinkCode { try sink.finish() } }
        do throws(SinkError) {
            _ = try sink.recover()
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "[T92] a batch that was set aside before it was stored is named, and the start refused",
        arguments: ["archived", "Archived", "done", ""])
    func setAside(_ status: String) throws {
        try stage(2, sequence: 9)
        try setStatus(9, status)
        for _ in 0..<2 {
            let refusal = try refusal()
            #expect(refusal?.code == .integrity)
            #expect(refusal?.sentence.contains("\(fixture.settings.streamName)/1/9") == true)
            #expect(refusal?.sentence.contains("\(Source.uuid):2") == true)
            #expect(refusal?.sentence.contains("pending") == true)
        }
        #expect(try fixture.ids().count == 2)
        #expect(try fixture.offset()?.offset?.gtid == Source.set(1...1))
        // What the sentence says to do.
        try setStatus(9, "pending")
        #expect(try recover().gtid == Source.set(1...2))
        #expect(try fixture.ids().count == 5)
    }

    @Test("[T92] the parts of a large transaction, one of them set aside")
    func partSetAside() throws {
        func chunk(_ number: Int64, _ rows: Int64, _ end: PlaceholderXID.End?) -> StagedBatch.Chunk
        {
            StagedBatch.Chunk(
                gtid: "\(Source.uuid):2", number: number, isLast: end != nil, rowsBefore: rows,
                end: end)
        }
        try stage(2, sequence: 9, chunk: chunk(1, 0, nil))
        try stage(2, sequence: 10, chunk: chunk(2, 3, .finished), from: 4)
        try setStatus(9, "archived")
        let refusal = try refusal()
        #expect(refusal?.code == .integrity)
        #expect(refusal?.sentence.contains("/1/9") == true)
        #expect(try fixture.ids().count == 2)
        try setStatus(9, "pending")
        #expect(try recover().gtid == Source.set(1...2))
        #expect(try fixture.ids().count == 8)
    }

    @Test("[T92] what is stored may be set aside, and stays so")
    func coveredAndSetAside() throws {
        try stage(1, rows: 2, sequence: 40) { $0.previous = "" }
        try setStatus(40, "archived")
        #expect(try recover().gtid == Source.set(1...1))
        #expect(try statuses()["1/40"] == "archived")
    }

    @Test("[T92 T93] one that cannot be read is refused too")
    func unreadableAndSetAside() throws {
        try stage(2, sequence: 9)
        let id = StagedBatch.id(stream: fixture.settings.streamName, epoch: 1, sequence: 9)
        try fixture.update(fixture.settings.stagingCollection, id: id) {
            $0.append("$set") {
                $0.append("status", string: "archived")
                $0.append("format", int32: 2)
            }
        }
        #expect(try refusal()?.sentence.contains("format 2") == true)
    }
}
