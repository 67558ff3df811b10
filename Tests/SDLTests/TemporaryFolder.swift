import Foundation

/// A new folder that only we can use, removed with its content at the end.
final class TemporaryFolder {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("sdl-tests-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            print("the test folder \(path) could not be removed: \(error)")
        }
    }

    /// Writes a file and returns its path.
    func write(_ name: String, _ text: String, mode: Int = 0o600) throws -> String {
        let file = "\(path)/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        try setMode(mode, of: file)
        return file
    }

    func setMode(_ mode: Int, of file: String? = nil) throws {
        try FileManager.default.setAttributes(
            [.posixPermissions: mode], ofItemAtPath: file ?? path)
    }
}
