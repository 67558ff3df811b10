import BinlogProtocol
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import MongoSink

extension SinkTests {
    /// Fields of the position and the ledger that somebody gave another type or value by hand.
    @Suite struct HandEdited {
        private let fixture: SinkFixture

        init() throws {
            fixture = try SinkFixture()
            let sink = try fixture.started()
            try sink.submit(try Source.transaction(1, rows: 1))
            try sink.finish()
        }

        /// How a start ends that somebody cancels when it waits for ever.
        private func refusal() throws -> SinkError? {
            let sink = try fixture.sink()
            let limit = Thread {
                Thread.sleep(forTimeInterval: 60)
                sink.cancel()
            }
            limit.start()
            defer { _ = sinkCode { try sink.finish() } }
            do throws(SinkError) {
                try sink.acquireLease()
                _ = try sink.recover()
                return nil
            } catch {
                return error
            }
        }

        @Test(
            "[T18] a lease that nobody can read is named",
            arguments: ["expiresAt is a number", "expiresAt is text", "lease is text"])
        func lease(_ edit: String) throws {
            try fixture.update(fixture.settings.offsetsCollection, id: fixture.settings.streamName)
            {
                $0.append("$set") { fields in
                    switch edit {
                    case "expiresAt is a number": fields.append("lease.expiresAt", int32: 0)
                    case "expiresAt is text": fields.append("lease.expiresAt", string: "now")
                    default: fields.append("lease", string: "free")
                    }
                }
            }
            let refusal = try refusal()
            #expect(refusal?.code == .integrity)
            #expect(refusal?.sentence.contains("lease") == true)
            #expect(refusal?.sentence.contains(fixture.settings.offsetsCollection) == true)
        }

        @Test("[T18] so is the number of a ledger's entry that is none")
        func ledgerOfThePosition() throws {
            try fixture.update(fixture.settings.offsetsCollection, id: fixture.settings.streamName)
            {
                $0.append("$set") { $0.append("ledger", string: "2") }
            }
            #expect(try refusal()?.code == .integrity)
        }

        @Test("[T18] one below that of the ledger's end is a position that was set by hand")
        func ledgerBehind() throws {
            try fixture.update(fixture.settings.offsetsCollection, id: fixture.settings.streamName)
            {
                $0.append("$set") { $0.append("ledger", int64: 1) }
            }
            let sink = try fixture.started()
            try sink.submit(try Source.transaction(2, rows: 1))
            try sink.finish()
            let kinds = try fixture.documents(fixture.settings.ledgerCollection).map {
                try $0.string("kind")
            }
            #expect(kinds == ["start", "batch", "operator", "batch"])
            #expect(try sink.verifyLedger().events == 2)
        }

        @Test("a position without the number of its entry goes on, and gets one")
        func withoutLedger() throws {
            try fixture.update(fixture.settings.offsetsCollection, id: fixture.settings.streamName)
            {
                $0.append("$unset") { $0.append("ledger", string: "") }
            }
            let sink = try fixture.started()
            for number in 2...3 as ClosedRange<Int64> {
                try sink.submit(try Source.transaction(number, rows: 1))
                while sink.progress.events < number - 1, sink.failure == nil {
                    Thread.sleep(forTimeInterval: 0.005)
                }
            }
            try sink.finish()
            #expect(try fixture.offset()?.ledger == 4)
        }

        @Test("[T18] an entry of the ledger with a number that leaves no room for more")
        func lastNumber() throws {
            let last = try #require(try fixture.documents(fixture.settings.ledgerCollection).last)
            for sequence in [Int64.max - 1, .max / 2, .max] {
                var documents = DocumentSequence()
                documents.append(
                    BSONWriter.document { writer in
                        writer.append("_id", string: "edited \(sequence)")
                        writer.append("stream", string: fixture.settings.streamName)
                        writer.append("seq", int64: sequence)
                        writer.append("chain", binary: [1])
                        writer.append("next", string: "\(Source.uuid):1")
                    })
                try fixture.admin().insert(
                    documents, into: fixture.settings.ledgerCollection, inTransaction: false)
                #expect(try refusal()?.code == .integrity, "\(sequence)")
                _ = try fixture.admin().deleteAll(
                    fixture.settings.ledgerCollection,
                    filter: BSONWriter.document {
                        $0.append("_id", string: "edited \(sequence)")
                    })
            }
            #expect(
                try fixture.documents(fixture.settings.ledgerCollection).last?.bytes == last.bytes)
        }

        @Test(
            "what a start read of its own entry, whose commit was not answered, is confirmed by a majority"
        )
        func confirmed() throws {
            let proxy = try MongoCommandProxy(to: try Services.standard(.mongo).uri)
            let changes: [(inout SinkSettings) -> Void] = [
                { $0.uri = proxy.uri },
                {
                    $0.uri = proxy.uri
                    $0.recorded = RecordedSettings(["TZ": "UTC"])
                },
            ]
            for (index, change) in changes.enumerated() {
                if index == 0 {
                    let set = try Source.set(1...9).description
                    try fixture.update(
                        fixture.settings.offsetsCollection, id: fixture.settings.streamName
                    ) {
                        $0.append("$set") { $0.append("gtid", string: set) }
                    }
                }
                let sink = try fixture.sink(change)
                try sink.acquireLease()
                let commits = Locked(0)
                proxy.arm { moment, command in
                    guard moment == .answer, command.name == "commitTransaction" else { return nil }
                    // The driver sends it twice.
                    return commits.withLock({ count in
                        count += 1
                        return count
                    }) <= 2 ? .close : nil
                }
                _ = try sink.recover()
                let end = proxy.commands.last {
                    $0.name == "commitTransaction" || $0.name == "abortTransaction"
                }
                #expect(end?.name == "commitTransaction")
                #expect(commits.withLock { $0 } == 3)
                try sink.finish()
            }
            #expect(try fixture.documents(fixture.settings.ledgerCollection).count == 4)
        }
    }
}
