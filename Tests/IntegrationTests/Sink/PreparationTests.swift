import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

extension SinkTests {
    @Suite struct Preparation {
        @Test(.enabled(if: Services.canStart(.mongo), "needs a MongoDB server of its own"))
        func aStandaloneServerIsRefusedWithWhatToDo() throws {
            let server = try Services.start(
                .mongo, name: "sink-standalone", options: ["--standalone"])
            defer { stop(server) }
            let address = try server.address
            for uri in ["mongodb://\(address)/", "mongodb://\(address)/?replicaSet=rs0"] {
                let sink = try SinkFixture(uri: uri).sink { $0.retryMax = 1 }
                var failure: SinkError?
                do throws(SinkError) {
                    try sink.prepare()
                } catch {
                    failure = error
                }
                #expect(failure?.code == .notReplicaSet)
                #expect(failure?.sentence.contains("--replSet") == true)
            }
        }

        private func stop(_ server: ServiceInstance) {
            do {
                try Services.stop(server)
            } catch {
                Issue.record(error)
            }
        }

        @Test func aWrongSetNameIsNamed() throws {
            let uri = try Services.standard(.mongo).uri
            let sink = try SinkFixture(
                uri: uri.replacing("replicaSet=rs0", with: "replicaSet=other")
            ).sink { $0.retryMax = 1 }
            #expect(sinkCode { try sink.prepare() } == .configuration)
        }

        @Test func anUnreachableServerIsNamedWithoutItsPassword() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.sink {
                $0.uri = "mongodb://me:s3cret@127.0.0.1:1/?replicaSet=rs0&connectTimeoutMS=500"
                $0.retryMax = 2
            }
            var failure: SinkError?
            do throws(SinkError) {
                try sink.prepare()
            } catch {
                failure = error
            }
            #expect(failure?.code == .retriesExhausted)
            #expect(failure?.description.contains("127.0.0.1:1") == true)
            #expect(failure?.description.contains("s3cret") == false)
        }

        @Test func aTTLOnCreatedAtIsReported() throws {
            let fixture = try SinkFixture()
            try fixture.sink().prepare()
            #expect(
                !fixture.notices.all.contains {
                    if case .dangerousTTL = $0 { true } else { false }
                })
            try index(fixture, fixture.settings.stagingCollection, "createdAt", ttl: 604_800)
            try fixture.sink().prepare()
            #expect(
                fixture.notices.all.contains(
                    .dangerousTTL(
                        collection: fixture.settings.stagingCollection, index: "createdAt_1",
                        field: "createdAt")))
        }

        @Test func anIndexWithOtherOptionsIsAConfigurationError() throws {
            let fixture = try SinkFixture()
            try index(fixture, fixture.settings.stagingCollection, "expiresAt", ttl: 5)
            #expect(sinkCode { try fixture.sink().prepare() } == .configuration)
        }

        private func index(
            _ fixture: SinkFixture, _ collection: String, _ key: BSONKey, ttl: Int32
        ) throws {
            let command = BSONWriter.document {
                $0.append("createIndexes", string: collection)
                $0.appendArray("indexes") {
                    $0.append(BSONKey(index: 0)) {
                        $0.append("key") { $0.append(key, int32: 1) }
                        $0.append("name", string: "\(key.name)_1")
                        $0.append("expireAfterSeconds", int32: ttl)
                    }
                }
            }
            try fixture.admin().run(command, .write, operation: "createIndexes")
        }

        @Test func preparingTwiceChangesNothing() throws {
            let fixture = try SinkFixture()
            try fixture.sink().prepare()
            try fixture.sink().prepare()
            let command = BSONWriter.document {
                $0.append("listIndexes", string: fixture.settings.collection)
            }
            let reply = try fixture.admin().run(command, .plain, operation: "listIndexes")
            let batch = try #require(try reply.document("cursor", "firstBatch"))
            var names: Set<String> = []
            var cursor = batch.elements()
            while let index = try cursor.next()?.document {
                names.insert(try #require(try index.string("name")))
            }
            #expect(
                names == [
                    "_id_", "ts_1", "meta.pk_1_meta.db_1_meta.tbl_1", "meta.db_1_meta.tbl_1_ts_1",
                ])
        }

        @Test(arguments: [[], ["listIndexes"]])
        func aUserWhoMayMakeNothingMayRunOnceAllIsThere(_ alsoRefused: [String]) throws {
            let fixture = try SinkFixture()
            try fixture.sink().prepare()
            try fixture.failPoint(["create", "createIndexes"] + alsoRefused, times: 1000) {
                $0.append("errorCode", int32: 13)
            }
            try fixture.sink().prepare()
            // Three collections have indexes; one of them is looked at for dangerous ones too.
            #expect(try fixture.endFailPoint() == (alsoRefused.isEmpty ? 0 : 4))
            let unseen = fixture.notices.all.filter {
                if case .indexesUnseen = $0 { true } else { false }
            }
            #expect(unseen.count == (alsoRefused.isEmpty ? 0 : 3))
        }

        @Test func aUserWhoMayMakeNothingIsRefusedBefore() throws {
            let fixture = try SinkFixture()
            try fixture.failPoint(["create", "createIndexes"], times: 1000) {
                $0.append("errorCode", int32: 13)
            }
            #expect(sinkCode { try fixture.sink().prepare() } == .authentication)
            try fixture.endFailPoint()
        }

        @Test func aMissingIndexIsMadeAgain() throws {
            let fixture = try SinkFixture()
            try fixture.sink().prepare()
            let drop = BSONWriter.document {
                $0.append("dropIndexes", string: fixture.settings.stagingCollection)
                $0.append("index", string: "expiresAt_1")
            }
            try fixture.admin().run(drop, .write, operation: "dropIndexes")
            try fixture.sink().prepare()
            let missing = try Schema(settings: fixture.settings).missing(fixture.admin())
            #expect(missing.isEmpty)
        }

        @Test(
            "an answer that is lost on a line that lives does not hold up the first start",
            arguments: ["create", "createIndexes"])
        func aLostAnswerIsAskedForAgain(_ name: String) throws {
            let fixture = try SinkFixture()
            let proxy = try MongoCommandProxy(to: fixture.settings.uri)
            proxy.arm { moment, command in
                let isFirst = proxy.commands.count { $0.name == name } == 1
                return moment == .answer && command.name == name && isFirst ? .swallow : nil
            }
            let sink = try fixture.sink { $0.uri = proxy.uri + "&socketTimeoutMS=3000" }
            let limit = Thread {
                Thread.sleep(forTimeInterval: 60)
                sink.cancel()
            }
            limit.start()
            try sink.prepare()
            #expect(proxy.faults.count == 1)
            try sink.finish()
            try fixture.dropDatabase()
        }

        @Test func aFirstRunStoresItsStartOnce() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.sink()
            try sink.prepare()
            try sink.acquireLease()
            #expect(try sink.recover() == nil)
            let start = try Source.set(1...99)
            try sink.storeStart(start, file: "f", position: 4, server: SinkFixture.server)
            #expect(
                sinkCode {
                    try sink.storeStart(
                        GTIDSet(), file: "f", position: 4, server: SinkFixture.server)
                } == .offsetMismatch)
            try sink.finish()
            let second = try fixture.sink()
            try second.acquireLease()
            #expect(try second.recover()?.gtid == start)
            try second.finish()
            #expect(try second.verifyLedger().count == 1)
        }

        @Test func aStartWhoseAnswerIsLostIsStoredOnce() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.sink()
            try sink.prepare()
            try sink.acquireLease()
            #expect(try sink.recover() == nil)
            try fixture.failPoint(["commitTransaction"], times: 2) {
                $0.append("closeConnection", bool: true)
                $0.append("afterCommand", bool: true)
            }
            try sink.storeStart(
                Source.set(1...3), file: "f", position: 4, server: SinkFixture.server)
            try fixture.endFailPoint()
            try sink.start()
            try sink.submit(try Source.transaction(4, rows: 1))
            try sink.finish()
            #expect(try sink.verifyLedger().count == 2)
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...4))
        }

        @Test func aPositionMovedByHandIsInTheLedger() throws {
            let fixture = try SinkFixture()
            try fixture.started().finish()
            for last in [9, 5] as [Int64] {
                let set = try Source.set(1...last).description
                try fixture.update(
                    fixture.settings.offsetsCollection, id: fixture.settings.streamName
                ) {
                    $0.append("$set") { $0.append("gtid", string: set) }
                }
                // A commit whose answer is lost must not be noted twice.
                try fixture.failPoint(["commitTransaction"], times: 3) {
                    $0.append("closeConnection", bool: true)
                    $0.append("afterCommand", bool: true)
                }
                let sink = try fixture.started()
                try fixture.endFailPoint()
                try sink.submit(try Source.transaction(last + 1, rows: 1))
                try sink.finish()
            }
            let entries = try fixture.documents(fixture.settings.ledgerCollection)
            let kinds = try entries.map { try $0.string("kind") ?? "" }
            #expect(kinds == ["start", "operator", "batch", "operator", "batch"])
            #expect(try entries[3].string("prev") == Source.set(1...10).description)
            #expect(try entries[3].string("next") == Source.set(1...5).description)
            #expect(try entries[3].string("by") == "operator")
            #expect(try fixture.sink().verifyLedger().count == 5)
            // Only the first move left something out; the second one has it read again.
            #expect(try entries.map { try $0.integer("events") } == [0, 1, 1, 0, 1])
            let gaps = try fixture.documents(fixture.settings.collection).filter {
                try $0.string("op") == "gap"
            }
            try #require(gaps.count == 1)
            #expect(try gaps[0].string("_id") == "\(fixture.settings.streamName)/gap/2")
            #expect(try gaps[0].string("gap", "reason") == "operator")
            #expect(try gaps[0].string("gap", "from") == "")
            #expect(try gaps[0].string("gap", "to") == Source.set(1...9).description)
            #expect(
                fixture.notices.all.contains(
                    .positionChanged(
                        from: try Source.set(1...10).description,
                        to: try Source.set(1...5).description, entry: 4)))
        }

        @Test func aLostLedgerIsRefused() throws {
            let fixture = try SinkFixture()
            try fixture.started().finish()
            _ = try fixture.admin().deleteAll(
                fixture.settings.ledgerCollection, filter: BSONWriter.document { _ in })
            let sink = try fixture.sink()
            try sink.acquireLease()
            #expect(sinkCode { _ = try sink.recover() } == .integrity)
        }

        @Test("[T96] a position that is newer than the ledger's end is refused")
        func partsOfTwoBackups() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.started()
            for number in 1...3 as ClosedRange<Int64> {
                try sink.submit(try Source.transaction(number, rows: 1))
            }
            try sink.finish()
            // The changes and the ledger of an earlier time, the position of now.
            let last = try #require(
                try fixture.documents(fixture.settings.ledgerCollection).compactMap {
                    try $0.integer("seq")
                }.max())
            let ids = BSONWriter.document {
                $0.append("seq") { $0.append("$gt", int64: last - 1) }
            }
            #expect(
                try fixture.admin().deleteAll(fixture.settings.ledgerCollection, filter: ids) == 1)
            let next = try fixture.sink()
            try next.acquireLease()
            var failure: SinkError?
            do throws(SinkError) { _ = try next.recover() } catch { failure = error }
            #expect(failure?.code == .integrity)
            #expect(failure?.sentence.contains("one point in time") == true)
        }

        @Test("a stream that begins anew behind its end leaves a gap in the trail")
        func anewBehindTheEnd() throws {
            let fixture = try SinkFixture()
            let first = try fixture.started()
            try first.submit(try Source.transaction(1, rows: 1))
            try first.finish()
            for start in [9, 4] as [Int64] {
                _ = try fixture.admin().deleteAll(
                    fixture.settings.offsetsCollection, filter: BSONWriter.document { _ in })
                let sink = try fixture.sink()
                try sink.acquireLease()
                #expect(try sink.recover() == nil)
                try fixture.failPoint(["commitTransaction"], times: 3) {
                    $0.append("closeConnection", bool: true)
                    $0.append("afterCommand", bool: true)
                }
                try sink.storeStart(
                    Source.set(1...start), file: "", position: 0, server: SinkFixture.server)
                try fixture.endFailPoint()
                try sink.finish()
            }
            let gaps = try fixture.documents(fixture.settings.collection).filter {
                try $0.string("op") == "gap"
            }
            try #require(gaps.count == 1)
            #expect(try gaps[0].string("gap", "reason") == "start")
            #expect(try gaps[0].string("gap", "from") == Source.set(1...1).description)
            #expect(try gaps[0].string("gap", "to") == Source.set(1...9).description)
            let entries = try fixture.documents(fixture.settings.ledgerCollection)
            #expect(
                try entries.map { try $0.string("kind") ?? "" }
                    == ["start", "batch", "start", "start"])
            #expect(try fixture.offset()?.offset?.events == 0)
            _ = try fixture.sink().verifyLedger()
        }

        @Test func aPositionMadeByHandIsAStart() throws {
            let fixture = try SinkFixture()
            try fixture.sink().prepare()
            var documents = DocumentSequence()
            let set = try Source.set(1...7).description
            documents.append(
                BSONWriter.document {
                    $0.append("_id", string: fixture.settings.streamName)
                    $0.append("gtid", string: set)
                })
            try fixture.admin().insert(
                documents, into: fixture.settings.offsetsCollection, inTransaction: false)
            let sink = try fixture.started()
            try sink.submit(try Source.transaction(8, rows: 1))
            try sink.finish()
            #expect(try sink.verifyLedger().count == 2)
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...8))
        }

        @Test func aFreshStartContinuesTheLedger() throws {
            let fixture = try SinkFixture()
            let first = try fixture.started()
            try first.submit(try Source.transaction(1, rows: 1))
            try first.finish()
            _ = try fixture.admin().deleteAll(
                fixture.settings.offsetsCollection, filter: BSONWriter.document { _ in })
            let second = try fixture.started()
            try second.submit(try Source.transaction(2, rows: 1))
            try second.finish()
            #expect(try second.verifyLedger().count == 4)
        }

        @Test func aFailedReadIsNotAFirstRun() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.sink { $0.retryMax = 2 }
            try sink.prepare()
            try sink.acquireLease()
            try fixture.failPoint(["find"], times: 100) { $0.append("errorCode", int32: 11601) }
            #expect(sinkCode { _ = try sink.recover() } == .retriesExhausted)
            try fixture.endFailPoint()
        }

        @Test func aPositionThatIsNoSetIsRefused() throws {
            let fixture = try SinkFixture()
            try fixture.started().finish()
            try fixture.update(fixture.settings.offsetsCollection, id: fixture.settings.streamName)
            {
                $0.append("$set") { $0.append("gtid", string: "your-new-gtid-here") }
            }
            let sink = try fixture.sink()
            #expect(sinkCode { try sink.acquireLease() } == .integrity)
        }
    }
}
