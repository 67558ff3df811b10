import Foundation
import TestSupport

/// `sdl run` in a torture run: it is started again after each end, and an end that nobody asked for is a problem.
struct TortureService {
    let trail: AuditTrail
    let proxy: MongoCommandProxy
    private var process: SDLCommand?
    /// Ends that are in no document, and words that must not be said.
    private(set) var problems: [String] = []
    private(set) var counts = TortureCounts()
    /// Whether an instance lost its lease: what it had staged is settled by the next start.
    private(set) var hasStrays = false

    /// Far more than anything here takes; what takes longer hangs.
    private static let patience: Duration = .seconds(180)
    /// What an instance says that has the lease and a source.
    private static let works = "Starting from"
    /// What an instance says before, when another one had the lease.
    private static let tookOver = "took the lease over"

    init(_ trail: AuditTrail, through proxy: MongoCommandProxy) {
        self.trail = trail
        self.proxy = proxy
    }

    // MARK: Starts

    /// Batches from one change to more than a large transaction has.
    private static func sizes(_ dice: inout Dice) -> [String: String] {
        [
            "BATCH_SIZE": dice.pick(["1", "7", "20", "20", "100", "100", "1000"]),
            "BATCH_BYTES": dice.pick(["4KiB", "16KiB", "64KiB", "1MiB", "4MiB"]),
            "FLUSH_INTERVAL": dice.pick(["20ms", "100ms", "1s"]),
            "MEMORY_LIMIT": dice.pick(["16MiB", "64MiB"]),
        ]
    }

    private mutating func launch(_ arguments: [String], _ dice: inout Dice) throws -> SDLCommand {
        counts[.starts] += 1
        let environment = trail.environment.merging(Self.sizes(&dice)) { $1 }
        let started = try SDLCommand(arguments, environment: environment)
        proxy.setVictim(started.processID)
        return started
    }

    /// Starts it when it does not run, with other sizes of batches.
    mutating func start(_ dice: inout Dice) throws {
        if process == nil { process = try launch(["run"], &dice) }
    }

    /// The instance that works must still run.
    mutating func supervise(_ dice: inout Dice) throws {
        noteMemory()
        guard let process, !process.isRunning else { return }
        try judge(process, "nothing", [])
        self.process = nil
        try start(&dice)
    }

    // MARK: Ends

    /// Waits for the end, whose code must be one of these.
    private mutating func judge(
        _ ended: SDLCommand, _ what: String, _ expected: [Int32]
    ) throws {
        let exit = try ended.wait(within: Self.patience)
        let complaints = try ended.complaints
        if !expected.contains(exit) {
            problems.append("exit code \(exit) after \(what): \(complaints.suffix(3000))")
        }
        if complaints.contains(try trail.source.password) {
            problems.append("the password is in the log: \(complaints.suffix(3000))")
        }
    }

    private mutating func noteMemory() {
        guard let process else { return }
        counts.memory = max(counts.memory, Self.memory(process.processID))
    }

    /// The most that a process ever held; 0 when it is gone.
    private static func memory(_ processID: Int32) -> Int {
        guard
            let status = FileManager.default.contents(atPath: "/proc/\(processID)/status"),
            let line = String(decoding: status, as: UTF8.self).split(separator: "\n")
                .first(where: { $0.hasPrefix("VmHWM:") }),
            let kilobytes = line.split(whereSeparator: { !$0.isNumber }).first.flatMap({ Int($0) })
        else { return 0 }
        return kilobytes << 10
    }

    /// `kill -9`, at once.
    mutating func kill() throws {
        guard let process else { return }
        noteMemory()
        process.signal(SIGKILL)
        try judge(process, "kill -9", [-SIGKILL])
        counts[.kills] += 1
        self.process = nil
    }

    /// Waits a while for the kill that was armed at a command.
    mutating func awaitKill(within milliseconds: Int) throws {
        guard let process else { return }
        noteMemory()
        proxy.setVictim(process.processID)
        for _ in 0..<milliseconds / 10 where process.isRunning { usleep(10_000) }
        if process.isRunning { return }
        try judge(process, "kill -9 at a command", [-SIGKILL])
        counts[.kills] += 1
        self.process = nil
    }

    /// How an instance may end that is told to stop: one that was just born knows no signals yet, and has said nothing.
    private static func cleanEnds(_ isNewborn: Bool) -> [Int32] { isNewborn ? [0, -SIGTERM] : [0] }

    mutating func stop() throws {
        guard let process else { return }
        noteMemory()
        process.signal(SIGTERM)
        let isNewborn = try process.complaints.isEmpty
        try judge(process, "SIGTERM", Self.cleanEnds(isNewborn))
        if !isNewborn, try !process.complaints.contains("Shutdown complete") {
            problems.append("no “Shutdown complete” after SIGTERM: \(try process.complaints)")
        }
        counts[.stops] += 1
        self.process = nil
    }

    // MARK: Two instances

    /// Pauses it for less than its lease, perhaps while another one waits for that.
    mutating func pause(milliseconds: Int, withStandby: Bool, _ dice: inout Dice) throws {
        guard let first = process else { return }
        try first.waitFor(Self.works, within: Self.patience)
        first.signal(SIGSTOP)
        let second = withStandby ? try launch(["run", "--standby"], &dice) : nil
        usleep(UInt32(milliseconds) * 1000)
        first.signal(SIGCONT)
        proxy.setVictim(first.processID)
        counts[.pauses] += 1
        guard let second else { return }
        second.signal(SIGTERM)
        let isNewborn = try second.complaints.isEmpty
        try judge(second, "SIGTERM while it waited for the lease", Self.cleanEnds(isNewborn))
        // On a machine that stood still for longer than the lease the second may have taken it.
        guard try second.complaints.contains(Self.tookOver) else { return }
        try judge(first, "losing its lease", [3])
        counts[.takeovers] += 1
        hasStrays = true
        process = nil
        try start(&dice)
    }

    /// Pauses it until another one works, which then goes on alone.
    mutating func takeOver(rest milliseconds: Int, _ dice: inout Dice) throws {
        guard let first = process else { return }
        noteMemory()
        try first.waitFor(Self.works, within: Self.patience)
        first.signal(SIGSTOP)
        defer { first.signal(SIGCONT) }
        let second = try launch(["run", "--standby"], &dice)
        try second.waitFor(Self.works, within: Self.patience)
        usleep(UInt32(milliseconds) * 1000)
        first.signal(SIGCONT)
        try judge(first, "losing its lease", [3])
        counts[.pauses] += 1
        counts[.takeovers] += 1
        hasStrays = true
        process = second
    }

    /// Runs to the end of what the source has now.
    mutating func catchUp(_ dice: inout Dice) throws {
        try stop()
        try judge(try launch(["run", "--until", "current"], &dice), "--until current", [0])
        hasStrays = false
    }
}
