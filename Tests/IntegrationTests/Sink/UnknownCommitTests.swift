import BinlogProtocol
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import MongoSink

extension SinkTests {
    /// Commits that are done after nothing was to be seen of them.
    @Suite struct UnknownCommits {
        private let proxy: MongoCommandProxy
        private let fixture: SinkFixture
        private let flaws = Flaws()

        /// What went wrong on another thread.
        private final class Flaws: Sendable {
            private let found = Locked<[String]>([])
            var all: [String] { found.withLock { $0 } }
            func add(_ error: any Error) { found.withLock { $0.append("\(error)") } }
        }

        init() throws {
            proxy = try MongoCommandProxy(to: try Services.standard(.mongo).uri)
            fixture = try SinkFixture(uri: proxy.uri)
        }

        private enum Phase { case commit, attempt, half, done }

        /// No commit is answered, and the position that is read then is the one before; the work itself is done when it is
        /// begun once more.
        ///
        /// - Parameter isTooLarge: the server refuses the whole first, so that it is begun in halves.
        private func arm(
            isTooLarge: Bool, offsets: String, late: @escaping @Sendable () throws -> Void
        ) {
            let phase = Locked(Phase.commit)
            let flaws = flaws
            proxy.arm { moment, command in
                guard moment == .command else { return nil }
                switch (phase.withLock { $0 }, command.name) {
                case (.commit, "commitTransaction"):
                    return .close
                case (.commit, "find")
                where command.collection == offsets && !command.isInTransaction:
                    phase.withLock { $0 = isTooLarge ? .attempt : .half }
                case (.attempt, "insert") where command.isInTransaction:
                    phase.withLock { $0 = .half }
                    let transactionTooLarge: Int32 = 257
                    return .fail(code: transactionTooLarge)
                case (.half, "update")
                where command.collection == offsets && command.isInTransaction:
                    phase.withLock { $0 = .done }
                    do { try late() } catch { flaws.add(error) }
                default: break
                }
                return nil
            }
        }

        /// Commits a unit as the sink would, over another line.
        private func commit(
            _ unit: CommitUnit, of sink: MongoSink, merging: Bool
        ) throws {
            var settings = sink.environment.settings
            settings.uri = try Services.standard(.mongo).uri
            let connection = try MongoConnection(settings)
            let tip = try LedgerCollection(settings: settings).tip(connection)
            let epoch = try #require(try fixture.offset()?.lease?.epoch)
            let transaction = CommitTransaction(
                settings: settings, epoch: epoch, tip: tip, unit: unit)
            _ = try #require(try transaction.run(connection, merging: merging, now: 1))
            try connection.commitTransaction()
        }

        @Test("a unit that was split while its commit was unknown, and was committed as a whole")
        func split() throws {
            let sink = try fixture.started { $0.leaseDuration = .seconds(60) }
            let documents = try Source.documents(1, rows: 8)
            arm(isTooLarge: true, offsets: fixture.settings.offsetsCollection) { [fixture] in
                let unit = CommitUnit(
                    documents: documents, digest: documents.digest,
                    before: Position(gtid: "", partial: nil),
                    after: Position(gtid: try Source.set(1...1).description, partial: nil),
                    transactions: 1, times: 1...2, coordinates: BinlogCoordinates(),
                    stagingID: try fixture.staging().first?.id)
                try commit(unit, of: sink, merging: false)
            }
            try sink.submit(try Source.transaction(1, rows: 8))
            while sink.progress.commits < 1, sink.failure == nil {
                Thread.sleep(forTimeInterval: 0.005)
            }
            proxy.arm([])
            #expect(sink.failure == nil)
            #expect(flaws.all == [])
            try sink.submit(try Source.transaction(2, rows: 2))
            try sink.finish()
            #expect(
                fixture.notices.all.contains {
                    if case .transactionSplit = $0 { true } else { false }
                })
            #expect(
                try fixture.ids() == Set(Source.ids(1, rows: 8) + Source.ids(2, rows: 2)))
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...2))
            #expect(try fixture.offset()?.offset?.events == 10)
            let ledger = try sink.verifyLedger()
            #expect(ledger.count == 3)
            #expect(ledger.events == 10)
            #expect(try fixture.staging().allSatisfy { $0.status == "committed" })
            try fixture.dropDatabase()
        }

        /// Gives a field of the offset document another name.
        private func rename(_ field: String, to name: String) throws {
            try fixture.update(fixture.settings.offsetsCollection, id: fixture.settings.streamName)
            {
                $0.append("$rename") { $0.append(BSONKey(field), string: name) }
            }
        }

        /// Counts calls from any thread.
        private final class Count: Sendable {
            private let count = Locked(0)
            func next() -> Int {
                count.withLock { count in
                    count += 1
                    return count
                }
            }
        }

        @Test(
            "a first start whose commit is not answered, and is seen later: the position, or its entry",
            arguments: ["position", "entry"])
        func firstStart(_ what: String) throws {
            let sink = try fixture.sink {
                $0.retryMax = 0
                $0.leaseDuration = .seconds(60)
            }
            try sink.prepare()
            try sink.acquireLease()
            #expect(try sink.recover() == nil)
            let settings = fixture.settings
            let collection =
                what == "entry" ? settings.ledgerCollection : settings.offsetsCollection
            let cuts = Count()
            let looks = Count()
            proxy.arm { [self] moment, command in
                switch command.name {
                case "commitTransaction" where moment == .answer:
                    // The driver asks once more by itself.
                    return cuts.next() <= 2 ? .close : nil
                case "find" where command.collection == collection && !command.isInTransaction:
                    let look = looks.next()
                    do {
                        switch (what, look) {
                        case ("entry", 1): try hideLastEntry()
                        // The second of the calls is about the first one's answer.
                        case ("position", 1): try rename("gtid", to: "unseen")
                        case ("position", 2): try rename("unseen", to: "gtid")
                        default: break
                        }
                    } catch {
                        flaws.add(error)
                    }
                default: break
                }
                return nil
            }
            try sink.storeStart(
                Source.set(1...3), file: "f", position: 4, server: SinkFixture.server)
            #expect(sink.progress.retries >= 2)
            #expect(flaws.all == [])
            proxy.arm(nil)
            try sink.start()
            try sink.submit(try Source.transaction(4, rows: 1))
            try sink.finish()
            #expect(try sink.verifyLedger().count == 2)
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...4))
            try fixture.dropDatabase()
        }

        /// The transaction 1 in parts of five documents.
        private func submitLarge(_ sink: MongoSink) throws {
            for row in stride(from: 1, to: 16, by: 5) {
                let documents = try Source.documents(1, rows: 5, from: row, xid: true)
                try sink.submitChunk(
                    EncodedChunk(
                        gtid: try Source.gtid(1), documents: documents.bytes, ends: documents.ends))
            }
            try sink.finishLarge(try Source.transaction(1, rows: 0), xid: 7)
        }

        /// Takes the ledger's last entry away and puts it back soon, as if it was seen later than the position.
        private func hideLastEntry() throws {
            let ledger = fixture.settings.ledgerCollection
            let last = try #require(
                try fixture.documents(ledger).max {
                    try $0.integer("seq") ?? 0 < $1.integer("seq") ?? 0
                })
            let id = try #require(try last.string("_id"))
            _ = try fixture.admin().deleteAll(
                ledger, filter: BSONWriter.document { $0.append("_id", string: id) })
            var documents = DocumentSequence()
            documents.append(last.storage[last.range])
            let entry = documents
            Thread { [fixture, flaws] in
                Thread.sleep(forTimeInterval: 0.5)
                do {
                    try fixture.admin().insert(entry, into: ledger, inTransaction: false)
                } catch {
                    flaws.add(error)
                }
            }.start()
        }

        @Test(
            "a part that is read again and does not move the position, and was committed",
            arguments: [false, true])
        func unmoved(_ isEntryLate: Bool) throws {
            let all = BSONWriter.document { _ in }
            let first = try fixture.started {
                $0.batchSize = 5
                $0.leaseDuration = .seconds(60)
            }
            let updates = Locked(0)
            proxy.arm { [fixture] moment, command in
                guard moment == .command, command.name == "update", command.isInTransaction,
                    command.collection == fixture.settings.offsetsCollection
                else { return nil }
                let count = updates.withLock { count in
                    count += 1
                    return count
                }
                let badValue: Int32 = 2
                return count == 2 ? .fail(code: badValue) : nil
            }
            #expect(
                sinkCode {
                    try submitLarge(first)
                    try first.finish()
                } == .permanent)
            proxy.arm([])
            #expect(try fixture.offset()?.offset?.partial?.rows == 5)
            _ = try fixture.admin().deleteAll(fixture.settings.stagingCollection, filter: all)
            let second = try fixture.started {
                $0.batchSize = 5
                $0.retryMax = 0
                $0.leaseDuration = .seconds(60)
            }
            let documents = try PlaceholderXID.finish(
                try Source.documents(1, rows: 5, xid: true), xid: 7)
            let position = try #require(try fixture.offset()?.position)
            arm(isTooLarge: false, offsets: fixture.settings.offsetsCollection) { [fixture] in
                let part = try fixture.staging().first {
                    try $0.document.integer("chunk", "n") == 1
                }
                let unit = CommitUnit(
                    documents: documents, digest: documents.digest, before: position,
                    after: position, transactions: 0, times: nil,
                    coordinates: BinlogCoordinates(), stagingID: part?.id)
                try commit(unit, of: second, merging: true)
                if isEntryLate { try hideLastEntry() }
            }
            try submitLarge(second)
            try second.finish()
            #expect(flaws.all == [])
            #expect(try fixture.ids() == Set(Source.ids(1, rows: 15)))
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...1))
            #expect(try fixture.offset()?.offset?.events == 15)
            #expect(try second.verifyLedger().events == 15)
            #expect(try fixture.staging().allSatisfy { $0.status == "committed" })
            try fixture.dropDatabase()
        }
    }
}
