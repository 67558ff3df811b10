internal import BinlogProtocol
internal import MongoSink

extension Pipeline {
    /// `sdl decode`: documents or events of binary log files.
    static func decode(_ options: DecodeOptions, in context: CommandContext) throws {
        try run(in: context) {
            switch options.format {
            case .json:
                for path in options.files {
                    try printDocuments(try open(path), context)
                    if context.shutdown.isRequested { return }
                }
            case .events: try printEvents(options.files)
            }
        }
    }

    private static func open(_ path: String) throws -> BinlogFile {
        path == "-" ? try BinlogFile(standardInputNamed: "stdin") : try BinlogFile(path: path)
    }

    private static func printDocuments(_ file: BinlogFile, _ context: CommandContext) throws {
        file.onUndecodable = context.settings.onUndecodable
        var lines = DocumentLines(options: context.settings.documentOptions)
        // One write for many short lines.
        var pending: [UInt8] = []
        do {
            while !context.shutdown.isRequested, let change = try file.nextChange() {
                do throws(DecodingError) {
                    pending.append(contentsOf: try lines.lines(change))
                } catch {
                    throw file.located(error)
                }
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

    /// What cannot be read is told at the end, after the events of all files.
    private static func printEvents(_ paths: [String]) throws {
        var code: ExitCode?
        var sentences: [String] = []
        let text = ListingText { try printLines($0) }
        for path in paths {
            do {
                guard let refusal = try listEvents(try open(path), text) else { continue }
                code = code ?? .undecodable
                sentences.append(refusal)
            } catch let error as BinlogError {
                code = code ?? ExitCode(of: error)
                sentences.append("\(error)")
            }
        }
        if let code { throw CommandFailure(code, sentences) }
    }

    /// Lists the events of a file.
    ///
    /// - Returns: what is to be told of those that cannot be decoded; nil when all can.
    private static func listEvents(_ file: BinlogFile, _ text: ListingText) throws -> String? {
        var listing = EventListing(file: file.name, text: text)
        var end: BinlogError?
        do {
            while true {
                let offset = file.offset
                guard let event = try file.nextEvent() else { break }
                try listing.list(event, at: offset)
            }
        } catch let error as BinlogError {
            end = error
        }
        guard let first = listing.firstRefusal, listing.refusedCount > 0 else {
            if let end { throw end }
            return nil
        }
        // Of one and the same event only the first sentence is told.
        let isEndOfItsOwn = end.map { $0.position != first.position } ?? false
        let more = listing.refusedCount - 1
        return "\(first)"
            + (more > 0 ? " \(more) more of its events cannot be decoded; each is marked." : "")
            + (isEndOfItsOwn ? end.map { " \($0)" } ?? "" : "")
    }
}
