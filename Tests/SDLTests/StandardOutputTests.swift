import Foundation
import TestSupport
import Testing

@testable import sdl

/// Standard output that takes no more.
@Suite struct StandardOutputTests {
    @Test(arguments: ["json", "events"])
    func aFullDiskIsAnErrorAlsoForTheLastLines(format: String) throws {
        let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
        let run = try decode(format, output: full)
        #expect(run.exitCode == 1)
        #expect(
            try run.complaints
                == "sdl: Standard output cannot be written to: No space left on device. "
                + "Not everything was printed.\n")
    }

    @Test(arguments: ["json", "events"])
    func aReaderThatHasSeenEnoughIsAQuietEnd(format: String) throws {
        let pipe = Pipe()
        try pipe.fileHandleForReading.close()
        let run = try decode(format, output: pipe.fileHandleForWriting)
        #expect(run.exitCode == 0)
        #expect(try run.complaints.isEmpty)
    }

    private func decode(_ format: String, output: FileHandle) throws -> SDLCommand {
        let run = try SDLCommand(
            ["decode", Fixtures.path("mysql-9.7.binlog"), "--format", format], output: output)
        try run.wait()
        return run
    }
}
