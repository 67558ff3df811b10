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
        // A closed pipe or socket is an error of the write, not the end of the program.
        signal(SIGPIPE, SIG_IGN)
    }
}
