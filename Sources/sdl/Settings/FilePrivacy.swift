internal import Foundation

/// Whether a file of secrets is out of the reach of others.
struct FilePrivacy {
    /// A folder that decides which file has the name.
    struct Folder {
        let path: String
        let status: stat
    }

    let path: String
    let file: stat
    /// The folder that the path names, and the one of the file that a link leads to.
    let folders: [Folder]
    /// Who reads the file.
    let user: uid_t
    /// Whether it may have been put there for us by the system, as containers and systemd do: a file of root's may then
    /// be read by its group, and lie where anybody may add files of his own.
    var isProvisioned = false

    /// The sentence about what is wrong; nil when nothing is.
    var problem: String? {
        guard file.st_uid == user || file.st_uid == 0 else {
            return "\(path) belongs to user \(file.st_uid), not to you (\(user)): "
                + "make a file of your own."
        }
        let isGroupFine = isProvisioned && file.st_uid == 0
        guard file.st_mode & (isGroupFine ? 0o037 : 0o077) == 0 else {
            let mode = String(file.st_mode & 0o7777, radix: 8)
            return "\(path) holds secrets and its mode \(mode) lets group or others use it; "
                + "run: chmod 600 \(path)"
        }
        return folders.lazy.compactMap(problem).first
    }

    private func problem(_ folder: Folder) -> String? {
        let mode = folder.status.st_mode
        guard mode & S_IWOTH != 0 else { return nil }
        // There nobody can put another file in the place of ours.
        if isProvisioned, mode & S_ISVTX != 0 { return nil }
        let place = "\(path) lies in a directory that everybody can write to; move it"
        // Others need such a folder: /tmp would be broken for everybody without its mode.
        let isShared = mode & S_ISVTX != 0 || folder.status.st_uid != user
        return isShared
            ? "\(place) to a folder of your own." : "\(place), or run: chmod o-w \(folder.path)"
    }
}
