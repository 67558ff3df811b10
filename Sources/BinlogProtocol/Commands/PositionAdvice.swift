/// What can be done when a server cannot go on from our position.
package enum PositionAdvice {
    package static let purged =
        "Follow a replica that still has them (MYSQL_ADDR), or accept the hole and add them to the "
        + "stored position (`gtid` in the offset document)."
    package static let diverged =
        "It was restored, reset, lags behind, or is another server: follow the one that has all of "
        + "our position (MYSQL_ADDR), or start afresh."
    /// Of MariaDB's position only the last number of each domain is known.
    static let goneBack =
        "Or its numbers went back, which gtid_strict_mode=OFF allows: set it to ON on every server that writes, "
        + "give them a new gtid_domain_id, run FLUSH BINARY LOGS, and write @@gtid_binlog_pos into the stored "
        + "position (`gtid` in the offset document); what lies before it is not stored."

    /// The sentence about a transaction that comes although it was not asked for.
    static func repeated(_ gtid: GTID, in position: GTIDSet) -> String {
        guard let last = position.last(inDomainOf: gtid) else {
            return
                "The MySQL server sent transaction \(gtid), which our position contains. \(diverged)"
        }
        return
            "The MariaDB server sent transaction \(gtid) after \(last), so that its number no longer tells "
            + "whether it is stored. \(diverged) \(goneBack)"
    }
}
