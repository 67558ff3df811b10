import Foundation
import TestSupport
import Testing

@testable import sdl

/// Nobody hears what `sdl run` says: the audit trail goes on.
@Suite struct DeafEarsTests {
    @Test("T99: the disk of the log is full, or its reader gone, and so is standard output")
    func log() throws {
        let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
        let pipe = Pipe()
        try pipe.fileHandleForReading.close()
        for ears in [full, pipe.fileHandleForWriting] {
            let trail = try OwnTrail()
            let table = try SourceTable(trail)
            #expect(try trail.run(["run", "--until", "current"], table.onlyThis).exitCode == 0)
            try table.insert(3)
            let run = try SDLCommand(
                ["run", "--until", "current"],
                environment: try trail.environment(
                    table.onlyThis.merging(["LOG_LEVEL": "trace"]) { $1 }),
                output: ears, errors: ears)
            #expect(try run.wait() == 0)
            #expect(try trail.insertCount() == 3)
        }
    }
}
