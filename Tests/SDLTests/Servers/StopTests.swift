import Foundation
import TestSupport
import Testing

@testable import sdl

/// SIGTERM and SIGINT to `sdl run` at each point where it can wait: a clean stop, and the log says so.
@Suite struct StopTests {
    private func expectCleanStop(_ run: SDLCommand, _ signal: Int32 = SIGTERM) throws {
        run.signal(signal)
        #expect(try run.wait() == 0)
        let lines = try run.complaints.split(separator: "\n")
        #expect(lines.contains { $0.contains("Flushing ") && $0.contains(" remaining events") })
        #expect(lines.last?.contains("Shutdown complete") == true)
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func whileStreaming(signal: Int32) throws {
        let trail = try OwnTrail()
        let table = try SourceTable(trail)
        let run = try trail.start(["run"], table.onlyThis)
        try run.waitFor("Starting from current position")
        try table.insert(3)
        while try trail.insertCount() == 0 {
            try #require(run.isRunning)
            usleep(20_000)
        }
        try expectCleanStop(run, signal)
        #expect(try trail.isLeaseFree())
        // The rest comes with the next run.
        #expect(try trail.run(["run", "--until", "current"], table.onlyThis).exitCode == 0)
        #expect(try trail.insertCount() == 3)
    }

    @Test func whileMongoDBIsAway() throws {
        let uri = "mongodb://127.0.0.1:1/?replicaSet=rs0&serverSelectionTimeoutMS=200"
        let run = try OwnTrail().start(["run"], ["MONGO_URI": uri, "RETRY_MAX": "0"])
        try run.waitFor("attempt 2")
        try expectCleanStop(run)
    }

    @Test func whileTheSourceIsAway() throws {
        let trail = try OwnTrail()
        let run = try trail.start(["run"], ["MYSQL_ADDR": "127.0.0.1:1", "RETRY_MAX": "0"])
        try run.waitFor("Trying again.")
        try expectCleanStop(run)
        #expect(try trail.isLeaseFree())
        #expect(try trail.position() == nil)
    }

    @Test(.enabled(if: Services.canStart(.mongo), "needs a MongoDB server of its own"))
    func whileTheReaderWaitsForRoom() throws {
        try withServer(.mongo, name: "no-room") { mongo in
            let shared = try OwnTrail()
            let table = try SourceTable(shared)
            let environment = try shared.environment(
                table.onlyThis.merging([
                    "MONGO_URI": "\(try mongo.uri)&serverSelectionTimeoutMS=500",
                    "RETRY_MAX": "0", "MEMORY_LIMIT": "16MiB",
                ]) { $1 })
            let run = try SDLCommand(["run"], environment: environment)
            try run.waitFor("Starting from current position")
            try Services.kill(mongo)
            try table.insert(8, bytes: 4 << 20)
            // The lease is tried again too, perhaps before anything was read.
            try run.waitFor("staging of batch")
            try expectCleanStop(run)
            #expect(try run.complaints.contains("it is read again at the next start"))
        }
    }
}
