extension GTIDSet {
    /// Parses the text form as servers print it; white space and newlines around `:`, `,` and `-` are allowed.
    ///
    /// - Throws: ``DecodingError`` with code `invalid` and the byte offset in `text` when it is not a GTID set, names
    ///   a MariaDB domain twice, or mixes the two servers' forms.
    public init(parsing text: String) throws(DecodingError) {
        self.init()
        var parser = GTIDSetParser(text: Array(text.utf8))
        try parser.parse(into: &self)
    }
}

extension GTIDSet: CustomStringConvertible {
    /// The canonical text: servers sorted, tags sorted after the untagged intervals, adjacent intervals joined.
    ///
    /// Of MariaDB: domains sorted.
    public var description: String {
        if !domains.isEmpty { return domainGTIDs.map { "\($0)" }.joined(separator: ",") }
        var text = ""
        var previous: ServerUUID?
        for (source, intervals) in members.sorted(by: { $0.key < $1.key }) {
            if source.uuid != previous {
                if previous != nil { text += "," }
                text += "\(source.uuid)"
                previous = source.uuid
            }
            if !source.tag.isEmpty { text += ":\(source.tag)" }
            for interval in intervals.intervals {
                text +=
                    interval.lowerBound == interval.upperBound
                    ? ":\(interval.lowerBound)" : ":\(interval.lowerBound)-\(interval.upperBound)"
            }
        }
        return text
    }
}

private struct GTIDSetParser {
    let text: [UInt8]
    var position = 0
    /// Put into the set at the end: a text can name its intervals in any order.
    private var ranges: [GTID.Source: [ClosedRange<Int64>]] = [:]

    init(text: [UInt8]) {
        self.text = text
    }

    mutating func parse(into set: inout GTIDSet) throws(DecodingError) {
        skipSpace()
        while position < text.count {
            if text[position] == UInt8(ascii: ",") {
                position += 1
                skipSpace()
                continue
            }
            try parseSource(into: &set)
        }
        for (source, ranges) in ranges { set.insert(ranges, of: source) }
    }

    private mutating func parseSource(into set: inout GTIDSet) throws(DecodingError) {
        let start = position
        let word = try readWord()
        if let gtid = domainGTID(word) {
            guard ranges.isEmpty else {
                throw DecodingError(.invalid("GTID set: two servers' forms"), at: start)
            }
            guard set.domains[gtid.domain] == nil else {
                throw DecodingError(.invalid("GTID set: a domain twice"), at: start)
            }
            guard position == text.count || text[position] == UInt8(ascii: ",") else {
                throw DecodingError(.invalid("character in a GTID set"), at: position)
            }
            set.insert(
                GTID(
                    domain: gtid.domain, serverID: gtid.serverID, sequence: gtid.sequence))
            return
        }
        guard set.domains.isEmpty else {
            throw DecodingError(.invalid("GTID set: two servers' forms"), at: start)
        }
        guard let uuid = ServerUUID(String(decoding: word, as: UTF8.self)) else {
            throw DecodingError(.invalid("server UUID in a GTID set"), at: start)
        }
        var source = GTID.Source(uuid: uuid)
        var found = false
        while position < text.count, text[position] == UInt8(ascii: ":") {
            position += 1
            skipSpace()
            let itemStart = position
            let item = try readWord()
            if let first = item.first, first >= UInt8(ascii: "0"), first <= UInt8(ascii: "9") {
                ranges[source, default: []].append(try interval(item, at: itemStart))
                found = true
            } else if let tag = GTID.normalizedTag(item), found || source.tag.isEmpty {
                source = GTID.Source(uuid: uuid, checkedTag: tag)
                found = false
            } else {
                throw DecodingError(.invalid("tag or interval in a GTID set"), at: itemStart)
            }
        }
        guard found else {
            throw DecodingError(.invalid("GTID set: an interval is missing"), at: position)
        }
        guard position == text.count || text[position] == UInt8(ascii: ",") else {
            throw DecodingError(.invalid("character in a GTID set"), at: position)
        }
    }

    /// `domain-server-sequence`, each a decimal number.
    private func domainGTID(
        _ word: [UInt8]
    ) -> (domain: UInt32, serverID: UInt32, sequence: Int64)? {
        let parts = word.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 3,
            parts.allSatisfy({ part in
                part.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            }),
            let domain = UInt32(String(decoding: parts[0], as: UTF8.self)),
            let serverID = UInt32(String(decoding: parts[1], as: UTF8.self)),
            let sequence = Int64(String(decoding: parts[2], as: UTF8.self)),
            sequence <= GTID.numberMax
        else { return nil }
        return (domain, serverID, sequence)
    }

    /// Reads up to the next `:` or `,` and drops white space at its ends and around `-`.
    private mutating func readWord() throws(DecodingError) -> [UInt8] {
        let dash = UInt8(ascii: "-")
        var word: [UInt8] = []
        var followsSpace = false
        while position < text.count, text[position] != UInt8(ascii: ":"),
            text[position] != UInt8(ascii: ",")
        {
            let character = text[position]
            if isSpace(character) {
                followsSpace = true
            } else {
                // `5 7` must not become 57.
                if followsSpace, let last = word.last, last != dash, character != dash {
                    throw DecodingError(.invalid("white space in a GTID set"), at: position)
                }
                word.append(character)
                followsSpace = false
            }
            position += 1
        }
        return word
    }

    private func interval(
        _ word: [UInt8], at offset: Int
    ) throws(DecodingError) -> ClosedRange<Int64> {
        let parts = word.split(
            separator: UInt8(ascii: "-"), maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in
            part.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
                ? Int64(String(decoding: part, as: UTF8.self)) : nil
        }
        guard numbers.count == parts.count, let first = numbers.first, let last = numbers.last,
            first >= 1, first <= last, last <= GTID.numberMax
        else {
            throw DecodingError(.invalid("interval in a GTID set"), at: offset)
        }
        return first...last
    }

    private mutating func skipSpace() {
        while position < text.count, isSpace(text[position]) { position += 1 }
    }

    private func isSpace(_ character: UInt8) -> Bool {
        character == 0x20 || (0x09...0x0d).contains(character)
    }
}
