import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// The proxy that counts MongoDB's commands, and the driver that starts `sdl` again and again.
struct MongoCommandProxyTests {
    /// A database of its own behind a proxy.
    private struct Fixture {
        let proxy: MongoCommandProxy
        let direct: SinkFixture
        let connection: MongoConnection

        init(options: String = "") throws {
            direct = try SinkFixture()
            proxy = try MongoCommandProxy(to: direct.settings.uri)
            var settings = direct.settings
            settings.uri = proxy.uri + options
            connection = try MongoConnection(settings)
        }

        func insert(_ id: Int32, inTransaction: Bool = false) throws(MongoError) {
            var documents = DocumentSequence()
            documents.append(BSONWriter.document { $0.append("_id", int32: id) })
            try connection.insert(documents, into: "items", inTransaction: inTransaction)
        }

        func stored() throws -> [Int64] {
            try direct.documents("items").compactMap { try $0.integer("_id") }
        }
    }

    private func failure(_ body: () throws -> Void) -> MongoError? {
        do {
            try body()
            return nil
        } catch {
            return error as? MongoError
        }
    }

    @Test func countsWhatTheClientAsksFor() throws {
        let fixture = try Fixture()
        try fixture.insert(1)
        try fixture.connection.startTransaction()
        try fixture.insert(2, inTransaction: true)
        try fixture.connection.commitTransaction()
        let commands = fixture.proxy.commands
        #expect(commands.map(\.name) == ["insert", "insert", "commitTransaction"])
        #expect(commands.map(\.number) == [1, 2, 3])
        #expect(commands.map(\.collection) == ["items", "items", ""])
        #expect(commands.map(\.isInTransaction) == [false, true, false])
        #expect(commands.map(\.isRetryable) == [true, false, true])
        fixture.proxy.arm(nil)
        try fixture.insert(3)
        #expect(fixture.proxy.commands.map(\.number) == [1])
        #expect(try fixture.stored() == [1, 2, 3])
        try fixture.direct.dropDatabase()
    }

    @Test(arguments: MongoFault.Moment.allCases) func cutsTheLine(moment: MongoFault.Moment) throws
    {
        let fixture = try Fixture(options: "&retryWrites=false")
        let fault = MongoFault(.close, at: moment, of: 2)
        fixture.proxy.arm([fault])
        try fixture.insert(1)
        #expect(failure { try fixture.insert(2) }?.outcome == .disconnected)
        #expect(fixture.proxy.faults == [fault])
        #expect(try fixture.stored() == (moment == .command ? [1] : [1, 2]))
        try fixture.insert(3)
        try fixture.direct.dropDatabase()
    }

    @Test(arguments: MongoFault.Moment.allCases) func losesTheMessage(moment: MongoFault.Moment)
        throws
    {
        let fixture = try Fixture(options: "&retryWrites=false&socketTimeoutMS=300")
        // Making the collection can take longer than that.
        var first = DocumentSequence()
        first.append(BSONWriter.document { $0.append("_id", int32: 0) })
        try fixture.direct.admin().insert(first, into: "items", inTransaction: false)
        fixture.proxy.arm([MongoFault(.swallow, at: moment, of: 1)])
        #expect(failure { try fixture.insert(1) }?.outcome == .disconnected)
        // The server may still be at it.
        let deadline = ContinuousClock.now + .seconds(60)
        while fixture.proxy.faults.isEmpty, .now < deadline { usleep(10_000) }
        #expect(try fixture.stored() == (moment == .command ? [0] : [0, 1]))
        try fixture.direct.dropDatabase()
    }

    @Test(
        "errors carry the labels that a server would give them", arguments: [112, 10107] as [Int32])
    func failsInTransactions(code: Int32) throws {
        let fixture = try Fixture()
        try fixture.connection.startTransaction()
        try fixture.insert(1, inTransaction: true)
        fixture.proxy.arm([MongoFault(.fail(code: code), at: .command, of: 1)])
        let error = failure { try fixture.insert(2, inTransaction: true) }
        #expect(error?.code == code && error?.outcome == .transientTransaction)
        try fixture.connection.abortTransaction()
        #expect(try fixture.stored().isEmpty)
        try fixture.direct.dropDatabase()
    }

    @Test("a driver sends a retryable write again, which the server did not do twice")
    func failsRetryableWrites() throws {
        let fixture = try Fixture()
        fixture.proxy.arm([MongoFault(.fail(code: 10107), at: .answer, of: 1)])
        try fixture.insert(1)
        #expect(fixture.proxy.commands.map(\.name) == ["insert", "insert"])
        #expect(try fixture.stored() == [1])
        try fixture.direct.dropDatabase()
    }

    @Test func startsAgainAfterEachKill() throws {
        let trail = try SinkFixture()
        let proxy = try MongoCommandProxy(to: trail.settings.uri)
        let driver = CrashDriver(
            ["init"], environment: ["MONGO_DB": trail.settings.database], through: proxy)
        let plan: [[MongoFault]] = [
            [MongoFault(.kill, at: .command, of: 3)],
            [MongoFault(.close, at: .answer, of: 1), MongoFault(.kill, at: .answer, of: 4)],
        ]
        let report = try driver.run(plan)
        #expect(report.exits == [-SIGKILL, -SIGKILL, 0], "\(report.complaints)")
        #expect(report.isClean && report.kills == 2)
        #expect(report.faults == plan + [[]])
        #expect(report.commands[0] == 3 && report.commands[1] == 4)
        // An end that is no kill is the last.
        let refused = CrashDriver(["run", "--nonsense"], environment: [:], through: proxy)
        let ended = try refused.run([[MongoFault(.kill, at: .command, of: 1)]])
        #expect(ended.exits == [2] && !ended.isClean)
        try trail.dropDatabase()
    }

    @Test func connectionStrings() throws {
        let port = { (proxy: MongoCommandProxy) in
            try #require(proxy.uri.firstMatch(of: /127.0.0.1:([0-9]+)/)).1
        }
        let whole = try MongoCommandProxy(
            to: "mongodb://u:p%40@h1:5,h2:6/admin?replicaSet=rs0&w=1&directConnection=false")
        #expect(
            whole.uri
                == "mongodb://u:p%40@127.0.0.1:\(try port(whole))/admin?w=1&directConnection=true")
        let bare = try MongoCommandProxy(to: "mongodb://h")
        #expect(bare.uri == "mongodb://127.0.0.1:\(try port(bare))/?directConnection=true")
        #expect(throws: FakeServer.Failure.self) {
            _ = try MongoCommandProxy(to: "mongodb+srv://cluster.example.com")
        }
    }
}
