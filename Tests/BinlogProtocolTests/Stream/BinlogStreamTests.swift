import BinlogProtocol
import Foundation
import TestSupport
import Testing

/// The blocking front door against a fake server.
@Suite("BinlogStream")
struct BinlogStreamTests {
    private let uuid: ServerUUID

    init() throws {
        uuid = try #require(ServerUUID(FakeSource.uuid))
    }

    private func source(
        executed: String = "", owned: String = "", purged: String = ""
    ) -> FakeSource {
        var source = FakeSource()
        source.executed = executed
        source.owned = owned
        source.purged = purged
        return source
    }

    /// Follows a server that sends `packets` after what every log begins with.
    private func follow(
        _ source: FakeSource = FakeSource(), from start: String = "", untilEnd: Bool = false,
        sends packets: [[UInt8]], _ body: (BinlogStream) throws -> Void
    ) throws {
        let server = try FakeServer { peer in
            try peer.playUntilDump(source)
            try peer.send(events: [EventBuilder.rotate("b.000001")])
            for packet in packets { try peer.send(packet) }
            _ = try peer.receiveToEnd()
        }
        var stream: BinlogStream? = try connect(server)
        try stream?.follow(
            from: GTIDSet(parsing: start), replicaUUID: .random(), untilEnd: untilEnd)
        if let stream { try body(stream) }
        stream = nil
        try server.finish()
    }

    private func connect(
        _ server: FakeServer, cancellation: Cancellation? = nil
    ) throws -> BinlogStream {
        try BinlogStream(
            ConnectionOptions(
                address: server.address, user: "u", password: Secret("p"),
                tls: TLSOptions(mode: .disabled)),
            cancellation: cancellation ?? Cancellation())
    }

    private func packets(_ events: [[UInt8]]) -> [[UInt8]] { events.map { [0] + $0 } }

    /// Reads to the end or to an error.
    @discardableResult
    private func drain(_ stream: BinlogStream) throws -> Int {
        var changes = 0
        while true {
            switch try stream.next(until: .now.advanced(by: .seconds(5))) {
            case .change: changes += 1
            case .idle: Issue.record("nothing came")
            case .ended: return changes
            }
        }
    }

    @Test("A transaction that our position contains is no part of the history that we know")
    func repeated() throws {
        let events = EventBuilder.transaction(uuid, 4) + EventBuilder.transaction(uuid, 2)
        try follow(
            source(executed: "\(uuid):1-4"), from: "\(uuid):1-3", sends: packets(events)
        ) { (stream: BinlogStream) throws in
            let error = #expect(throws: BinlogError.self) { try drain(stream) }
            #expect(error?.code == .diverged)
            #expect(error?.description.contains("sent transaction \(uuid):2") == true)
            #expect(stream.executed.description == "\(uuid):1-4")
        }
    }

    @Test("PY13: a transaction without a GTID is refused with what to do")
    func anonymous() throws {
        let events = [
            EventBuilder.event(34, [UInt8](repeating: 0, count: 25)), EventBuilder.query("BEGIN"),
            EventBuilder.xid(1),
        ]
        try follow(sends: packets(events)) { (stream: BinlogStream) throws in
            let error = #expect(throws: BinlogError.self) { try drain(stream) }
            #expect(error?.code == .configuration)
            #expect(error?.description.contains("gtid_mode=ON") == true)
            #expect(stream.executed.isEmpty)
        }
    }

    @Test("To the end of the log, and no further")
    func toTheEnd() throws {
        let events = EventBuilder.transaction(uuid, 1) + EventBuilder.transaction(uuid, 2)
        try follow(
            source(executed: "\(uuid):1-2"), untilEnd: true,
            sends: packets(events) + [FakePackets.eof]
        ) { (stream: BinlogStream) throws in
            #expect(try drain(stream) == 4)
            #expect(stream.executed.description == "\(uuid):1-2")
            #expect(stream.position.file == "b.000001")
            #expect(try drain(stream) == 0)
        }
    }

    @Test("Nothing until the deadline")
    func idle() throws {
        try follow(sends: []) { (stream: BinlogStream) throws in
            guard case .idle = try stream.next(until: .now.advanced(by: .milliseconds(50))) else {
                Issue.record("something came")
                return
            }
        }
    }

    @Test("T81: an end that cannot be one is a lost connection, and stays one")
    func falseEnds() throws {
        let first = EventBuilder.transaction(uuid, 1)
        let cases: [(executed: String, untilEnd: Bool, events: [[UInt8]])] = [
            // Nobody asked for an end.
            ("\(uuid):1", false, first),
            // A transaction is open.
            ("\(uuid):1", true, first + [EventBuilder.gtid(uuid, 2)]),
            // A transaction that the server had when we came is missing.
            ("\(uuid):1-2", true, first),
        ]
        for (executed, untilEnd, events) in cases {
            try follow(
                source(executed: executed), untilEnd: untilEnd,
                sends: packets(events) + [FakePackets.eof]
            ) { (stream: BinlogStream) throws in
                for _ in 0..<2 {
                    let error = #expect(throws: BinlogError.self) { try drain(stream) }
                    #expect(error?.code == .connectionLost)
                    #expect(error?.isTransient == true)
                }
                #expect(stream.executed.description == "\(uuid):1")
            }
        }
    }

    @Test("What was purged before the start is not missed at the end")
    func purgedBefore() throws {
        try follow(
            source(executed: "\(uuid):1-2", purged: "\(uuid):1"), from: "\(uuid):1",
            untilEnd: true, sends: packets(EventBuilder.transaction(uuid, 2)) + [FakePackets.eof]
        ) { (stream: BinlogStream) throws in
            try drain(stream)
            #expect(stream.executed.description == "\(uuid):1-2")
        }
    }

    @Test("T83: after a damaged event its transaction is not completed by what follows")
    func damaged() throws {
        var events = EventBuilder.transaction(uuid, 1)
        var damaged = EventBuilder.query("SAVEPOINT a")
        damaged[30] ^= 1
        events.insert(damaged, at: 2)
        try follow(sends: packets(events)) { (stream: BinlogStream) throws in
            for _ in 0..<3 {
                let error = #expect(throws: BinlogError.self) { try drain(stream) }
                #expect(error?.code == .corrupt)
                #expect(error?.file == "b.000001")
                #expect(error?.gtid == "\(uuid):1")
            }
            #expect(stream.executed.isEmpty)
        }
    }

    @Test("T80: the server's error comes with the place in the log")
    func refused() throws {
        try follow(sends: [FakePackets.error(1236, "bogus data in log event")]) {
            (stream: BinlogStream) throws in
            let error = #expect(throws: BinlogError.self) { try drain(stream) }
            #expect(error?.code == .corrupt)
            #expect(error?.description.contains("b.000001") == true)
        }
    }

    @Test("A transaction that is being committed has been sent already: the history is the same")
    func owned() throws {
        let source = source(executed: "\(uuid):1-5", owned: "\(uuid):7#11:6#10")
        try follow(source, from: "\(uuid):1-6", sends: []) { _ in }
        for start in ["\(uuid):1-8", "11111111-2222-3333-4444-555555555555:1"] {
            let server = try FakeServer { peer in
                do {
                    try peer.playUntilDump(source)
                } catch is FakeServer.Failure {
                    // The client left without asking for the log, as it should.
                    return
                }
            }
            var stream: BinlogStream? = try connect(server)
            let error = #expect(throws: BinlogError.self) {
                try stream?.follow(from: GTIDSet(parsing: start), replicaUUID: .random())
            }
            #expect(error?.code == .diverged)
            stream = nil
            try server.finish()
        }
    }

    @Test("Calls in the wrong order are errors and no traps")
    func order() throws {
        let server = try FakeServer { peer in
            try peer.playUntilDump()
            _ = try peer.receiveToEnd()
        }
        var stream: BinlogStream? = try connect(server)
        let early = #expect(throws: BinlogError.self) { try stream?.next(until: .now) }
        #expect(early?.code == .configuration)
        try stream?.follow(from: GTIDSet(), replicaUUID: .random())
        let twice = #expect(throws: BinlogError.self) {
            try stream?.follow(from: GTIDSet(), replicaUUID: .random())
        }
        #expect(twice?.code == .configuration)
        stream = nil
        try server.finish()
    }

    @Test("GM14: cancelled from another thread, then left; ZJ5: the server's thread is ended")
    func cancelled() throws {
        let server = try FakeServer(
            { peer in
                try peer.playUntilDump()
                _ = try peer.receiveToEnd()
            },
            { peer in
                guard try peer.playEndOfDump().last == "KILL 77" else {
                    throw FakeServer.Failure(description: "the thread was not ended")
                }
            })
        let cancellation = try Cancellation()
        var stream: BinlogStream? = try connect(server, cancellation: cancellation)
        try stream?.follow(from: GTIDSet(), replicaUUID: .random())
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: 0.1)
            cancellation.cancel()
        }
        for _ in 0..<2 {
            let error = #expect(throws: BinlogError.self) {
                try stream?.next(until: .now.advanced(by: .seconds(20)))
            }
            #expect(error?.code == .cancelled)
        }
        try stream?.close()
        stream = nil
        try server.finish()
    }
}
