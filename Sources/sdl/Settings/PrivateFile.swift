internal import Foundation

/// A file with secrets, read through one open descriptor whose owner and mode were looked at.
struct PrivateFile {
    /// What it holds.
    let bytes: [UInt8]
    /// What others can do with it, as one sentence; nil when nothing.
    let problem: String?

    /// Why a file could not be read.
    enum Refusal: Error {
        /// There is none.
        case missing
        /// The rest of the sentence about it, and the system's number where there is one.
        case failed(String, code: Int32?)
        /// The folder cannot be opened; its path.
        case closedFolder(String, code: Int32)

        /// The rest of a sentence that begins with the file's name.
        var predicate: String {
            switch self {
            case .missing: "cannot be read: \(Self.words(ENOENT))"
            case .failed(let predicate, _): predicate
            case .closedFolder(_, let code): "cannot be read: \(Self.words(code))"
            }
        }

        static func words(_ code: Int32) -> String { String(cString: strerror(code)) }
    }

    /// Reads all of the file at `path`; what others can do with it is not an error here.
    ///
    /// - Parameter isProvisioned: see ``FilePrivacy/isProvisioned``.
    init(_ path: String, bytesMax: Int, isProvisioned: Bool) throws(Refusal) {
        let url = URL(fileURLWithPath: path)
        let directory = url.deletingLastPathComponent().path
        let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // What is in a folder of root's may be for us while the list of it is not.
        guard folder >= 0 || (errno == EACCES && isProvisioned) else {
            throw .closedFolder(directory, code: errno)
        }
        defer { if folder >= 0 { close(folder) } }
        // A pipe would block here without O_NONBLOCK, before fstat can tell that it is no file.
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK
        let file = folder < 0 ? open(path, flags) : openat(folder, url.lastPathComponent, flags)
        guard file >= 0 else {
            if errno == ENOENT { throw .missing }
            throw .failed("cannot be opened: \(Refusal.words(errno))", code: errno)
        }
        defer { close(file) }
        let state = try Self.status(of: file)
        guard state.st_mode & S_IFMT == S_IFREG else {
            throw .failed("is not a regular file", code: nil)
        }
        var folders = [
            folder < 0
                ? try Self.folder(directory)
                : FilePrivacy.Folder(path: directory, status: try Self.status(of: folder))
        ]
        if let real = try Self.realFolder(of: path, from: directory) { folders.append(real) }
        problem =
            FilePrivacy(
                path: path, file: state, folders: folders, user: geteuid(),
                isProvisioned: isProvisioned
            ).problem
        do {
            bytes = try DescriptorReader.readAll(file, bytesMax: bytesMax)
        } catch {
            throw .failed("cannot be read: \(error.reason)", code: nil)
        }
    }

    /// The folder of the file that a link leads to; nil when there is no link.
    private static func realFolder(
        of path: String, from directory: String
    ) throws(Refusal) -> FilePrivacy.Folder? {
        guard let real = realPath(path), let own = realPath(directory) else {
            throw .failed("cannot be examined: \(Refusal.words(errno))", code: errno)
        }
        let folder = URL(fileURLWithPath: real).deletingLastPathComponent().path
        return folder == own ? nil : try Self.folder(folder)
    }

    private static func folder(_ path: String) throws(Refusal) -> FilePrivacy.Folder {
        var state = stat()
        guard stat(path, &state) == 0 else {
            throw .failed("cannot be examined: \(Refusal.words(errno))", code: errno)
        }
        return FilePrivacy.Folder(path: path, status: state)
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func status(of descriptor: Int32) throws(Refusal) -> stat {
        var state = stat()
        guard fstat(descriptor, &state) == 0 else {
            throw .failed("cannot be examined: \(Refusal.words(errno))", code: errno)
        }
        return state
    }
}
