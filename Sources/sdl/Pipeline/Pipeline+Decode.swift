internal import BinlogProtocol
internal import MongoSink

extension Pipeline {
    /// `sdl decode`: documents or events of binary log files.
    static func decode(_ options: DecodeOptions, in context: CommandContext) throws {
        try run(in: context) {
            for path in options.files {
                let file =
                    path == "-"
                    ? try BinlogFile(standardInputNamed: "stdin") : try BinlogFile(path: path)
                switch options.format {
                case .json: try printDocuments(file, context)
                case .events: try printEvents(file, context)
                }
                if context.shutdown.isRequested { return }
            }
        }
    }

    private static func printDocuments(_ file: BinlogFile, _ context: CommandContext) throws {
        var lines = DocumentLines(options: context.settings.documentOptions)
        // One write for many short lines.
        var pending: [UInt8] = []
        do {
            while !context.shutdown.isRequested, let change = try file.nextChange() {
                pending.append(contentsOf: try lines.add(change))
                if pending.count >= 64 << 10 {
                    let full = pending
                    pending.removeAll(keepingCapacity: true)
                    try printLines(full)
                }
            }
        } catch {
            // What came before the error is printed too; the error itself is what has to be told.
            StandardStream.output.write(pending)
            throw error
        }
        try printLines(pending)
    }

    private static func printEvents(_ file: BinlogFile, _ context: CommandContext) throws {
        var lines = EventLines(file: file.name)
        while !context.shutdown.isRequested {
            let offset = file.offset
            guard let event = try file.nextEvent() else { return }
            try printLines(Array(try lines.line(event, at: offset).utf8))
        }
    }
}
