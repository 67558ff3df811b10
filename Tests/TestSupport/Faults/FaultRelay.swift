internal import BinlogProtocol
internal import Foundation
internal import Synchronization

/// Passes bytes both ways on one line of a ``FaultProxy`` and breaks it as the rules say, in one thread.
struct FaultRelay {
    /// How soon a change of the rules is seen.
    private static let pollMilliseconds: Int32 = 10

    private struct Way {
        let direction: FaultRules.Direction
        let from: LoopbackLine
        let to: LoopbackLine
        var pending: ArraySlice<UInt8> = []
        var passed = 0
        var isEnded = false
        var swallows = false
        var notBefore = ContinuousClock.now
    }

    private let client: LoopbackLine
    private let server: LoopbackLine
    private let shared: FaultProxy.Shared
    private let number: Int
    private var ways: [Way]
    private var stalledSince: Int?

    /// - Throws: when the server cannot be reached.
    init(client: LoopbackLine, _ shared: FaultProxy.Shared) throws {
        self.client = client
        self.shared = shared
        server = try LoopbackLine.connect(to: shared.mutex.withLock { $0.server })
        number = shared.mutex.withLock { state in
            state.records.append(FaultProxy.LineRecord())
            return state.records.count - 1
        }
        ways = [
            Way(direction: .toServer, from: client, to: server),
            Way(direction: .toClient, from: server, to: client),
        ]
    }

    /// Works until either side leaves or a rule breaks the line.
    mutating func run() {
        var reset = false
        defer {
            client.close(reset: reset)
            server.close(reset: reset)
            shared.mutex.withLock { $0.records[number].isOpen = false }
        }
        while true {
            let (rules, isClosed, resumed) = shared.mutex.withLock {
                ($0.rules, $0.isClosed || number < $0.closedBelow, $0.resumed)
            }
            if isClosed { return }
            if rules.refuses, ways.allSatisfy({ $0.passed == 0 }) {
                reset = true
                return
            }
            for index in ways.indices {
                switch fault(rules, index) {
                case nil: break
                case .close: return
                case .reset:
                    reset = true
                    return
                case .stall: stalledSince = resumed
                case .swallow: ways[index].swallows = true
                }
            }
            if stalledSince == resumed {
                usleep(UInt32(Self.pollMilliseconds) * 1000)
                continue
            }
            stalledSince = nil
            waitForWork(rules)
            for index in ways.indices {
                receive(index, rules)
                guard send(index, rules) else { return }
                if ways[index].isEnded, ways[index].pending.isEmpty { return }
            }
        }
    }

    /// The cut that is due in a direction, which then is no rule any more.
    private func fault(_ rules: FaultRules, _ index: Int) -> FaultRules.Fault? {
        guard let cut = rules.cut, applies(cut, ways[index]), ways[index].passed >= cut.after
        else { return nil }
        return shared.mutex.withLock { state in
            guard state.rules.cut == cut else { return nil }
            state.rules.cut = nil
            state.faults += 1
            return cut.fault
        }
    }

    private func applies(_ cut: FaultRules.Cut, _ way: Way) -> Bool {
        cut.direction == way.direction && (cut.line == nil || cut.line == number)
    }

    private func waitForWork(_ rules: FaultRules) {
        let now = ContinuousClock.now
        var polled = ways.flatMap { way in
            let receives = way.pending.isEmpty && !way.isEnded
            let sends = !way.pending.isEmpty && way.notBefore <= now
            return [
                pollfd(
                    fd: receives ? way.from.descriptor : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: sends ? way.to.descriptor : -1, events: Int16(POLLOUT), revents: 0),
            ]
        }
        let due = ways.filter { !$0.pending.isEmpty && $0.notBefore > now }
        _ = poll(&polled, nfds_t(polled.count), due.isEmpty ? Self.pollMilliseconds : 1)
    }

    private mutating func receive(_ index: Int, _ rules: FaultRules) {
        guard ways[index].pending.isEmpty, !ways[index].isEnded else { return }
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(
            ways[index].from.descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        if count > 0 {
            if ways[index].swallows { return }
            ways[index].pending = buffer[..<count]
            ways[index].notBefore = .now + rules.delay
        } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
            ways[index].isEnded = true
        }
    }

    /// Sends one piece; false when the other side is gone.
    private mutating func send(_ index: Int, _ rules: FaultRules) -> Bool {
        let way = ways[index]
        guard !way.pending.isEmpty, way.notBefore <= .now else { return true }
        var limit = min(way.pending.count, rules.pieces ?? .max)
        if let cut = rules.cut, applies(cut, way) { limit = min(limit, cut.after - way.passed) }
        guard limit > 0 else { return true }
        let piece = way.pending.prefix(limit)
        let sent = LoopbackLine.send(
            way.to.descriptor, piece, flags: Int32(MSG_DONTWAIT))
        guard sent > 0 else { return sent < 0 && (errno == EAGAIN || errno == EINTR) }
        ways[index].pending = way.pending.dropFirst(sent)
        ways[index].passed += sent
        ways[index].notBefore = .now + rules.delay
        shared.mutex.withLock { state in
            func add(to traffic: inout FaultProxy.Traffic) {
                traffic.bytes += sent
                traffic.pieces += 1
                traffic.borders.add(piece.prefix(sent))
            }
            switch way.direction {
            case .toServer: add(to: &state.records[number].toServer)
            case .toClient: add(to: &state.records[number].toClient)
            }
        }
        return true
    }
}
