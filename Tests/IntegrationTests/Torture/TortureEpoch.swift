import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import MongoSink

/// One source with a random schema, one audit trail, and everything that goes wrong between them.
struct TortureEpoch {
    let label: String
    let mongo: TortureMongo
    let source: ServiceInstance
    let link: FaultProxy
    let trail: AuditTrail
    let isMariaDB: Bool
    let options: WorkloadOptions
    let watch: PositionWatch
    private let start: GTIDSet
    /// The longest rest between two transactions of a session, in microseconds.
    private let pause: Int
    private let began = ContinuousClock.now
    private var tables: [Table]
    private var log: WorkloadLog
    private var copies: [Table] = []
    private var alterations = 0
    private var deck: FaultDeck
    /// What was done and when, to be read when something does not hold.
    private var journal: [String] = []
    var service: TortureService
    var dice: Dice
    var counts = TortureCounts()
    private(set) var problems: [String] = []

    /// The longest that one checkpoint waits without seeing that the position moves.
    private static let patience: Duration = .seconds(180)
    private static let documentsMax = 8000
    private static let checkpointsMax = 8

    /// - Parameter source: a server that was started with the options' `globals`.
    init(
        _ label: String, _ source: ServiceInstance, _ mongo: TortureMongo,
        _ options: WorkloadOptions, _ given: Dice
    ) throws {
        var dice = given
        self.label = label
        self.mongo = mongo
        self.source = source
        self.options = options
        isMariaDB = options.isMariaDB
        link = try FaultProxy(to: try source.address)
        start = try source.executed()
        pause = dice.roll(500_000...1_500_000)
        var fullImages = dice.chance(60)
        var tables = Table.random(
            database: "torture", fullImages: fullImages, isMariaDB: isMariaDB, &dice)
        // Types that only the server knows are looked up, which is right only while nobody changes the table.
        if isMariaDB { tables = tables.map(\.withoutServerTypes) }
        // A row without a key is only known by all of it.
        if tables.contains(where: \.key.isEmpty) { fullImages = true }
        let line =
            dice.chance(50)
            ? ["MYSQL_TLS_MODE": "disabled", "MYSQL_ALLOW_PUBLIC_KEY_RETRIEVAL": "true"] : [:]
        let compression = dice.pick(isMariaDB ? ["none", "zlib"] : ["none", "zlib", "zstd"])
        trail = try AuditTrail(
            source: source, mongo: mongo.server,
            [
                "MYSQL_ADDR": link.address, "MYSQL_FLAVOR": isMariaDB ? "mariadb" : "mysql",
                "MYSQL_COMPRESSION": compression, "MONGO_URI": mongo.uri,
                "FULL_IMAGES": "\(fullImages)", "START": start.isEmpty ? "earliest" : "\(start)",
                "TZ": dice.pick(["Asia/Kolkata", "America/New_York", "UTC"]),
                "RETRY_INITIAL": "20ms", "RETRY_MAX_DELAY": "1s",
            ].merging(line) { $1 })
        var workload = try Workload(
            name: "setup", connection: try source.root(), tables: tables, seed: dice.bits(),
            options: options)
        try workload.createTables()
        self.tables = workload.tables
        log = workload.log
        // XA transactions are left out where the source is killed: servers lose some of them.
        deck = FaultDeck(TortureFault.allCases.filter { !options.xa || !$0.endsSessions })
        service = TortureService(trail, through: mongo.proxy)
        watch = PositionWatch(trail)
        self.dice = dice
        try service.start(&self.dice)
    }

    // MARK: Rounds

    /// Rounds of faults with a checkpoint behind each, until the time is over or enough was stored.
    mutating func run(until deadline: ContinuousClock.Instant, roundSeconds: Int) {
        do {
            try runRounds(until: deadline, roundSeconds: roundSeconds)
        } catch {
            problems.append("\(error)")
        }
    }

    private mutating func runRounds(
        until deadline: ContinuousClock.Instant, roundSeconds: Int
    ) throws {
        repeat {
            let end = min(deadline, .now + .seconds(roundSeconds))
            let load = LoadThreads(
                source: source, tables: tables, seeds: [dice.bits(), dice.bits()], pause: pause,
                options: options, largeRows: 60, survivesRestarts: !options.xa)
            let failure = Result { try round(load, until: end) }
            log.merge(try load.finish())
            try failure.get()
            try alter()
            try checkpoint()
        } while problems.isEmpty && .now < deadline && counts[.documents] < Self.documentsMax
            && counts[.checkpoints] < Self.checkpointsMax
        if problems.isEmpty { try finish() }
    }

    private mutating func round(
        _ load: LoadThreads, until end: ContinuousClock.Instant
    ) throws {
        repeat {
            let fault = deck.deal(&dice)
            note(fault.rawValue)
            try apply(fault, load)
            counts[.faults] += 1
            try service.supervise(&dice)
            if dice.chance(70) { rest(20...700) }
        } while .now < end && service.problems.isEmpty && watch.problem == nil
    }

    mutating func rest(_ milliseconds: ClosedRange<Int>) {
        usleep(UInt32(dice.roll(milliseconds)) * 1000)
    }

    mutating func note(_ what: String) {
        journal.append("\(ContinuousClock.now - began) \(what)")
    }

    /// Changes a table's definition while the tables are at rest and `sdl` may be behind.
    private mutating func alter() throws {
        guard options.mayAlter, dice.chance(70) else { return }
        alterations += 1
        var workload = try Workload(
            name: "alter\(alterations)", connection: try source.root(), tables: tables,
            seed: dice.bits(), options: options)
        try workload.alterSomething()
        counts[.definitions] += 1
        tables = workload.tables
        copies += workload.copies
        log.merge(workload.log)
    }

    // MARK: Checkpoints

    private mutating func checkpoint() throws {
        try calm()
        let target = try source.executed()
        let isStopped = dice.chance(40) || service.hasStrays
        note("checkpoint at \(target)")
        if isStopped {
            try service.catchUp(&dice)
        } else {
            try wait(for: target)
            if try service.problems.isEmpty && trail.stagingStatuses()["pending"] != nil {
                // The last command of a killed instance, seen late; the next start settles it.
                try service.catchUp(&dice)
            }
        }
        gather()
        guard problems.isEmpty else { return }
        var checks = TrailChecks(
            trail: trail, log: log, tables: tables + copies, start: start, options: options)
        let summary = try checks.verify("\(label), see \(trail.database)")
        problems += checks.problems
        note("checked \(summary.documents) documents")
        counts[.checkpoints] += 1
        counts[.transactions] = summary.transactions
        counts[.documents] = summary.documents
        counts[.rows] = summary.rows
        try service.start(&dice)
    }

    /// Waits until everything is stored, for as long as the position moves.
    private mutating func wait(for target: GTIDSet) throws {
        var seen = GTIDSet()
        var deadline = ContinuousClock.now + Self.patience
        while true {
            try service.supervise(&dice)
            let position = watch.last
            if target.isSubset(of: position) { return }
            if position != seen { deadline = .now + Self.patience }
            seen = position
            // They are gathered by the caller.
            if !service.problems.isEmpty || watch.problem != nil { return }
            guard .now < deadline else {
                problems.append("stuck at \(position) before \(target)")
                return
            }
            usleep(50_000)
        }
    }

    /// Stops, and compares everything with what a run stores that nothing disturbs.
    private mutating func finish() throws {
        try calm()
        try service.stop()
        gather()
        guard problems.isEmpty else { return }
        note("comparing")
        if try !trail.compareWithUndisturbedRun(label) {
            problems.append("not the same as an undisturbed run")
        }
        note("compared")
        if problems.isEmpty { try trail.drop() }
    }

    private mutating func gather() {
        problems += service.problems
        if let problem = watch.problem { problems.append(problem) }
    }

    /// Ends what belongs to the epoch, and says everything when something does not hold.
    ///
    /// - Returns: what was done.
    mutating func end() -> TortureCounts {
        let reads = watch.end()
        counts.add(service.counts)
        counts[.epochs] += 1
        if reads == 0 { problems.append("the position was never read") }
        if !problems.isEmpty || Environment.value("SDL_TORTURE_JOURNAL") != nil {
            print("\(label): \(journal.suffix(60).joined(separator: "\n"))")
        }
        if !problems.isEmpty {
            Issue.record(
                "\(label), see \(trail.database): \(problems.prefix(5).joined(separator: "\n"))")
        }
        return counts
    }
}
