internal import Foundation

/// A `.env` file: read once, through one open descriptor whose owner and mode were checked.
package struct EnvironmentFile: Sendable {
    /// A file of settings is a few kilobytes; more is not one.
    static let bytesMax = 1 << 20

    package let path: String
    package let values: [String: String]
    /// What others can do with the file, when that was no reason to refuse it.
    package let warning: String?

    /// Reads the file at `path`, or throws one sentence that says what is wrong with it.
    ///
    /// Nil when there is no such file, or when it was not named and its folder is closed to us. A
    /// file that group or others can use, that belongs to somebody else, or that lies in a
    /// directory where anybody can replace it, is refused.
    ///
    /// - Parameters:
    ///   - isNamed: whether somebody asked for this file; one that only may be there may be closed
    ///     to us.
    ///   - needsSecrets: false for a command that uses none; what others can do with the file is a
    ///     warning then.
    package init?(
        path: String, isNamed: Bool = true, needsSecrets: Bool = true
    ) throws(CommandFailure) {
        let bytes: [UInt8]
        do throws(Refusal) {
            guard
                let found = try Self.read(path, isNamed: isNamed, needsSecrets: needsSecrets)
            else { return nil }
            if needsSecrets, let problem = found.problem { throw Refusal(sentence: problem) }
            bytes = found.bytes
            warning = found.problem
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

    /// Whether a file counts as missing that could not be opened for this reason.
    static func isMissing(_ code: Int32, mayBeClosed: Bool) -> Bool {
        code == ENOENT || (code == EACCES && mayBeClosed)
    }

    private static func read(
        _ path: String, isNamed: Bool, needsSecrets: Bool
    ) throws(Refusal) -> PrivateFile? {
        do throws(PrivateFile.Refusal) {
            return try PrivateFile(path, bytesMax: bytesMax, isProvisioned: false)
        } catch {
            switch error {
            case .missing: return nil
            case .closedFolder(let directory, let code):
                if isMissing(code, mayBeClosed: !isNamed) { return nil }
                throw Refusal(
                    sentence:
                        "\(path) cannot be read, as its folder \(directory) cannot be opened: "
                        + "\(PrivateFile.Refusal.words(code)).")
            case .failed(let reason, let code):
                if let code, isMissing(code, mayBeClosed: !isNamed && !needsSecrets) { return nil }
                throw Refusal(sentence: "\(path) \(reason).")
            }
        }
    }
}
