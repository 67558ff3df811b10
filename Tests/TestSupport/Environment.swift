internal import Foundation

/// The variables of the process that runs the tests.
public enum Environment {
    /// The value of a variable, nil when it is not set.
    public static func value(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name]
    }

    /// Where a sanitizer writes its reports, for the processes that a test starts.
    static var sanitizerOptions: [String: String] {
        ProcessInfo.processInfo.environment.filter { $0.key.hasSuffix("SAN_OPTIONS") }
    }

    /// Whether the tests run under a sanitizer, which takes memory of its own.
    public static var isSanitized: Bool { value("SDL_TEST_SANITIZER") != nil }
}
