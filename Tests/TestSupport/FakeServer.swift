package import BinlogProtocol
internal import Foundation
internal import Synchronization

/// A listener on loopback that plays one script to each client that comes, in their order.
///
/// Each script runs in a thread of its own; `finish()` waits for the end of all and throws the first error.
package final class FakeServer: Sendable {
    /// The script's thread did not end, or the system refused something.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String

        package init(description: String) {
            self.description = description
        }
    }

    package let port: UInt16
    private let failures = Locked<[any Error]>([])
    private let ended = DispatchGroup()

    package var address: ServerAddress { .tcp(host: "127.0.0.1", port: port) }

    package init(_ scripts: (@Sendable (FakePeer) throws -> Void)...) throws {
        let (listener, port) = try FakeServer.listen()
        self.port = port
        for _ in scripts { ended.enter() }
        Thread.detachNewThread { [self] in
            defer { close(listener) }
            for script in scripts {
                let accepted = accept(listener, nil, nil)
                Thread.detachNewThread { [self] in
                    defer { ended.leave() }
                    do {
                        guard accepted >= 0 else { throw Failure(description: "accept failed") }
                        try script(FakePeer(adopting: accepted))
                    } catch {
                        failures.withLock { $0.append(error) }
                    }
                }
            }
        }
    }

    /// Waits for the scripts; the first error of one is the test's.
    package func finish() throws {
        guard ended.wait(timeout: .now() + 120) == .success else {
            throw Failure(description: "not every script of the fake server was played to its end")
        }
        if let first = failures.withLock({ $0.first }) { throw first }
    }

    /// A listening descriptor on a free port of 127.0.0.1.
    package static func listen(backlog: Int32 = 4) throws -> (descriptor: Int32, port: UInt16) {
        #if canImport(Darwin)
        let type = SOCK_STREAM
        #else
        let type = Int32(SOCK_STREAM.rawValue)
        #endif
        let descriptor = socket(AF_INET, type, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, size) == 0
                    && Foundation.listen(descriptor, backlog) == 0
                    && getsockname(descriptor, generic, &size) == 0
            }
        }
        guard descriptor >= 0, status else {
            throw Failure(description: "no listener: \(String(cString: strerror(errno)))")
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}

/// The server's end of one connection; every call waits for at most a minute.
package final class FakePeer {
    private let descriptor: Int32
    private var sequence: UInt8 = 0

    package init(adopting descriptor: Int32) {
        self.descriptor = descriptor
        // An asynchronous test can wait long for a thread of the pool, which blocking tests hold.
        var limit = timeval(tv_sec: 600, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(
                descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    deinit {
        close(descriptor)
    }

    /// Sends bytes as they are.
    package func sendRaw(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            #if canImport(Darwin)
            let flags: Int32 = 0
            #else
            let flags = Int32(MSG_NOSIGNAL)
            #endif
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, flags)
            }
            guard count > 0 else {
                throw FakeServer.Failure(description: "send: \(String(cString: strerror(errno)))")
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Sends one payload under the next sequence numbers, in packets of less than 16 MiB.
    package func send(_ payload: [UInt8]) throws {
        var rest = payload[...]
        while true {
            let chunk = rest.prefix(0xff_ffff)
            try sendRaw(FakePeer.frame(Array(chunk), sequence: sequence))
            sequence &+= 1
            rest = rest.dropFirst(chunk.count)
            if chunk.count < 0xff_ffff { return }
        }
    }

    /// One packet with its header.
    package static func frame(_ payload: [UInt8], sequence: UInt8) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt64(payload.count), bytes: 3)
        writer.write(sequence)
        writer.write(payload)
        return writer.bytes
    }

    /// The next packet of the client; answers go on from its sequence number.
    package func receive() throws -> [UInt8] {
        let header = try receiveRaw(4)
        sequence = header[3] &+ 1
        return try receiveRaw(Int(header[0]) | Int(header[1]) << 8 | Int(header[2]) << 16)
    }

    package func receiveRaw(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let part = try receiveSome(atMost: count - bytes.count)
            guard !part.isEmpty else {
                throw FakeServer.Failure(
                    description: "the client left after \(bytes.count) of \(count) bytes")
            }
            bytes += part
        }
        return bytes
    }

    /// What came, at most `count` bytes; empty when the client closed.
    package func receiveSome(atMost count: Int) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        let received = recv(descriptor, &buffer, count, 0)
        // A client that leaves with unread bytes closes in this way.
        if received < 0, errno == ECONNRESET { return [] }
        guard received >= 0 else {
            throw FakeServer.Failure(description: "recv: \(String(cString: strerror(errno)))")
        }
        return Array(buffer.prefix(received))
    }

    /// Everything until the client closes.
    package func receiveToEnd() throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let part = try receiveSome(atMost: 4096)
            if part.isEmpty { return all }
            all += part
        }
    }

    /// Passes bytes both ways between the client and another local server until one side closes.
    package func relay(toPort port: UInt16) throws {
        let cancellation = try Cancellation()
        let other = try Socket.connect(
            to: .tcp(host: "127.0.0.1", port: port), until: .now.advanced(by: .seconds(5)),
            cancellation: cancellation)
        try withExtendedLifetime(other) {
            let ends = [descriptor, other.descriptor]
            var buffer = [UInt8](repeating: 0, count: 65536)
            while true {
                var polled = ends.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
                guard poll(&polled, 2, 10_000) > 0 else {
                    throw FakeServer.Failure(description: "nothing to relay for ten seconds")
                }
                for index in 0..<2 where polled[index].revents != 0 {
                    let count = recv(ends[index], &buffer, buffer.count, 0)
                    if count <= 0 { return }
                    var sent = 0
                    while sent < count {
                        let part = buffer[sent..<count].withUnsafeBytes {
                            write(ends[1 - index], $0.baseAddress, $0.count)
                        }
                        guard part > 0 else { return }
                        sent += part
                    }
                }
            }
        }
    }
}
