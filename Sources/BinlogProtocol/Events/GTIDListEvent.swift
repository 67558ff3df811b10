/// MariaDB's list of the last transactions before a file, or before the place where a stream begins.
///
///     ┌────────────────────────────────┬─────────────────────────────────────────────────┐
///     │ u32: flags (4 bits), count (28)│ { domain u32, server id u32, sequence u64 } …   │
///     └────────────────────────────────┴─────────────────────────────────────────────────┘
/// A domain comes once for each server that wrote in it; its last entry is the latest. `sql/log_event.cc` of MariaDB.
public struct GTIDListEvent: Equatable, Sendable {
    /// The last GTID of each domain.
    public let position: GTIDSet
    /// How many GTIDs the list holds.
    public let count: Int

    package init(from reader: inout ByteReader) throws(DecodingError) {
        let start = reader.offset
        let head: UInt32 = try reader.read()
        count = Int(head & 0x0fff_ffff)
        guard count <= reader.remaining / 16 else {
            throw DecodingError(
                .truncated(needed: count * 16, available: reader.remaining), at: start)
        }
        var position = GTIDSet()
        for _ in 0..<count {
            let domain: UInt32 = try reader.read()
            let serverID: UInt32 = try reader.read()
            let sequenceOffset = reader.offset
            let sequence: UInt64 = try reader.read()
            guard sequence <= UInt64(GTID.numberMax) else {
                throw DecodingError(
                    .invalid("sequence number in a GTID_LIST_EVENT"), at: sequenceOffset)
            }
            position.insert(
                GTID(
                    domain: domain, serverID: serverID,
                    sequence: Int64(truncatingIfNeeded: sequence)))
        }
        // An empty list is filled up with zeros to the length that servers take for the least.
        let end = reader.offset
        guard try reader.readBytes(reader.remaining).allSatisfy({ $0 == 0 }) else {
            throw DecodingError(.invalid("end of a GTID_LIST_EVENT"), at: end)
        }
        self.position = position
    }
}
