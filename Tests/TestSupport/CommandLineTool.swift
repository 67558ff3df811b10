package import Foundation

/// Runs other programs for tests.
package enum CommandLineTool {
    /// A program that failed, with what it said.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Runs to the end and returns standard output; a status other than 0 throws.
    ///
    /// Output goes through files: servers started by the program inherit the descriptors, and the
    /// end of a pipe would come only when they end.
    @discardableResult
    package static func run(
        _ arguments: [String], in folder: URL? = nil, input: [UInt8]? = nil
    ) throws -> [UInt8] {
        let scratch = try TemporaryFolder()
        let output = scratch.url.appendingPathComponent("out")
        let errors = scratch.url.appendingPathComponent("err")
        let given = scratch.url.appendingPathComponent("in")
        for file in [output, errors] { try Data().write(to: file) }
        try Data(input ?? []).write(to: given)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardInput = try FileHandle(forReadingFrom: given)
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let said = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
            throw Failure(
                description:
                    "\(arguments.prefix(4).joined(separator: " ")) … ended with "
                    + "\(process.terminationStatus): \(said)")
        }
        return Array(try Data(contentsOf: output))
    }
}

/// A folder of its own for a test, deleted with this object.
package final class TemporaryFolder: Sendable {
    package let url: URL

    package init() throws {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("sdl-tmp-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        do {
            try FileManager.default.removeItem(at: url)
        } catch {
            print("a temporary folder stays behind: \(error)")
        }
    }

    /// The path of a file in the folder.
    package func path(_ name: String) -> String {
        url.appendingPathComponent(name).path
    }

    /// Writes a file that only we can use, or with another mode, and returns its path.
    package func write(_ name: String, _ text: String, mode: Int = 0o600) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
        try setMode(mode, of: path(name))
        return path(name)
    }

    /// Sets the mode of a file, or of the folder itself.
    package func setMode(_ mode: Int, of file: String? = nil) throws {
        try FileManager.default.setAttributes(
            [.posixPermissions: mode], ofItemAtPath: file ?? url.path)
    }
}
