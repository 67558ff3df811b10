internal import ArgumentParser
internal import BinlogProtocol
internal import Foundation
internal import MongoSink

/// The end of the program.
enum CommandEnd {
    /// Prints what `error` has to say and exits with the code that is promised for it.
    static func exit(with error: any Error, root: (some ParsableCommand).Type) -> Never {
        switch error {
        case let failure as CommandFailure:
            failure.sentences.forEach(complain)
            Foundation.exit(failure.exitCode.rawValue)
        case is BinlogError, is SinkError, is BinlogProtocol.DecodingError:
            complain("\(error)")
            Foundation.exit(ExitCode(of: error).rawValue)
        default:
            exitAsArgumentParserWould(with: error, root: root)
        }
    }

    private static func complain(_ sentence: String) {
        StandardStream.error.write("sdl: \(Escaping.escaped(sentence))\n")
    }

    private static func exitAsArgumentParserWould(
        with error: any Error, root: (some ParsableCommand).Type
    ) -> Never {
        let text = root.fullMessage(for: error)
        let code = root.exitCode(for: error)
        guard code.isSuccess else {
            StandardStream.error.write(text + "\n")
            // ArgumentParser's own code for bad usage is 64.
            let isUsage = code == .validationFailure
            Foundation.exit((isUsage ? sdl.ExitCode.usage : .failure).rawValue)
        }
        StandardStream.output.write(text + "\n")
        Foundation.exit(ExitCode.done.rawValue)
    }
}
