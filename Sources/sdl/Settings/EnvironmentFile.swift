internal import Foundation

/// A `.env` file: read once, through one open descriptor whose owner and mode were checked.
package struct EnvironmentFile: Sendable {
    /// A file of settings is a few kilobytes; more is not one.
    static let bytesMax = 1 << 20

    package let path: String
    package let values: [String: String]

    /// Reads the file at `path`, or throws one sentence that says what is wrong with it.
    ///
    /// Nil when there is no such file. A file that group or others can use, that belongs to
    /// somebody else, or that lies in a directory where anybody can replace it, is refused.
    package init?(path: String) throws(CommandFailure) {
        let bytes: [UInt8]
        do {
            guard let read = try Self.read(path) else { return nil }
            bytes = read
        } catch {
            throw CommandFailure(.usage, error.sentence)
        }
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw CommandFailure(.usage, "\(path) is not a text file in UTF-8.")
        }
        self.path = path
        self.values = try EnvironmentFileLines.parse(text, path: path)
    }

    private struct Refusal: Error {
        let sentence: String
    }

    private static func read(_ path: String) throws(Refusal) -> [UInt8]? {
        let url = URL(fileURLWithPath: path)
        let directory = url.deletingLastPathComponent().path
        let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else {
            if errno == ENOENT { return nil }
            throw Refusal(sentence: "\(directory) cannot be opened: \(reason(errno)).")
        }
        defer { close(folder) }
        // A pipe would block here without O_NONBLOCK, before fstat can tell that it is no file.
        let file = openat(folder, url.lastPathComponent, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw Refusal(sentence: "\(path) cannot be opened: \(reason(errno)).")
        }
        defer { close(file) }
        try check(file, path: path, folder: folder, directory: directory)
        return try contents(of: file, path: path)
    }

    private static func check(
        _ file: Int32, path: String, folder: Int32, directory: String
    ) throws(Refusal) {
        let state = try status(of: file, path: path)
        guard state.st_mode & S_IFMT == S_IFREG else {
            throw Refusal(sentence: "\(path) is not a regular file.")
        }
        guard state.st_uid == geteuid() || state.st_uid == 0 else {
            throw Refusal(
                sentence: "\(path) belongs to user \(state.st_uid), not to you (\(geteuid())): "
                    + "make a file of your own.")
        }
        guard state.st_mode & 0o077 == 0 else {
            let mode = String(state.st_mode & 0o7777, radix: 8)
            throw Refusal(
                sentence: "\(path) holds secrets and its mode \(mode) lets group or others use it; "
                    + "run: chmod 600 \(path)")
        }
        let around = try status(of: folder, path: directory)
        guard around.st_mode & S_IWOTH == 0 else {
            throw Refusal(
                sentence: "\(path) lies in a directory that everybody can write to; move it, or "
                    + "run: chmod o-w \(directory)")
        }
    }

    private static func status(of descriptor: Int32, path: String) throws(Refusal) -> stat {
        var state = stat()
        guard fstat(descriptor, &state) == 0 else {
            throw Refusal(sentence: "\(path) cannot be examined: \(reason(errno)).")
        }
        return state
    }

    private static func contents(of file: Int32, path: String) throws(Refusal) -> [UInt8] {
        do {
            return try DescriptorReader.readAll(file, bytesMax: bytesMax)
        } catch {
            throw Refusal(sentence: "\(path) cannot be read: \(error.reason).")
        }
    }

    private static func reason(_ code: Int32) -> String {
        String(cString: strerror(code))
    }
}
