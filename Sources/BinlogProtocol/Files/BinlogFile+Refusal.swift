extension BinlogFile {
    /// What other files begin with, and what to do with them.
    private static let others: [(start: [UInt8], sentence: String)] = [
        (
            [0xfd, 0x62, 0x69, 0x6e],
            "is encrypted (binlog_encryption=ON): only its server can read it. Follow the server instead."
        ),
        ([0x1f, 0x8b], "is compressed with gzip: give it to zcat and read from that (-)."),
        (
            [0x28, 0xb5, 0x2f, 0xfd],
            "is compressed with zstd: give it to zstdcat and read from that (-)."
        ),
        (
            [0xfd, 0x37, 0x7a, 0x58],
            "is compressed with xz: give it to xzcat and read from that (-)."
        ),
        ([0x42, 0x5a, 0x68], "is compressed with bzip2: give it to bzcat and read from that (-)."),
    ]

    /// Why a file with this beginning is not read.
    static func refusal(of name: String, beginningWith bytes: [UInt8]) -> String {
        if bytes.isEmpty { return "\(name) is not a binary log: it is empty." }
        if let other = others.first(where: { bytes.starts(with: $0.start) }) {
            return "\(name) \(other.sentence)"
        }
        let sentence = "\(name) is not a binary log: it does not begin with fe 62 69 6e"
        guard let start = beginning(in: bytes) else { return sentence + "." }
        return sentence
            + ", which stands at byte \(start). Cut off what comes before (tail -c +\(start + 1))."
    }

    /// Where a binary log begins behind something else: its first bytes and a format description event.
    private static func beginning(in bytes: [UInt8]) -> Int? {
        let typeOffset = magic.count + 4
        guard bytes.count > typeOffset else { return nil }
        return (0..<(bytes.count - typeOffset)).first { start in
            bytes[start] == magic[0] && bytes[start...].starts(with: magic)
                && bytes[start + typeOffset] == EventType.formatDescription.rawValue
        }
    }
}
