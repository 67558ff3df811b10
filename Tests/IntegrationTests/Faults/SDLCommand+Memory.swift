import Foundation
import TestSupport
import Testing

extension SDLCommand {
    /// The most memory that the process ever held, in bytes.
    func memoryPeak() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        let kilobytes = line.split { !$0.isNumber }.first.flatMap { Int($0) }
        return try #require(kilobytes) << 10
    }
}
