import BinlogProtocol
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import MongoSink

extension SinkTests {
    /// The whole server goes away and comes back.
    @Suite struct Outages {
        private static let login = ["--user", "sdl", "--password", "right"]

        @Test(
            .enabled(if: Services.canStart(.mongo), "needs a MongoDB server of its own"),
            arguments: [[], login])
        func aKilledServerLosesAndRepeatsNothing(_ options: [String]) throws {
            let server = try Services.start(.mongo, name: "sink-outage", options: options)
            defer { stop(server) }
            let fixture = try SinkFixture(uri: try server.uri)
            let sink = try fixture.started {
                $0.retryMax = 0
                $0.batchSize = 50
                $0.leaseDuration = .seconds(30)
            }
            let failing = Failing(server)
            // Also when a check below throws: nobody may kill a server that is being stopped.
            defer { failing.end() }
            var number: Int64 = 0
            while !failing.isFinished || number < 100 {
                number += 1
                try sink.submit(try Source.transaction(number, rows: 3))
                Thread.sleep(forTimeInterval: 0.005)
            }
            try sink.finish()
            #expect(sink.progress.retries > 0)
            #expect(try fixture.ids().count == Int(number) * 3)
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...number))
            let ledger = try sink.verifyLedger()
            #expect(ledger.events == number * 3)
            #expect(ledger.transactions == number)
            #expect(try fixture.staging().allSatisfy { $0.status == "committed" })
        }

        /// Kills a server three times and starts it again, on a thread of its own.
        private final class Failing: Sendable {
            private struct State {
                var isFinished = false
                var isEnding = false
            }

            private let state = Locked(State())

            var isFinished: Bool { state.withLock { $0.isFinished } }

            init(_ server: ServiceInstance) {
                Thread { [self] in
                    do {
                        for _ in 0..<3 where !state.withLock({ $0.isEnding }) {
                            Thread.sleep(forTimeInterval: 0.3)
                            try Services.kill(server)
                            Thread.sleep(forTimeInterval: 0.3)
                            try Services.restart(server)
                        }
                    } catch {
                        Issue.record(error)
                    }
                    state.withLock { $0.isFinished = true }
                }.start()
            }

            /// Returns when the thread does nothing more.
            func end() {
                state.withLock { $0.isEnding = true }
                while !isFinished { Thread.sleep(forTimeInterval: 0.01) }
            }
        }

        private func stop(_ server: ServiceInstance) {
            do {
                try Services.stop(server)
            } catch {
                Issue.record(error)
            }
        }

        /// What a server that stops does to a client that is logging in.
        @Test(
            .enabled(if: Services.canStart(.mongo), "needs a MongoDB server of its own"),
            arguments: ["saslStart", "saslContinue"], [nil, 91] as [Int32?])
        func aServerThatStopsDuringALoginIsAnOutage(_ command: String, _ code: Int32?) throws {
            let server = try Services.start(.mongo, name: "sink-login", options: Self.login)
            defer { stop(server) }
            let fixture = try SinkFixture(uri: try server.uri)
            func fail(_ commands: [String], times: Int32) throws {
                try fixture.failPoint(commands, times: times) {
                    if let code {
                        $0.append("errorCode", int32: code)
                    } else {
                        $0.append("closeConnection", bool: true)
                    }
                }
            }
            // Before the first login a few refusals are not believed yet.
            try fail([command], times: 2)
            let sink = try fixture.started {
                $0.retryMax = 0
                $0.leaseDuration = .seconds(60)
            }
            #expect(sink.progress.retries == 2)
            // The connection is lost, and so are many logins after it.
            try sink.submit(try Source.transaction(1, rows: 1))
            while sink.progress.events < 1 { Thread.sleep(forTimeInterval: 0.005) }
            try fail(["insert", command], times: 10)
            for number in 2...5 as ClosedRange<Int64> {
                try sink.submit(try Source.transaction(number, rows: 1))
            }
            try sink.finish()
            #expect(try fixture.endFailPoint() == 10)
            #expect(try fixture.ids().count == 5)
        }

        @Test(.enabled(if: Services.canStart(.mongo), "needs a MongoDB server of its own"))
        func wrongCredentialsStopWithoutTheirPassword() throws {
            let server = try Services.start(.mongo, name: "sink-auth", options: Self.login)
            defer { stop(server) }
            let address = try server.address
            for (password, attempts, expected) in [
                ("wr0ng", 2, SinkError.Code.authentication), ("wr0ng", 0, .authentication),
                ("right", 2, nil),
            ] {
                let sink = try SinkFixture(
                    uri: "mongodb://sdl:\(password)@\(address)/?replicaSet=rs0&authSource=admin"
                ).sink { $0.retryMax = attempts }
                var failure: SinkError?
                do throws(SinkError) {
                    try sink.prepare()
                } catch {
                    failure = error
                }
                #expect(failure?.code == expected)
                #expect(failure?.description.contains(password) != true)
            }
        }

        /// Changes the password of the user, who stays logged in where he is.
        private func changePassword(_ fixture: SinkFixture, to password: String) throws {
            try fixture.admin().run(
                BSONWriter.document {
                    $0.append("updateUser", string: "sdl")
                    $0.append("pwd", string: password)
                }, .plain, database: "admin", operation: "updateUser")
        }

        @Test(
            "a password that is changed while it runs is the end when the line breaks, not an outage for ever",
            .enabled(if: Services.canStart(.mongo), "needs a MongoDB server of its own"))
        func aChangedPasswordEndsIt() throws {
            let server = try Services.start(.mongo, name: "sink-rotated", options: Self.login)
            defer { stop(server) }
            let fixture = try SinkFixture(uri: try server.uri)
            let sink = try fixture.started {
                $0.retryMax = 0
                $0.loginPatience = .seconds(1)
                $0.leaseDuration = .seconds(60)
            }
            try sink.submit(try Source.transaction(1, rows: 1))
            while sink.progress.events < 1 { Thread.sleep(forTimeInterval: 0.005) }
            try fixture.failPoint(["insert", "update"], times: 2) {
                $0.append("closeConnection", bool: true)
            }
            try changePassword(fixture, to: "n3w")
            let begin = ContinuousClock.now
            let second = try Source.transaction(2, rows: 1)
            var failure: SinkError?
            do throws(SinkError) {
                try sink.submit(second)
                try sink.finish()
            } catch {
                failure = error
            }
            #expect(failure?.code == .authentication, "\(failure as Any)")
            #expect(failure?.sentence.contains("accepted before") == true)
            #expect(failure?.description.contains("right") == false)
            #expect(ContinuousClock.now - begin >= .seconds(1))
            // With the new one it goes on.
            let again = try SinkFixture(
                uri: try server.uri.replacing("sdl:right@", with: "sdl:n3w@")
            ).started {
                $0.database = fixture.settings.database
                $0.streamName = fixture.settings.streamName
            }
            #expect(again.progress.committed.contains(try Source.gtid(1)))
            try again.finish()
        }

        @Test(
            "[T38] a server of before MongoDB 4.0 is refused at the start",
            .enabled(if: Services.canStart(.mongo), "needs a MongoDB server of its own"),
            arguments: [2, 5, 6])
        func aServerThatIsTooOldIsRefused(_ version: Int) throws {
            let server = try Services.start(
                .mongo, name: "sink-old-\(version)", options: ["--max-wire-version", "\(version)"])
            defer { stop(server) }
            let sink = try SinkFixture(uri: try server.uri).sink { $0.retryMax = 0 }
            var failure: SinkError?
            do throws(SinkError) { try sink.prepare() } catch { failure = error }
            #expect(failure?.code == .notReplicaSet, "\(failure as Any)")
            #expect(failure?.sentence.contains("4.0") == true, "\(failure as Any)")
        }
    }
}
