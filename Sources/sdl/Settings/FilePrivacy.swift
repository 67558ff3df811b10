internal import Foundation

/// Whether a file of secrets is out of the reach of others.
struct FilePrivacy {
    let path: String
    let file: stat
    let directory: String
    let folder: stat
    /// Who reads the file.
    let user: uid_t

    /// The sentence about what is wrong; nil when nothing is.
    var problem: String? {
        guard file.st_uid == user || file.st_uid == 0 else {
            return "\(path) belongs to user \(file.st_uid), not to you (\(user)): "
                + "make a file of your own."
        }
        guard file.st_mode & 0o077 == 0 else {
            let mode = String(file.st_mode & 0o7777, radix: 8)
            return "\(path) holds secrets and its mode \(mode) lets group or others use it; "
                + "run: chmod 600 \(path)"
        }
        guard folder.st_mode & S_IWOTH != 0 else { return nil }
        let place = "\(path) lies in a directory that everybody can write to; move it"
        // Others need such a folder: /tmp would be broken for everybody without its mode.
        let isShared = folder.st_mode & S_ISVTX != 0 || folder.st_uid != user
        return isShared
            ? "\(place) to a folder of your own." : "\(place), or run: chmod o-w \(directory)"
    }
}
