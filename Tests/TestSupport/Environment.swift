internal import Foundation

/// The variables of the process that runs the tests.
public enum Environment {
    /// The value of a variable, nil when it is not set.
    public static func value(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name]
    }
}
