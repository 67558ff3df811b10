import BinlogProtocol
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import MongoSink

extension SinkTests {
    /// Each class of errors that MongoDB has: waited for, repeated in the right way, or the end.
    @Suite struct ErrorClasses {
        private let fixture: SinkFixture

        init() throws { fixture = try SinkFixture() }

        private func wait(_ sink: MongoSink, events: Int64) throws {
            while sink.progress.events < events {
                if let failure = sink.failure { throw failure }
                Thread.sleep(forTimeInterval: 0.005)
            }
        }

        private func failure(_ body: () throws(SinkError) -> Void) -> SinkError? {
            do throws(SinkError) {
                try body()
                return nil
            } catch {
                return error
            }
        }

        private func namespace(_ collection: String) -> String {
            "\(fixture.settings.database).\(collection)"
        }

        // MARK: Passing

        @Test(
            "[T31 T49] without a primary, or with a full disk: it waits and goes on",
            arguments: [10107, 189, 91, 11602, 11600, 13435, 13436, 9001, 14031] as [Int32])
        func passing(_ code: Int32) throws {
            let sink = try fixture.started { $0.retryMax = 0 }
            try sink.submit(try Source.transaction(1, rows: 1))
            try wait(sink, events: 1)
            try fixture.failPoint(["insert", "update", "find", "commitTransaction"], times: 12) {
                $0.append("errorCode", int32: code)
            }
            for number in 2...6 as ClosedRange<Int64> {
                try sink.submit(try Source.transaction(number, rows: 2))
            }
            try sink.finish()
            #expect(try fixture.endFailPoint() == 12)
            #expect(try fixture.ids().count == 11)
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...6))
            #expect(try sink.verifyLedger().events == 11)
        }

        @Test(
            "[T45 T49] an error that never ends is the end after RETRY_MAX attempts; what comes behind it is not sent",
            arguments: [189, 112, 14031] as [Int32])
        func exhausted(_ code: Int32) throws {
            let proxy = try MongoCommandProxy(to: try Services.standard(.mongo).uri)
            let fixture = try SinkFixture(uri: proxy.uri)
            let sink = try fixture.started {
                $0.retryMax = 4
                $0.leaseDuration = .seconds(60)
            }
            try sink.submit(try Source.transaction(1, rows: 1))
            try wait(sink, events: 1)
            let attempts = Locked(0)
            proxy.arm { moment, command in
                // The first statement of each attempt at a commit.
                guard moment == .command, command.name == "update", command.isInTransaction
                else { return nil }
                attempts.withLock { $0 += 1 }
                return .fail(code: code)
            }
            let rest = try (2...9 as ClosedRange<Int64>).map { try Source.transaction($0, rows: 2) }
            let failure = failure { () throws(SinkError) in
                for transaction in rest { try sink.submit(transaction) }
                try sink.finish()
            }
            #expect(failure?.code == .retriesExhausted)
            #expect(attempts.withLock { $0 } == 4)
            proxy.arm([])
            #expect(try fixture.ids().count == 1)
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...1))
        }

        @Test(
            "[T45] an error that never ends is the end when RETRY_MAX_TIME is over, and not before",
            arguments: [189, 112] as [Int32])
        func outOfTime(_ code: Int32) throws {
            let proxy = try MongoCommandProxy(to: try Services.standard(.mongo).uri)
            let fixture = try SinkFixture(uri: proxy.uri)
            let time = Duration.milliseconds(1500)
            let sink = try fixture.started {
                $0.retryMax = 0
                $0.retryMaxTime = time
                $0.leaseDuration = .seconds(60)
            }
            try sink.submit(try Source.transaction(1, rows: 1))
            try wait(sink, events: 1)
            let attempts = Locked<[ContinuousClock.Instant]>([])
            proxy.arm { moment, command in
                // The first statement of each attempt at a commit.
                guard moment == .command, command.name == "update", command.isInTransaction
                else { return nil }
                attempts.withLock { $0.append(.now) }
                return .fail(code: code)
            }
            let next = try Source.transaction(2, rows: 1)
            let failure = failure { () throws(SinkError) in
                try sink.submit(next)
                try sink.finish()
            }
            #expect(failure?.code == .retriesExhausted)
            #expect(failure?.sentence.contains("RETRY_MAX_TIME") == true)
            let end = ContinuousClock.now
            let times = attempts.withLock { $0 }
            #expect(times.count >= 3)
            if let first = times.first { #expect(end - first >= time * 0.9) }
            proxy.arm([])
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...1))
        }

        @Test("[T25 T45] RETRY_MAX_TIME goes on while a transaction is made smaller and smaller")
        func outOfTimeWhileSplitting() throws {
            let proxy = try MongoCommandProxy(to: try Services.standard(.mongo).uri)
            let fixture = try SinkFixture(uri: proxy.uri)
            let sink = try fixture.started {
                $0.retryMax = 0
                $0.retryInitial = .milliseconds(600)
                $0.retryMaxDelay = .seconds(1)
                $0.retryMaxTime = .milliseconds(1500)
                $0.leaseDuration = .seconds(60)
            }
            let noSuchTransaction: Int32 = 251
            proxy.arm { moment, command in
                guard moment == .command, command.name == "update", command.isInTransaction
                else { return nil }
                return .fail(code: noSuchTransaction)
            }
            let transaction = try Source.transaction(1, rows: 64)
            let failure = failure { () throws(SinkError) in
                try sink.submit(transaction)
                try sink.finish()
            }
            #expect(failure?.code == .retriesExhausted)
            let splits = fixture.notices.all.count {
                if case .transactionSplit = $0 { true } else { false }
            }
            // Each takes two attempts with at least 300 ms behind them; one document would be reached after six.
            #expect((1...4).contains(splits))
            proxy.arm([])
        }

        @Test(
            "[T34 T37] only the commit is repeated when its outcome is unknown, and a duplicate is met once"
        )
        func repeatedCommit() throws {
            let proxy = try MongoCommandProxy(to: try Services.standard(.mongo).uri)
            let fixture = try SinkFixture(uri: proxy.uri)
            let sink = try fixture.started { $0.leaseDuration = .seconds(60) }
            let inserts = { (commands: [MongoCommand]) in
                commands.count { $0.name == "insert" && $0.collection == "row_changes" }
            }
            let unknown = Locked(2)
            proxy.arm { moment, command in
                guard moment == .answer, command.name == "commitTransaction" else { return nil }
                return unknown.withLock { left in
                    left -= 1
                    return left >= 0 ? .close : nil
                }
            }
            try sink.submit(try Source.transaction(1, rows: 1))
            try wait(sink, events: 1)
            #expect(inserts(proxy.commands) == 1)
            #expect(proxy.commands.count { $0.name == "commitTransaction" } >= 3)
            try fixture.admin().insert(
                try Source.documents(2, rows: 1), into: "row_changes", inTransaction: false)
            proxy.arm([])
            try sink.submit(try Source.transaction(2, rows: 2))
            try sink.finish()
            // One that meets the duplicate, and one that stores what is missing.
            #expect(inserts(proxy.commands) == 2)
            #expect(try fixture.ids().count == 3)
        }

        @Test(
            "[T42] a server that takes a command and does not answer is given up by the socket's timeout"
        )
        func halfOpen() throws {
            // Making collections and indexes can take longer than the time-out.
            try fixture.started().finish()
            let sink = try fixture.started {
                $0.uri += "&socketTimeoutMS=400"
                $0.retryMax = 0
                $0.leaseDuration = .seconds(60)
            }
            try sink.submit(try Source.transaction(1, rows: 1))
            try wait(sink, events: 1)
            try fixture.failPoint(["insert", "commitTransaction"], times: 4) {
                $0.append("blockConnection", bool: true)
                $0.append("blockTimeMS", int32: 1500)
            }
            for number in 2...5 as ClosedRange<Int64> {
                try sink.submit(try Source.transaction(number, rows: 1))
            }
            try sink.finish()
            try fixture.endFailPoint()
            #expect(sink.progress.retries > 0)
            #expect(try fixture.ids().count == 5)
            #expect(try sink.verifyLedger().events == 5)
        }

        // MARK: The end

        private static let places = [
            ("insert", "row_changes_staging"), ("update", "binlog_offsets"),
            ("insert", "row_changes"),
            ("insert", "row_changes_ledger"), ("update", "row_changes_staging"),
        ]

        @Test(
            "[T39] a privilege that is missing is the end at once, with the collection's name",
            arguments: places)
        func unauthorized(_ command: String, _ collection: String) throws {
            let sink = try fixture.started { $0.retryMax = 0 }
            try sink.submit(try Source.transaction(1, rows: 1))
            try wait(sink, events: 1)
            try fixture.failPoint([command], times: 1000) {
                $0.append("errorCode", int32: 13)
                $0.append("namespace", string: namespace(collection))
            }
            let second = try Source.transaction(2, rows: 1)
            let failure = failure { () throws(SinkError) in
                try sink.submit(second)
                try sink.finish()
            }
            // The lease is given back in the collection of the position, the failure is noted in staging.
            let attempts = try fixture.endFailPoint()
            #expect(command == "update" ? (1...2).contains(attempts) : attempts == 1)
            #expect(failure?.code == .authentication)
            #expect(failure?.description.contains(collection) == true, "\(failure as Any)")
            #expect(failure?.sentence.contains("readWrite") == true)
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...1))
        }

        @Test(
            "an error that is not known, and a document that is refused, are the end at once",
            arguments: [2, 121, 10334, 999_999] as [Int32])
        func permanent(_ code: Int32) throws {
            let sink = try fixture.started { $0.retryMax = 0 }
            try fixture.failPoint(["insert"], times: 1000) {
                $0.append("errorCode", int32: code)
                $0.append("namespace", string: namespace("row_changes"))
            }
            let first = try Source.transaction(1, rows: 1)
            let failure = failure { () throws(SinkError) in
                try sink.submit(first)
                try sink.finish()
            }
            #expect(try fixture.endFailPoint() == 1)
            #expect(failure?.code == .permanent)
            #expect(failure?.description.contains("insert row_changes") == true)
            #expect(failure?.description.contains("\(code)") == true)
            #expect(try fixture.staging().map(\.status) == ["pending"])
        }

        @Test(
            "[T46] a position that cannot be read is no first run",
            arguments: [2, 11601, 13, 999_999] as [Int32])
        func unreadablePosition(_ code: Int32) throws {
            try fixture.started().finish()
            let sink = try fixture.sink { $0.retryMax = 3 }
            try sink.acquireLease()
            try fixture.failPoint(["find"], times: 1000) {
                $0.append("errorCode", int32: code)
                $0.append("namespace", string: namespace("binlog_offsets"))
            }
            let failure = failure { () throws(SinkError) in _ = try sink.recover() }
            try fixture.endFailPoint()
            #expect(failure != nil)
            try sink.finish()
            #expect(try sink.verifyLedger().count == 1)
        }

        // MARK: The connection string

        @Test(
            "[T44] whatever the connection string says: read from the primary, written to the majority"
        )
        func concerns() throws {
            let proxy = try MongoCommandProxy(to: try Services.standard(.mongo).uri)
            let fixture = try SinkFixture(
                uri:
                    "\(proxy.uri)&readPreference=secondary&w=1&readConcernLevel=local&journal=false"
            )
            proxy.arm([])
            let sink = try fixture.started()
            try sink.submitChunk(
                EncodedChunk(
                    gtid: try Source.gtid(1), documents: try Source.documents(1, rows: 2).bytes,
                    ends: try Source.documents(1, rows: 2).ends))
            try sink.finishLarge(try Source.transaction(1, rows: 0), xid: nil)
            try sink.finish()
            let commands = proxy.commands
            let reads = commands.filter { $0.name == "find" }
            let writes = commands.filter {
                ["insert", "update", "delete", "commitTransaction"].contains($0.name)
                    && !$0.isInTransaction
            }
            #expect(reads.count > 3 && writes.count > 3)
            for command in commands {
                // Of a single server drivers ask for the primary, if possible.
                #expect(
                    [nil, "primary", "primaryPreferred"].contains(command.readPreference),
                    "\(command)")
            }
            for command in reads where !command.isInTransaction {
                #expect(command.readConcern == "majority", "\(command)")
            }
            for command in writes { #expect(command.writeConcern == "majority", "\(command)") }
        }
    }
}
