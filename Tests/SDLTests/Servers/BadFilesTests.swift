import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import sdl

/// Files that `sdl decode` cannot read to their end.
@Suite struct BadFilesTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test(arguments: ["json", "events"])
    func whatIsNoBinaryLog(format: String) throws {
        let path = try folder.write("letter.txt", "Dear Sir or Madam,\n")
        let run = try decode(path, "--format", format)
        #expect(run.exitCode == 2)
        #expect(try run.output.isEmpty)
        #expect(try endsInOneSentence(run))
        #expect(try run.complaints.contains("letter.txt"))
        #expect(try !run.complaints.contains("Dear"))
    }

    @Test func whatIsNotThere() throws {
        let run = try decode("/nonexistent/mysql-bin.000001")
        #expect(run.exitCode == 2)
        #expect(try endsInOneSentence(run))
        #expect(try run.complaints.contains("/nonexistent/mysql-bin.000001"))
    }

    @Test func anEmptyFile() throws {
        #expect(try decode(try folder.write("empty", "")).exitCode == 2)
        #expect(try decode("-").exitCode == 2)
    }

    /// A file's bytes, and where in them the event begins that ends the last transaction.
    private func fixture() throws -> (bytes: [UInt8], end: Int) {
        let xid: UInt8 = 16
        let file = try BinlogFile(path: Fixtures.path("mysql-9.7.binlog"))
        var end: UInt64?
        while true {
            let start = file.offset
            guard let event = try file.nextEvent() else { break }
            if event[4] == xid { end = start }
        }
        return (try Fixtures.bytes("mysql-9.7.binlog"), Int(try #require(end)))
    }

    @Test(arguments: ["json", "events"], [0, 7, 19, 25])
    func aFileThatEndsTooEarly(format: String, bytesOfTheEnd: Int) throws {
        let (bytes, end) = try fixture()
        let path = folder.path("cut.000001")
        try Data(bytes[..<(end + bytesOfTheEnd)]).write(
            to: URL(fileURLWithPath: path))
        let run = try decode(path, "--format", format)
        // A file of whole events may be all there is; only a transaction cannot end there.
        let isWhole = bytesOfTheEnd == 0 && format == "events"
        #expect(run.exitCode == (isWhole ? 0 : 5))
        #expect(try isWhole || endsInOneSentence(run))
        #expect(try isWhole || run.complaints.contains("cut.000001:"))
        // What came before the place is printed.
        #expect(try run.output.split(separator: "\n").count > 10)
    }

    @Test(arguments: ["json", "events"])
    func aFileWithAByteThatChanged(format: String) throws {
        var (bytes, end) = try fixture()
        bytes[end + 20] ^= 0x10
        let path = folder.path("corrupt.000001")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let run = try decode(path, "--format", format)
        #expect(run.exitCode == 5)
        #expect(try endsInOneSentence(run))
        #expect(try run.complaints.contains("corrupt.000001:\(end)"))
        #expect(try run.output.split(separator: "\n").count > 10)
    }

    private func decode(_ arguments: String...) throws -> SDLCommand {
        try SDLCommand.run(["decode"] + arguments, in: folder.url)
    }
}
