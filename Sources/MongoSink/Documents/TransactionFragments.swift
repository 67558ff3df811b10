internal import BinlogProtocol

/// The parts of a document that are the same in all documents of one transaction, as ready bytes.
struct TransactionFragments {
    /// `<gtid>/`, the `_id` without the row's number.
    let idPrefix: [UInt8]
    /// `ts` and `tsLocal`.
    let times: [UInt8]
    /// `src.gtid`.
    let gtid: [UInt8]
    /// `src.binlog` and `src.serverId`.
    let origin: [UInt8]
    /// The commit time in ms since 1970.
    let commitTime: Int64

    init(_ start: TransactionStart, localTime: inout LocalTime) {
        // 2^64 µs are far more ms than an Int64 must not pass.
        let milliseconds = Int64(start.commitTime / 1000)
        commitTime = milliseconds
        let id = start.id
        idPrefix = Array(id.utf8) + [UInt8(ascii: "/")]
        var times = BSONWriter()
        times.append(DocumentKeys.ts, utcDateTime: milliseconds)
        times.append(
            DocumentKeys.tsLocal,
            string: localTime.text(milliseconds: min(milliseconds, Self.localTimeMax)))
        self.times = times.bytes
        var gtid = BSONWriter()
        gtid.append(DocumentKeys.gtid, string: id)
        self.gtid = gtid.bytes
        var origin = BSONWriter()
        let binlog = origin.beginDocument(DocumentKeys.binlog)
        origin.append(DocumentKeys.file, string: start.position.file)
        origin.append(DocumentKeys.pos, int64: Int64(clamping: start.position.offset))
        origin.end(binlog)
        origin.append(DocumentKeys.serverID, integer: Int64(start.serverID))
        self.origin = origin.bytes
    }

    /// The year 9999: a commit time beyond it is a broken clock's and has no calendar text.
    private static let localTimeMax: Int64 = 253_402_300_799_999
}

extension BSONWriter {
    /// Appends an Int32 while the value fits, else an Int64.
    mutating func append(_ key: BSONKey, integer value: Int64) {
        if let small = Int32(exactly: value) {
            append(key, int32: small)
        } else {
            append(key, int64: value)
        }
    }
}
