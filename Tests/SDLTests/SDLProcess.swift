import Foundation

/// One run of the built command, with nothing of our own environment.
struct SDLProcess {
    let exitCode: Int32
    let output: String
    let complaints: String

    /// Runs `sdl` in `folder` and waits for its end.
    init(
        _ arguments: [String], environment: [String: String] = [:], in folder: TemporaryFolder
    ) throws {
        let process = Self.process(arguments, environment: environment)
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        let output = URL(fileURLWithPath: "\(folder.path)/stdout-\(UUID().uuidString)")
        let complaints = URL(fileURLWithPath: "\(folder.path)/stderr-\(UUID().uuidString)")
        for file in [output, complaints] { try Data().write(to: file) }
        // Files and not pipes: nobody has to read them while the process runs.
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: complaints)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        self.exitCode = process.terminationStatus
        self.output = try String(contentsOf: output, encoding: .utf8)
        self.complaints = try String(contentsOf: complaints, encoding: .utf8)
    }

    /// A run that is not started yet.
    static func process(_ arguments: [String], environment: [String: String]) -> Process {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = environment
        return process
    }

    /// The command lies beside the tests.
    private static var executable: URL {
        let own = URL(fileURLWithPath: CommandLine.arguments[0])
        return own.deletingLastPathComponent().appendingPathComponent("sdl")
    }
}
