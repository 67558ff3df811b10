internal import BinlogProtocol
internal import Foundation
internal import MongoSink

/// What the commands do, once their arguments and settings are read.
enum Pipeline {
    /// How long a wait for the source lasts before the other side is looked at again.
    static let pollInterval: Duration = .milliseconds(200)

    /// Runs the body of a command and turns what it throws into the program's end.
    static func run(in context: CommandContext, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch is NobodyReads {
            return
        } catch {
            let code = ExitCode(of: error)
            // A stop that was asked for ends what was waiting; that is no failure.
            if code == .done, context.shutdown.isRequested { return }
            // A server or a driver may quote what it was given.
            let sentences = sentences(error, context).map { context.redaction.apply(to: $0) }
            throw CommandFailure(code == .done ? .failure : code, sentences)
        }
    }

    private static func sentences(_ error: any Error, _ context: CommandContext) -> [String] {
        switch error {
        case let failure as CommandFailure: return failure.sentences
        default: return ["\(error)"]
        }
    }

    /// The reader of standard output has seen enough, as `head` has: a quiet end.
    private struct NobodyReads: Error {}

    /// Writes to standard output.
    static func printLines(_ lines: [UInt8]) throws {
        if lines.isEmpty { return }
        switch StandardStream.output.write(lines) {
        case .written: return
        case .closed: throw NobodyReads()
        case .failed(let reason):
            throw CommandFailure(
                .failure,
                "Standard output cannot be written to: \(reason). Not everything was printed.")
        }
    }
}
