import Foundation
import TestSupport
import Testing

@testable import sdl

/// A MongoDB that wants a password: the whole way with it, and each way of not getting in.
///
/// All that these runs print is searched for the passwords, as it is of every run.
@Suite struct CredentialsTests {
    private static let password = "mOngo-cAn@ry:/%#x"
    private static let encoded = "mOngo-cAn%40ry%3A%2F%25%23x"

    @Test(
        "S4, T116: a password of MongoDB with characters of a URL, while it works and when it does not",
        .enabled(if: Services.canStart(.mongo), "needs a MongoDB server of its own"),
        arguments: ["text", "json"])
    func password(format: String) throws {
        let options = ["--user", "audit", "--password", Self.password]
        try withServer(.mongo, name: "login-\(format)", options: options) { mongo in
            let trail = try OwnTrail(mongo: mongo)
            #expect(trail.mongoURI.contains(Self.encoded))
            let table = try SourceTable(trail)
            let settings = table.onlyThis.merging(
                ["LOG_LEVEL": "trace", "LOG_FORMAT": format]
            ) { $1 }
            let until = ["run", "--until", "current"]
            #expect(try trail.run(until, settings).exitCode == 0)
            try table.insert(1)
            // From a file, and with the server away for a while.
            var environment = try trail.environment(settings.merging(["RETRY_MAX": "0"]) { $1 })
            environment["MONGO_URI"] = nil
            environment["MONGO_URI_FILE"] = try trail.folder.write("uri", trail.mongoURI + "\n")
            let run = try SDLCommand(["run"], environment: environment)
            try run.waitFor("Starting from GTID")
            try Services.kill(mongo)
            try table.insert(1)
            try run.waitFor("attempt 2")
            try Services.restart(mongo)
            while try trail.insertCount() < 2 {
                try #require(run.isRunning)
                usleep(20_000)
            }
            run.signal(SIGTERM)
            #expect(try run.wait() == 0)
            // Another password, none, and another user.
            for uri in [
                trail.mongoURI.replacing(Self.encoded, with: Self.encoded + "-not"),
                trail.mongoURI.replacing(":\(Self.encoded)", with: ""),
                trail.mongoURI.replacing("audit:", with: "auditor:"),
                trail.mongoURI.replacing("audit:\(Self.encoded)@", with: ""),
            ] {
                let refused = try trail.run(
                    ["init"], settings.merging(["MONGO_URI": uri]) { $1 })
                // One without a password is seen before it is tried.
                let isWhole = !uri.contains("audit@")
                #expect(refused.exitCode == (isWhole ? 6 : 2))
                #expect(try endsInOneSentence(refused))
                #expect(try !refused.complaints.contains("cAn"))
            }
        }
    }
}
