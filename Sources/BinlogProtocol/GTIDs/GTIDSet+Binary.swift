extension GTIDSet {
    /// Reads the binary form that PREVIOUS_GTIDS events and COM_BINLOG_DUMP_GTID carry.
    ///
    ///     ┌──────────────────────────────┐  plain (format 0): count u64 LE
    ///     │ header                8 bytes│  tagged (format 1): 01 | count u48 LE | 01
    ///     ├──────────────────────────────┤
    ///     │ per source:  uuid    16 bytes│
    ///     │              tag     only in the tagged form: varlen length, then the characters
    ///     │              intervals   u64 │
    ///     │              start i64, end i64 (one past the last), repeated
    ///     └──────────────────────────────┘
    /// `sql/rpl_gtid_set.cc` of the server.
    package init(from reader: inout ByteReader) throws(DecodingError) {
        self.init()
        let start = reader.offset
        let header: UInt64 = try reader.read()
        let format = UInt8(truncatingIfNeeded: header >> 56)
        let sourceCount: UInt64
        switch format {
        case 0: sourceCount = header
        case 1:
            guard UInt8(truncatingIfNeeded: header) == 1 else {
                throw DecodingError(.invalid("GTID set header"), at: start)
            }
            sourceCount = (header >> 8) & 0xffff_ffff_ffff
        default:
            throw DecodingError(.unsupported("GTID set format \(format)"), at: start)
        }
        guard sourceCount <= UInt64(Limits.gtidSourcesMax) else {
            throw DecodingError(.invalid("number of servers in a GTID set"), at: start)
        }
        var previous: GTID.Source?
        for _ in 0..<Int(sourceCount) {
            let sourceStart = reader.offset
            let source = try Self.readSource(from: &reader, tagged: format == 1)
            if let previous, source <= previous {
                throw DecodingError(.invalid("order of servers in a GTID set"), at: sourceStart)
            }
            previous = source
            try readIntervals(of: source, from: &reader)
        }
    }

    private static func readSource(
        from reader: inout ByteReader, tagged: Bool
    ) throws(DecodingError) -> GTID.Source {
        let uuid = ServerUUID(bytes: try reader.readBytes(16))
        guard tagged else { return GTID.Source(uuid: uuid) }
        let start = reader.offset
        let length = try Serialization.readUnsigned(from: &reader)
        guard length <= 32 else {
            throw DecodingError(.invalid("GTID tag length"), at: start)
        }
        if length == 0 { return GTID.Source(uuid: uuid) }
        guard let tag = GTID.normalizedTag(try reader.readBytes(Int(length))) else {
            throw DecodingError(.invalid("GTID tag"), at: start)
        }
        return GTID.Source(uuid: uuid, checkedTag: tag)
    }

    private mutating func readIntervals(
        of source: GTID.Source, from reader: inout ByteReader
    ) throws(DecodingError) {
        let start = reader.offset
        let count: UInt64 = try reader.read()
        guard count <= UInt64(Limits.gtidIntervalsMax), count <= UInt64(reader.remaining / 16)
        else {
            throw DecodingError(
                .truncated(needed: Int(clamping: count), available: reader.remaining), at: start)
        }
        var last: Int64 = 0
        for _ in 0..<Int(count) {
            let offset = reader.offset
            let first: Int64 = try reader.read()
            let end: Int64 = try reader.read()
            guard first > last, first >= 1, end > first, end - 1 <= GTID.numberMax else {
                throw DecodingError(.invalid("interval in a GTID set"), at: offset)
            }
            insert(first...(end - 1), of: source)
            last = end - 1
        }
    }

    /// The binary form: plain while no tag is used (older servers know nothing else), tagged otherwise.
    package func encoded() -> [UInt8] {
        let tagged = members.keys.contains { !$0.tag.isEmpty }
        var writer = ByteWriter()
        let count = UInt64(members.count)
        writer.write(tagged ? (1 << 56) | (count << 8) | 1 : count)
        for (source, intervals) in members.sorted(by: { $0.key < $1.key }) {
            writer.write(source.uuid.bytes)
            if tagged {
                // A tag has at most 32 characters, so its length is the one-byte varlen form.
                writer.write(UInt8(source.tag.utf8.count << 1))
                writer.write(source.tag.utf8)
            }
            writer.write(UInt64(intervals.intervals.count))
            for interval in intervals.intervals {
                writer.write(interval.lowerBound)
                writer.write(interval.upperBound + 1)
            }
        }
        return writer.bytes
    }
}
