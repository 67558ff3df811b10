import BinlogProtocol

/// GTID sets as text and in binary form, and what is done with two of them.
///
///     form u8, length u16, one set, another set
func fuzzGTIDs(_ bytes: [UInt8]) {
    var input = Input(bytes)
    let form = input.byte()
    let first = set(form & 3, input.part())
    let second = set(form >> 2 & 3, input.rest())
    guard let first, let second else { return }
    let union = first.union(second)
    let rest = first.subtracting(second)
    require(
        first.isSubset(of: union) && second.isSubset(of: union) || contradict(first, second),
        "a union holds both")
    require(rest.isSubset(of: first), "a difference is a part")
    require(
        first.subtracting(first).isEmpty && first.isSubset(of: first), "a set and itself")
    _ = first.intersection(second)
    _ = first.isDisjoint(with: second)
    _ = union.count
}

/// Whether two positions say that different servers wrote the same number of a domain: no history has both.
private func contradict(_ first: GTIDSet, _ second: GTIDSet) -> Bool {
    let theirs = lastOfDomains(second)
    for (domain, gtid) in lastOfDomains(first) {
        if let other = theirs[domain], other != gtid, other.number == gtid.number { return true }
    }
    return false
}

private func lastOfDomains(_ set: GTIDSet) -> [UInt32: GTID] {
    var last: [UInt32: GTID] = [:]
    for gtid in set.domainGTIDs {
        if case .domain(let domain, _) = gtid.origin { last[domain] = gtid }
    }
    return last
}

private func set(_ form: UInt8, _ bytes: [UInt8]) -> GTIDSet? {
    do throws(BinlogProtocol.DecodingError) {
        switch form {
        case 0:
            var reader = ByteReader(bytes)
            let set = try GTIDSet(from: &reader)
            try reader.finish()
            return roundTrip(set, of: bytes.count)
        case 1:
            var reader = ByteReader(bytes)
            _ = try GTIDListEvent(from: &reader)
            try reader.finish()
            return nil
        case 2:
            return roundTrip(
                try GTIDSet(parsingOwned: String(decoding: bytes, as: UTF8.self)),
                of: 4 * bytes.count)
        default:
            return roundTrip(
                try GTIDSet(parsing: String(decoding: bytes, as: UTF8.self)), of: 4 * bytes.count)
        }
    } catch {
        // A text's bytes that are no UTF-8 became three bytes each, and a thread's number a comma.
        requireOffset(error, within: 4 * bytes.count)
        return nil
    }
}

private func roundTrip(_ set: GTIDSet, of count: Int) -> GTIDSet {
    let text = set.description
    requireSize(text.utf8.count, of: count, factor: 4)
    do {
        require(try GTIDSet(parsing: text) == set, "a GTID set and its text are the same")
    } catch {
        require(false, "the text of a GTID set can be read: \(error)")
    }
    return set
}
