internal import Foundation

/// Where a process id means one process: this boot of this kernel, in one PID namespace.
///
/// Containers may share a host name and each have a process 1.
enum ProcessSpace {
    /// Nil where the system does not tell.
    static let current: String? = {
        do {
            let boot = try String(
                contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
            let namespace = try FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/self/ns/pid")
            return "\(boot.trimmingCharacters(in: .whitespacesAndNewlines)) \(namespace)"
        } catch {
            return nil
        }
    }()
}
