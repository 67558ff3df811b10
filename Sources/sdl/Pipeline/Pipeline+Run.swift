internal import BinlogProtocol
internal import Foundation
internal import Logging
internal import MongoSink

extension Pipeline {
    /// How long a stop may take to commit what was read.
    private static let stopLimit: Duration = .seconds(20)

    /// `sdl run`: the service.
    static func run(_ options: RunOptions, in context: CommandContext) throws {
        try run(in: context) {
            let log = context.log
            let sinkSettings = context.settings.sinkSettings(standby: options.standby)
            let sink = try MongoSink(settings: sinkSettings) { SinkLog.write($0, to: log) }
            context.shutdown.onRequest { sink.cancel() }
            do {
                try sink.prepare()
                try sink.acquireLease()
                let stored = try sink.recover()
                try follow(from: stored, options, sink, context)
            } catch let end where isStop(end, context) {
                try stop(sink, context)
            } catch {
                try release(sink, after: error, context)
            }
        }
    }

    /// Whether `error` is only the end of a wait, because a stop was asked for.
    private static func isStop(_ error: any Error, _ context: CommandContext) -> Bool {
        context.shutdown.isRequested && ExitCode(of: error) == .done
    }

    /// Gives the lease back after a failure, then reports that failure and not what it led to.
    private static func release(
        _ sink: MongoSink, after error: any Error, _ context: CommandContext
    ) throws {
        do {
            try sink.stop(within: stopLimit)
        } catch {
            context.log.debug("Stopping the sink: \(error)")
        }
        throw error
    }

    private static func follow(
        from stored: StoredOffset?, _ options: RunOptions, _ sink: MongoSink,
        _ context: CommandContext
    ) throws {
        let settings = context.settings
        let follower = SourceFollower(
            settings.mysql, lookup: .server(for: settings.documentOptions.includes),
            onUndecodable: settings.onUndecodable,
            replicaUUID: ReplicaIdentity.uuid(stream: settings.streamName),
            retry: settings.retry, log: context.log, shutdown: context.shutdown,
            onShutdown: {
                // A reader that waits for room would see the stop only when there is some.
                sink.interruptSubmission()
                limitStop(of: sink)
            }, mayConnect: { try sink.confirmLease() })
        defer { follower.close() }
        let stream = try follower.connect()
        if let advice = stream.source.columnNamesAdvice { context.log.warning("\(advice)") }
        let start = stored?.gtid ?? stream.resolve(settings.start)
        let target = try options.until?.set(on: stream)
        // A server that refuses us, here at the latest, leaves nothing half-written behind.
        try follower.follow(from: start, last: stored?.last)
        if stored == nil {
            try sink.storeStart(start, file: "", position: 0, server: SourceIdentity(stream))
        }
        announce(start, stored, options, context)
        var source = stored == nil ? SourceIdentity(stream) : stored?.server
        try sink.start()
        var submission = TransactionSubmission(
            sink: sink, options: settings.documentOptions, bytesMax: settings.batchBytesMax,
            documentsMax: settings.batchDocumentsMax, log: context.log)
        follower.largeValueReceiver = submission.largeValues
        var isDone = target?.isSubset(of: start) ?? false
        do {
            // A source of another history must not look like one from which everything was read.
            while !isDone || follower.confirmedSource == nil, !context.shutdown.isRequested {
                if let failure = sink.failure { throw failure }
                let item = try follower.next(until: .now + pollInterval)
                if let stream = follower.confirmedSource {
                    try remember(stream, &source, sink, context)
                }
                switch item {
                case .change(let change):
                    try submission.add(change, at: follower.position, last: follower.last)
                    if case .end = change, let target {
                        isDone = target.isSubset(of: follower.executed)
                    }
                case .lost: try submission.abandon()
                case .idle: break
                }
            }
        } catch let end where isStop(end, context) {
            // The wait for the source, or for room in the sink, is over; what was read is flushed below.
            context.log.debug("Stopped: \(end)")
        }
        try submission.abandon()
        try stop(sink, context)
    }

    /// Ends what waits for a sink whose server is away.
    private static func limitStop(of sink: MongoSink) {
        let (seconds, _) = stopLimit.components
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Int(seconds))) {
            sink.cancel()
        }
    }

    private static func stop(_ sink: MongoSink, _ context: CommandContext) throws {
        context.log.info(LogMessage.flushing(events: sink.progress.heldEvents))
        do throws(SinkError) {
            if context.shutdown.isRequested {
                try sink.stop(within: stopLimit)
            } else {
                context.shutdown.onRequest { limitStop(of: sink) }
                try sink.finish()
            }
        } catch {
            guard isStop(error, context) else { throw error }
            if sink.progress.heldEvents > 0 {
                context.log.warning(
                    "Not everything that was read could be committed in time; it is read again at the next start",
                    metadata: ["events": "\(sink.progress.heldEvents)"])
            }
        }
        let progress = sink.progress
        context.log.info(
            LogMessage.shutdownComplete,
            metadata: [
                "events": "\(progress.events)", "transactions": "\(progress.transactions)",
                "gtid": "\(progress.committed)",
            ])
    }

    /// Stores which server we follow, once it showed that its history is ours.
    private static func remember(
        _ stream: BinlogStream, _ known: inout SourceIdentity?, _ sink: MongoSink,
        _ context: CommandContext
    ) throws {
        let source = SourceIdentity(stream)
        guard source != known else { return }
        if let known, known.uuid != source.uuid || known.serverID != source.serverID {
            context.log.warning(
                "The source is another server than before; it has our position, and we go on from there",
                metadata: [
                    "before": "\(known.uuid) \(known.serverID.map { "\($0)" } ?? "")",
                    "now": "\(source.uuid) \(stream.serverID)",
                ])
        }
        try sink.storeServer(source)
        known = source
    }

    private static func announce(
        _ start: GTIDSet, _ stored: StoredOffset?, _ options: RunOptions,
        _ context: CommandContext
    ) {
        if stored != nil, options.hasStart { warnOfStart(context) }
        if stored == nil, context.settings.start == .current {
            context.log.info(
                LogMessage.startingFromCurrentPosition, metadata: ["gtid": "\(start)"])
        } else {
            context.log.info(LogMessage.starting(fromGTID: "\(start)"))
        }
    }

    private static func warnOfStart(_ context: CommandContext) {
        let settings = context.settings
        context.log.warning(
            "--start is not looked at: the stream goes on from its stored position; to begin elsewhere, stop sdl and delete the position's document, or set its field gtid",
            metadata: [
                "collection": "\(settings.mongo.database).\(settings.mongo.offsets)",
                "_id": "\(settings.streamName)",
            ])
    }
}

extension SourceIdentity {
    fileprivate init(_ stream: BinlogStream) {
        self.init(
            uuid: stream.serverUUID.map { "\($0)" } ?? "", version: stream.serverVersion,
            flavor: stream.source.flavor.rawValue, serverID: stream.serverID)
    }
}
