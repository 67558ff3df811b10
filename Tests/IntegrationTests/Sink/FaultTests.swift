import BinlogProtocol
import Foundation
import Testing

@testable import MongoSink

extension SinkTests {
    /// Everything that can go wrong on the way to a commit, and each change is there once afterwards.
    @Suite struct Faults {
        /// One way in which a command fails.
        struct Fault: Sendable, CustomTestStringConvertible {
            let name: String
            let commands: [String]
            var times: Int32 = 1
            let fill: @Sendable (inout BSONWriter) -> Void
            var testDescription: String { name }
        }

        static let labels: @Sendable (inout BSONWriter, String) -> Void = { data, label in
            data.appendArray("errorLabels") { $0.append(BSONKey(index: 0), string: label) }
        }

        static let transient: [Fault] =
            ["insert", "update", "commitTransaction"].flatMap { command in
                [
                    Fault(name: "\(command): connection closed", commands: [command]) {
                        $0.append("closeConnection", bool: true)
                    },
                    Fault(name: "\(command): closed four times", commands: [command], times: 4) {
                        $0.append("closeConnection", bool: true)
                    },
                    Fault(name: "\(command): primary stepped down", commands: [command]) {
                        $0.append("errorCode", int32: 189)
                    },
                    Fault(name: "\(command): not primary, 4 times", commands: [command], times: 4) {
                        $0.append("errorCode", int32: 10107)
                    },
                ]
            } + [
                Fault(name: "insert: write conflict", commands: ["insert"], times: 2) {
                    $0.append("errorCode", int32: 112)
                    labels(&$0, "TransientTransactionError")
                },
                Fault(name: "commit: no such transaction", commands: ["commitTransaction"]) {
                    $0.append("errorCode", int32: 251)
                    labels(&$0, "TransientTransactionError")
                },
                Fault(name: "commit: unknown, not done", commands: ["commitTransaction"], times: 2)
                {
                    $0.append("errorCode", int32: 50)
                    labels(&$0, "UnknownTransactionCommitResult")
                },
                Fault(
                    name: "commit: unknown, not done, 9 times", commands: ["commitTransaction"],
                    times: 9
                ) {
                    $0.append("errorCode", int32: 50)
                    labels(&$0, "UnknownTransactionCommitResult")
                },
                Fault(
                    name: "commit: done, answer lost", commands: ["commitTransaction"], times: 1
                ) {
                    $0.append("closeConnection", bool: true)
                    $0.append("afterCommand", bool: true)
                },
                Fault(
                    name: "commit: done, answer lost 9 times", commands: ["commitTransaction"],
                    times: 9
                ) {
                    $0.append("closeConnection", bool: true)
                    $0.append("afterCommand", bool: true)
                },
                Fault(
                    name: "commit: done, then unknown", commands: ["commitTransaction"], times: 7
                ) {
                    $0.append("errorCode", int32: 50)
                    labels(&$0, "UnknownTransactionCommitResult")
                    $0.append("afterCommand", bool: true)
                },
                Fault(name: "staging: done, answer lost", commands: ["insert"]) {
                    $0.append("closeConnection", bool: true)
                    $0.append("afterCommand", bool: true)
                },
                Fault(name: "commit: not durable in time", commands: ["commitTransaction"]) {
                    $0.append("writeConcernError") {
                        $0.append("code", int32: 64)
                        $0.append("errmsg", string: "waiting for replication timed out")
                    }
                },
            ]

        @Test(arguments: transient)
        func everythingIsStoredOnce(_ fault: Fault) throws {
            let fixture = try SinkFixture()
            let sink = try fixture.started()
            try sink.submit(try Source.transaction(1, rows: 2))
            while sink.progress.events < 2 { Thread.sleep(forTimeInterval: 0.005) }
            try fixture.failPoint(fault.commands, times: fault.times, fault.fill)
            for number in 2...12 as ClosedRange<Int64> {
                try sink.submit(try Source.transaction(number, rows: 2))
            }
            try sink.finish()
            #expect(try fixture.endFailPoint() > 0)
            let expected = (1...12 as ClosedRange<Int64>).flatMap { Source.ids($0, rows: 2) }
            #expect(try fixture.ids() == Set(expected))
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...12))
            #expect(try fixture.offset()?.offset?.events == 24)
            let ledger = try sink.verifyLedger()
            #expect(ledger.events == 24)
            #expect(ledger.transactions == 12)
            #expect(try fixture.staging().allSatisfy { $0.status == "committed" })
        }

        @Test func stagingEmptiedAtAnyMomentLosesNothing() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.started { $0.batchSize = 4 }
            let all = BSONWriter.document { _ in }
            let admin = try fixture.admin()
            for number in 1...60 as ClosedRange<Int64> {
                try sink.submit(try Source.transaction(number, rows: 2))
                _ = try admin.deleteAll(fixture.settings.stagingCollection, filter: all)
            }
            try sink.finish()
            #expect(try fixture.ids().count == 120)
            #expect(
                fixture.notices.all.contains {
                    if case .stagingMissing = $0 { true } else { false }
                })
            #expect(try sink.verifyLedger().events == 120)
        }

        @Test func thePositionMovedByHandStops() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.started()
            try sink.submit(try Source.transaction(1, rows: 1))
            while sink.progress.events < 1 { Thread.sleep(forTimeInterval: 0.005) }
            let other = try Source.set(1...500).description
            try fixture.update(fixture.settings.offsetsCollection, id: fixture.settings.streamName)
            {
                $0.append("$set") { $0.append("gtid", string: other) }
            }
            try sink.submit(try Source.transaction(2, rows: 1))
            #expect(sinkCode { try sink.finish() } == .offsetMismatch)
            #expect(try fixture.ids() == Set(Source.ids(1, rows: 1)))
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...500))
        }

        @Test func aDeletedPositionStops() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.started()
            try sink.submit(try Source.transaction(1, rows: 1))
            while sink.progress.events < 1 { Thread.sleep(forTimeInterval: 0.005) }
            let all = BSONWriter.document { _ in }
            _ = try fixture.admin().deleteAll(fixture.settings.offsetsCollection, filter: all)
            #expect(
                sinkCode {
                    try sink.submit(try Source.transaction(2, rows: 1))
                    try sink.finish()
                } == .fenced)
            #expect(try fixture.ids() == Set(Source.ids(1, rows: 1)))
        }

        @Test func equalDocumentsAreMergedAndTheMissingOnesStored() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.started()
            // Rows 2 and 3 are there already, as read from another server: another binlog file.
            let there = try Source.documents(1, rows: 2, from: 2, file: "other-bin.000009")
            try fixture.admin().insert(
                there, into: fixture.settings.collection, inTransaction: false)
            try sink.submit(try Source.transaction(1, rows: 5))
            try sink.finish()
            #expect(try fixture.ids() == Set(Source.ids(1, rows: 5)))
            #expect(fixture.notices.all.contains(.merged(existing: 2, inserted: 3)))
            let kept = try fixture.documents(fixture.settings.collection)[1]
            #expect(try kept.string("src", "binlog", "file") == "other-bin.000009")
            #expect(try fixture.offset()?.offset?.events == 3)
            #expect(try sink.verifyLedger().events == 3)
            let entry = try #require(
                try fixture.documents(fixture.settings.ledgerCollection).last)
            #expect(try entry.integer("events") == 5)
            #expect(try entry.integer("detail", "existing") == 2)
        }

        @Test func aDifferentDocumentUnderTheSameIDStops() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.started()
            try fixture.admin().insert(
                try Source.documents(1, rows: 1, from: 3, value: 8),
                into: fixture.settings.collection, inTransaction: false)
            try sink.submit(try Source.transaction(1, rows: 5))
            var failure: SinkError?
            do throws(SinkError) {
                try sink.finish()
            } catch {
                failure = error
            }
            #expect(failure?.code == .integrity)
            #expect(failure?.sentence.contains("\(Source.uuid):1/3") == true)
            #expect(try fixture.ids().count == 1)
            #expect(try fixture.offset()?.offset?.gtid == GTIDSet())
            #expect(try fixture.staging().map(\.status) == ["pending"])
        }

        @Test func anotherUniqueIndexStops() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.started()
            let command = BSONWriter.document {
                $0.append("createIndexes", string: fixture.settings.collection)
                $0.appendArray("indexes") {
                    $0.append(BSONKey(index: 0)) {
                        $0.append("key") { $0.append("op", int32: 1) }
                        $0.append("name", string: "op_1")
                        $0.append("unique", bool: true)
                    }
                }
            }
            try fixture.admin().run(command, .write, operation: "createIndexes")
            try sink.submit(try Source.transaction(1, rows: 2))
            #expect(sinkCode { try sink.finish() } == .integrity)
            #expect(try fixture.ids().isEmpty)
        }

        @Test func aPermanentErrorStopsAtOnceAndLeavesItsReason() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.started()
            try sink.submit(try Source.transaction(1, rows: 1))
            while sink.progress.events < 1 { Thread.sleep(forTimeInterval: 0.005) }
            try fixture.failPoint(["commitTransaction"]) { $0.append("errorCode", int32: 121) }
            try sink.submit(try Source.transaction(2, rows: 1))
            #expect(sinkCode { try sink.finish() } == .permanent)
            try fixture.endFailPoint()
            let pending = try #require(try fixture.staging().first { $0.status == "pending" })
            #expect(try pending.document.integer("attempts") == 1)
            #expect(try pending.document.string("lastError")?.contains("121") == true)
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...1))
            #expect(sinkCode { try sink.submit(try Source.transaction(3, rows: 1)) } == .permanent)
        }

        @Test func retriesEndWhereTheSettingsSay() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.started { $0.retryMax = 3 }
            try fixture.failPoint(["update"], times: 1000) { $0.append("errorCode", int32: 189) }
            try sink.submit(try Source.transaction(1, rows: 1))
            #expect(sinkCode { try sink.finish() } == .retriesExhausted)
            try fixture.endFailPoint()
            #expect(try fixture.ids().isEmpty)
        }

        @Test func commitsThatStayUnknownEndWhereTheSettingsSay() throws {
            let fixture = try SinkFixture()
            let sink = try fixture.started { $0.retryMax = 3 }
            try fixture.failPoint(["commitTransaction"], times: 1000) {
                $0.append("errorCode", int32: 50)
                Self.labels(&$0, "UnknownTransactionCommitResult")
            }
            try sink.submit(try Source.transaction(1, rows: 1))
            #expect(sinkCode { try sink.finish() } == .retriesExhausted)
            try fixture.endFailPoint()
            #expect(try fixture.ids().isEmpty)
            #expect(try fixture.staging().map(\.status) == ["pending"])
        }

        @Test func aPartialOfNullIsNone() throws {
            let fixture = try SinkFixture()
            try fixture.started().finish()
            try fixture.update(fixture.settings.offsetsCollection, id: fixture.settings.streamName)
            {
                $0.append("$set") { $0.appendNull("partial") }
            }
            let sink = try fixture.started()
            try sink.submit(try Source.transaction(1, rows: 1))
            try sink.finish()
            #expect(try fixture.ids().count == 1)
        }
    }
}
