internal import BinlogProtocol
internal import Foundation
internal import Logging
internal import MongoSink

extension Pipeline {
    /// `sdl init`: the collections and indexes in MongoDB.
    static func initialize(in context: CommandContext) throws {
        try run(in: context) {
            let log = context.log
            let settings = context.settings.sinkSettings(standby: false)
            let sink = try MongoSink(settings: settings) { SinkLog.write($0, to: log) }
            context.shutdown.onRequest { sink.cancel() }
            try sink.prepare()
            try sink.finish()
            log.info(
                "Collections and indexes are there",
                metadata: [
                    "database": "\(settings.database)", "collection": "\(settings.collection)",
                ])
        }
    }
}
