import BinlogProtocol
import MongoSink
import Testing

@testable import sdl

/// What a command's last sentence may hold.
@Suite struct PipelineEndTests {
    private func context() throws -> CommandContext {
        let settings = try settings([
            "MYSQL_USER": "r", "MYSQL_PASS": "hunter2canary",
            "MONGO_URI": "mongodb://u:mongo%2Fcanary@h/",
        ])
        let log = Log.logger(
            level: .critical, format: .text, redaction: Redaction(secrets: settings.secrets))
        return CommandContext(settings: settings, log: log, shutdown: ShutdownSignal())
    }

    @Test(arguments: [
        BinlogError(.authentication, "Refused: hunter2canary") as any Error,
        SinkError(.permanent, "Refused: hunter2canary", detail: "mongo/canary"),
        CommandFailure(.failure, ["Refused: hunter2canary", "mongo%2Fcanary"]),
    ])
    func aServerThatQuotesAPasswordDoesNotGetItPrinted(error: any Error) throws {
        let context = try context()
        let failure = try #require(throws: CommandFailure.self) {
            try Pipeline.run(in: context) { throw error }
        }
        #expect(failure.exitCode == ExitCode(of: error))
        #expect(failure.description.contains("Refused: ***"))
        #expect(!failure.description.contains("canary"))
    }

    @Test func aStopThatWasAskedForIsNoFailure() throws {
        let context = try context()
        for error in [BinlogError(.cancelled, "x") as any Error, SinkError(.cancelled, "x")] {
            // Nobody asked.
            let failure = try #require(throws: CommandFailure.self) {
                try Pipeline.run(in: context) { throw error }
            }
            #expect(failure.exitCode == .failure)
        }
        context.shutdown.request()
        try Pipeline.run(in: context) { throw BinlogError(.cancelled, "x") }
        try Pipeline.run(in: context) { throw SinkError(.cancelled, "x") }
    }
}
