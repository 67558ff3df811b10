internal import CProcessControl
internal import Foundation

/// What the process does once, before anything else.
enum ProcessSetup {
    static func apply() {
        // A core dump would hold the passwords and people's rows.
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        #if os(Linux)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        #else
        setrlimit(RLIMIT_CORE, &none)
        #endif
        // The limit does not hold where the system hands core dumps to a program, as systemd does.
        _ = sdl_forbid_memory_dumps()
        // Swift's backtraces show memory beside the registers; who sets their variable wants them.
        if ProcessInfo.processInfo.environment["SWIFT_BACKTRACE"] == nil { hideMemoryOfCrashes() }
        // A large row needs several copies of itself, and none of them once it is stored.
        sdl_return_large_blocks()
        // A closed pipe or socket is an error of the write, not the end of the program.
        signal(SIGPIPE, SIG_IGN)
    }

    /// A crash ends the process by its signal, without a trace.
    private static func hideMemoryOfCrashes() {
        for number in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGQUIT] {
            signal(number, SIG_DFL)
        }
    }
}
