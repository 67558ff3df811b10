internal import BinlogProtocol
internal import MongoSink

extension Pipeline {
    /// `sdl tail`: the changes of a server as JSON lines.
    static func tail(_ options: TailOptions, in context: CommandContext) throws {
        try run(in: context) {
            let settings = context.settings
            // Not the replica of `sdl run`: the server would end that one's stream.
            var source = settings.mysql
            // MariaDB knows a replica by its number alone.
            if source.flavor == .mariadb {
                source.serverID = .random(in: 0x8000_0000...0xffff_fffe)
            }
            let follower = SourceFollower(
                source, lookup: .server(for: settings.documentOptions.includes),
                onUndecodable: settings.onUndecodable,
                replicaUUID: .random(), retry: settings.retry, log: context.log,
                shutdown: context.shutdown)
            let stream = try follower.connect()
            defer { follower.close() }
            let start = stream.resolve(settings.start)
            let target = try options.until?.set(on: stream)
            try follower.follow(from: start)
            var lines = DocumentLines(options: settings.documentOptions)
            var isDone = target?.isSubset(of: start) ?? false
            while !isDone, !context.shutdown.isRequested {
                guard case .change(let change) = try follower.next(until: .now + pollInterval)
                else { continue }
                try printLines(try lines.add(change))
                if case .end = change, let target {
                    isDone = target.isSubset(of: follower.executed)
                }
            }
        }
    }
}

extension EndPosition {
    /// The transactions after which to end.
    ///
    /// - Throws: ``BinlogError`` with code `configuration` for a set in the other kind of server's form.
    func set(on stream: BinlogStream) throws(BinlogError) -> GTIDSet {
        switch self {
        case .current: return stream.resolve(.current)
        case .gtidSet(let set):
            try stream.source.check(form: set)
            return set
        }
    }
}
