import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

extension SinkTests {
    /// The whole server goes away and comes back.
    @Suite struct Outages {
        @Test(.enabled(if: Services.canStart(.mongo), "needs a MongoDB server of its own"))
        func aKilledServerLosesAndRepeatsNothing() throws {
            let server = try Services.start(.mongo, name: "sink-outage")
            defer { stop(server) }
            let fixture = try SinkFixture(uri: try server.uri)
            let sink = try fixture.started {
                $0.retryMax = 0
                $0.batchSize = 50
                $0.leaseDuration = .seconds(30)
            }
            let failing = Thread {
                do {
                    for _ in 0..<3 {
                        Thread.sleep(forTimeInterval: 0.3)
                        try Services.kill(server)
                        Thread.sleep(forTimeInterval: 0.3)
                        try Services.restart(server)
                    }
                } catch {
                    Issue.record(error)
                }
            }
            failing.start()
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

        private func stop(_ server: ServiceInstance) {
            do {
                try Services.stop(server)
            } catch {
                Issue.record(error)
            }
        }

        @Test(.enabled(if: Services.canStart(.mongo), "needs a MongoDB server of its own"))
        func wrongCredentialsStopWithoutTheirPassword() throws {
            let server = try Services.start(
                .mongo, name: "sink-auth", options: ["--user", "sdl", "--password", "right"])
            defer { stop(server) }
            let address = try server.address
            for (password, expected) in [("wr0ng", SinkError.Code.authentication), ("right", nil)] {
                let sink = try SinkFixture(
                    uri: "mongodb://sdl:\(password)@\(address)/?replicaSet=rs0&authSource=admin"
                ).sink { $0.retryMax = 2 }
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
    }
}
