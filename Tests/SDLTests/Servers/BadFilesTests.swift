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

    @Test func whatIsNoBinaryLog() throws {
        let path = try folder.write("letter.txt", "Dear Sir or Madam,\n")
        for format in ["json", "events"] {
            let run = try SDLProcess(["decode", path, "--format", format], in: folder)
            #expect(run.exitCode == 2)
            #expect(run.output.isEmpty)
            #expect(run.complaints.hasPrefix("sdl: "))
            #expect(run.complaints.contains("letter.txt"))
            #expect(!run.complaints.contains("Dear"))
        }
    }

    @Test func whatIsNotThere() throws {
        let run = try SDLProcess(["decode", "/nonexistent/mysql-bin.000001"], in: folder)
        #expect(run.exitCode == 2)
        #expect(
            run.complaints.hasPrefix("sdl: ")
                && run.complaints.contains("/nonexistent/mysql-bin.000001"))
    }

    @Test func anEmptyFile() throws {
        let path = try folder.write("empty", "")
        #expect(try SDLProcess(["decode", path], in: folder).exitCode == 2)
        #expect(try SDLProcess(["decode", "-"], in: folder).exitCode == 2)
    }
}
