import Foundation
import TestSupport
import Testing

@testable import sdl

/// What SIGTERM does to the built command.
@Suite struct SignalTests {
    /// A port where connections are taken by the system and nobody ever answers.
    private let silence: Silence

    init() throws {
        silence = try Silence()
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func theFirstSignalStopsCleanly(signal: Int32) throws {
        let run = try start(["tail"], ["MYSQL_ADDR": "127.0.0.1:\(silence.port)"])
        run.signal(signal)
        #expect(try run.wait() == 0)
    }

    @Test func theSecondSignalEndsTheProgramAtOnce() throws {
        let uri =
            "mongodb://127.0.0.1:\(silence.port)/?connectTimeoutMS=60000"
            + "&serverSelectionTimeoutMS=60000"
        let run = try start(["run"], ["MONGO_URI": uri])
        let began = ContinuousClock.now
        // The driver's wait for the server cannot be cut short, so the first one has to wait.
        run.signal(SIGTERM)
        Thread.sleep(forTimeInterval: 0.5)
        #expect(run.isRunning)
        run.signal(SIGTERM)
        #expect(try run.wait() == -SIGTERM)
        #expect(ContinuousClock.now - began < .seconds(30))
    }

    @Test func theMemoryOfTheProcessIsNotForOthers() throws {
        let run = try start(["tail"], ["MYSQL_ADDR": "127.0.0.1:\(silence.port)"])
        let limits = try String(contentsOfFile: "/proc/\(run.processID)/limits", encoding: .utf8)
        let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
        #expect(core?.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"])
        // What belongs to a process that may be dumped belongs to its user, else to root.
        var state = stat()
        #expect(stat("/proc/\(run.processID)/mem", &state) == 0)
        #expect(state.st_uid == 0)
    }

    @Test("S4: a crash shows nothing of the memory, unless somebody asked for it")
    func aCrashShowsNoMemory() throws {
        for signal in [SIGSEGV, SIGILL, SIGTRAP] {
            let run = try start(["tail"], ["MYSQL_ADDR": "127.0.0.1:\(silence.port)"])
            run.signal(signal)
            #expect(try run.wait() == -signal)
            #expect(try run.complaints.isEmpty)
        }
    }

    /// Starts the command and waits until it has connected, thus listens for signals.
    private func start(_ arguments: [String], _ changes: [String: String]) throws -> SDLCommand {
        let environment = ["MYSQL_USER": "nobody", "MYSQL_TLS_MODE": "disabled"]
        let run = try SDLCommand(arguments, environment: environment.merging(changes) { $1 })
        try silence.waitForConnection()
        return run
    }
}

/// A listening socket.
private final class Silence {
    struct Failure: Error {
        let call: String
        let code = errno
    }

    let port: UInt16
    private let socket: Int32

    init() throws {
        let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.socket = socket
        guard socket >= 0 else { throw Failure(call: "socket") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, size) == 0 ? getsockname(socket, $0, &size) : -1
            }
        }
        guard code == 0, listen(socket, 8) == 0 else { throw Failure(call: "bind") }
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit {
        close(socket)
    }

    /// Returns as soon as somebody has connected.
    func waitForConnection() throws {
        var state = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard poll(&state, 1, 60_000) == 1 else { throw Failure(call: "poll") }
    }
}
