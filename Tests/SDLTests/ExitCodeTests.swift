import BinlogProtocol
import MongoSink
import Testing

@testable import sdl

@Suite struct ExitCodeTests {
    @Test(arguments: [
        (BinlogError.Code.connectionFailed, 1), (.connectionLost, 1), (.serverError(1234), 1),
        (.tls, 2), (.configuration, 2), (.wrongFlavor, 2), (.duplicateReplica, 3),
        (.purged(missing: nil), 4), (.diverged, 4), (.corrupt, 5), (.undecodable, 5),
        (.authentication, 6), (.privilege, 6), (.cancelled, 0),
    ])
    func ofTheSource(code: BinlogError.Code, expected: Int) {
        #expect(ExitCode(of: BinlogError(code, "x")).rawValue == Int32(expected))
    }

    @Test(arguments: [
        (SinkError.Code.permanent, 1), (.retriesExhausted, 1), (.offsetMismatch, 1),
        (.configuration, 2), (.notReplicaSet, 2), (.leaseHeld, 3), (.fenced, 3), (.integrity, 5),
        (.authentication, 6), (.cancelled, 0),
    ])
    func ofTheSink(code: SinkError.Code, expected: Int) {
        #expect(ExitCode(of: SinkError(code, "x")).rawValue == Int32(expected))
    }

    @Test func ofAnythingElse() {
        struct Other: Error {}
        #expect(ExitCode(of: Other()) == .failure)
        #expect(ExitCode(of: DecodingError(.checksumMismatch, at: 0)) == .undecodable)
        #expect(ExitCode(of: CommandFailure(.leaseHeld, "x")) == .leaseHeld)
    }
}
