/// What must hold before a log can be followed, each with the statement that makes it so.
extension SourceInfo {
    /// - Throws: the first of ``problems(expecting:)``.
    package func check(expecting flavor: Flavor) throws(BinlogError) {
        if let first = problems(expecting: flavor).first { throw first }
    }

    /// Everything on the server that keeps us from following its log: codes `wrongFlavor` and
    /// `configuration`.
    package func problems(expecting expected: Flavor) -> [BinlogError] {
        guard flavor == expected else {
            return [
                BinlogError(
                    .wrongFlavor,
                    "The server is \(flavor.title) \(version), not \(expected.title). Set "
                        + "MYSQL_FLAVOR=\(flavor.rawValue).")
            ]
        }
        var problems: [BinlogError] = []
        if flavor == .mariadb, isTooOld {
            problems.append(
                BinlogError(
                    .configuration,
                    "MariaDB \(version) is too old: sdl follows MariaDB 10.4 and later. Upgrade the server."
                ))
        }
        if let binlogStorageEngine {
            problems.append(
                BinlogError(
                    .configuration,
                    "The MariaDB server keeps its log in \(binlogStorageEngine) (binlog_storage_engine), which is "
                        + "not known here. Remove that setting from its configuration and restart it."
                ))
        }
        if !isLogOn {
            problems.append(
                BinlogError(
                    .configuration,
                    "The \(flavor.title) server writes no binary log (log_bin=OFF). Put log_bin=mysql-bin in the "
                        + "[mysqld] section of its configuration and restart it."))
        }
        if let gtidMode, gtidMode.uppercased() != "ON" {
            problems.append(
                BinlogError(
                    .configuration,
                    "The server's transactions have no GTIDs (gtid_mode=\(gtidMode)). "
                        + "Run: \(gtidStatements(from: gtidMode))"))
        }
        if let binlogFormat, binlogFormat.uppercased() != "ROW" {
            let set = flavor == .mysql ? "SET PERSIST" : "SET GLOBAL"
            problems.append(
                BinlogError(
                    .configuration,
                    "The \(flavor.title) server logs statements instead of rows (binlog_format=\(binlogFormat)). "
                        + "Run: \(set) binlog_format = ROW; then let its clients reconnect."))
        }
        return problems
    }

    /// The mode changes one step at a time, and the server refuses a jump.
    private var isTooOld: Bool {
        let parts = version.split(separator: ".").prefix(2).map { Int($0) ?? 0 }
        return parts.count == 2 && (parts[0], parts[1]) < (10, 4)
    }

    private func gtidStatements(from mode: String) -> String {
        let steps = ["OFF", "OFF_PERMISSIVE", "ON_PERMISSIVE", "ON"]
        let done = steps.firstIndex(of: mode.uppercased()) ?? 0
        var statements = steps[(done + 1)...].map { "SET PERSIST gtid_mode = \($0);" }
        if enforceGTIDConsistency?.uppercased() != "ON" {
            statements.insert("SET PERSIST enforce_gtid_consistency = ON;", at: 0)
        }
        return statements.joined(separator: " ")
    }

    /// Whether the server can go on from `position`.
    ///
    /// - Throws: ``BinlogError`` with code `purged` when it threw away what we have not read, or
    ///   `diverged` when we have read what it never executed.
    package func check(position: GTIDSet) throws(BinlogError) {
        try check(form: position)
        let position = position.withoutUnusedDomains
        let unknown = position.subtracting(executed).subtracting(owned)
        guard unknown.isEmpty else {
            throw BinlogError(
                .diverged,
                "The \(flavor.title) server never executed \(Self.shortened(unknown)), which our position "
                    + "contains. \(PositionAdvice.diverged)"
                    + (flavor == .mariadb ? " \(PositionAdvice.goneBack)" : ""))
        }
        let missing = purged.subtracting(position)
        guard missing.isEmpty else {
            throw BinlogError(
                .purged(missing: missing.description),
                "The \(flavor.title) server has purged \(Self.shortened(missing)), which we have not read. "
                    + PositionAdvice.purged)
        }
    }

    /// - Throws: ``BinlogError`` with code `configuration` when the set is written in the other server's form, which
    ///   nothing that this one sends could ever be in.
    package func check(form set: GTIDSet) throws(BinlogError) {
        let example =
            flavor == .mysql ? "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-23" : "0-1-100,1-5-7"
        guard set.isEmpty || set.domainGTIDs.isEmpty == (flavor == .mysql) else {
            throw BinlogError(
                .configuration,
                "The position \(Self.shortened(set)) is not one of a \(flavor.title) server, whose positions are "
                    + "such as \(example). Give it in that form, or another STREAM_NAME to a server of another kind."
            )
        }
    }

    /// A set can be longer than any log line; `purged` carries the whole.
    private static func shortened(_ set: GTIDSet) -> String {
        let text = set.description
        return text.utf8.count <= 500 ? text : "\(text.prefix(500))…"
    }
}

extension Flavor {
    fileprivate var title: String {
        switch self {
        case .mysql: "MySQL"
        case .mariadb: "MariaDB"
        }
    }
}
