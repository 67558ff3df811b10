package import Foundation

/// One run of the built command `sdl`, with nothing of the tests' own environment.
package final class SDLCommand {
    /// The run did not end in time.
    package struct Overdue: Error, CustomStringConvertible {
        package let description: String
    }

    private let process = Process()
    private let secrets: GivenSecrets
    private let folder: TemporaryFolder

    /// Starts `sdl` in a folder of its own, or in `folder`.
    ///
    /// Whatever it writes is searched for the secrets that it was given.
    ///
    /// - Parameters:
    ///   - output: where standard output goes instead of ``output``.
    ///   - errors: the same for standard error.
    package init(
        _ arguments: [String], environment: [String: String] = [:], in folder: URL? = nil,
        output: FileHandle? = nil, errors: FileHandle? = nil
    ) throws {
        self.folder = try TemporaryFolder()
        secrets = GivenSecrets(environment, in: folder)
        process.executableURL = Self.executable
        process.arguments = arguments
        // libmongoc's counters: a killed process leaves their file, and the next one of its number prints a warning.
        process.environment =
            environment
            .merging(["MONGOC_DISABLE_SHM": "1"]) { given, _ in given }
            .merging(Environment.sanitizerOptions) { given, _ in given }
        process.currentDirectoryURL = folder ?? self.folder.url
        // Files and not pipes: nobody has to read them while the process runs.
        let own = try Self.newFile(self.folder.path("stdout"))
        process.standardOutput = output ?? own
        let ownErrors = try Self.newFile(self.folder.path("stderr"))
        process.standardError = errors ?? ownErrors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        secrets.expectNone(in: "/proc/\(process.processIdentifier)/cmdline")
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        for name in ["stdout", "stderr"] { secrets.expectNone(in: folder.path(name)) }
    }

    private static func newFile(_ path: String) throws -> FileHandle {
        let file = URL(fileURLWithPath: path)
        try Data().write(to: file)
        return try FileHandle(forWritingTo: file)
    }

    /// The command lies beside the tests, unless `SDL_TEST_SDL` names another build of it.
    private static var executable: URL {
        if let given = Environment.value("SDL_TEST_SDL") { return URL(fileURLWithPath: given) }
        let own = URL(fileURLWithPath: CommandLine.arguments[0])
        return own.deletingLastPathComponent().appendingPathComponent("sdl")
    }

    /// Runs the command to its end.
    package static func run(
        _ arguments: [String], environment: [String: String] = [:], in folder: URL? = nil,
        within limit: Duration = .seconds(120)
    ) throws -> SDLCommand {
        let command = try SDLCommand(arguments, environment: environment, in: folder)
        try command.wait(within: limit)
        return command
    }

    package var processID: Int32 { process.processIdentifier }
    package var isRunning: Bool { process.isRunning }

    package func signal(_ number: Int32) {
        kill(process.processIdentifier, number)
    }

    /// Waits for the end; a run that takes longer is killed.
    ///
    /// - Returns: the exit code; the negative number of the signal that ended it.
    @discardableResult
    package func wait(within limit: Duration = .seconds(120)) throws -> Int32 {
        let deadline = ContinuousClock.now + limit
        while process.isRunning {
            guard ContinuousClock.now < deadline else {
                signal(SIGKILL)
                process.waitUntilExit()
                throw Overdue(description: "sdl did not end within \(limit): \(try complaints)")
            }
            usleep(10_000)
        }
        return exitCode
    }

    /// Waits until standard error holds `text`; a run that ends before, or takes longer, is an error.
    package func waitFor(_ text: String, within limit: Duration = .seconds(60)) throws {
        let deadline = ContinuousClock.now + limit
        while true {
            // What was written just before the end counts too.
            let isRunning = process.isRunning
            if try complaints.contains(text) { return }
            guard isRunning, ContinuousClock.now < deadline else {
                throw Overdue(description: "sdl did not say “\(text)”: \(try complaints)")
            }
            usleep(10_000)
        }
    }

    /// What ``wait(within:)`` returns; only after the end.
    package var exitCode: Int32 {
        process.terminationReason == .exit
            ? process.terminationStatus : -process.terminationStatus
    }

    /// Standard output so far.
    package var output: String {
        get throws { try read("stdout") }
    }

    /// Standard error so far.
    package var complaints: String {
        get throws { try read("stderr") }
    }

    private func read(_ name: String) throws -> String {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path(name)))
        return String(decoding: bytes, as: UTF8.self)
    }
}
