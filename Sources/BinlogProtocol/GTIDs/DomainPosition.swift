/// The last transaction of one MariaDB domain.
struct DomainPosition: Hashable, Sendable {
    /// The `server_id` of the server that wrote it.
    let serverID: UInt32
    /// Its number within the domain, from 0 (none yet).
    let sequence: Int64

    /// Whether a domain that is at `other` has this transaction.
    func isCovered(by other: DomainPosition) -> Bool {
        sequence < other.sequence || self == other
    }

    func gtid(domain: UInt32) -> GTID {
        GTID(domain: domain, serverID: serverID, sequence: sequence)
    }
}
