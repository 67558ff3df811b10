import Foundation
import TestSupport
import Testing

/// What `scripts/services` refuses before it does anything; it runs as root and deletes folders.
@Suite struct ServicesScriptTests {
    private func services(_ arguments: [String], variables: [String]) throws {
        let program = Services.root.appendingPathComponent("scripts/services").path
        try CommandLineTool.run(variables + [program] + arguments)
    }

    @Test(
        "a set's name is a name and never a path",
        arguments: ["victim", "../victim", "a/../../victim", "..", "ä", "a b"])
    func names(_ name: String) throws {
        let cache = try TemporaryFolder()
        let victim = "\(cache.url.path)/sdl-services/victim"
        try FileManager.default.createDirectory(
            atPath: victim, withIntermediateDirectories: true)
        let given = name == "victim" ? victim : name
        let error = #expect(throws: CommandLineTool.Failure.self) {
            try services(
                ["down", "--wipe"],
                variables: ["XDG_CACHE_HOME=\(cache.url.path)", "SDL_SERVICES_NAME=\(given)"])
        }
        #expect(error?.description.contains("SDL_SERVICES_NAME") == true)
        #expect(FileManager.default.fileExists(atPath: victim))
    }
}
