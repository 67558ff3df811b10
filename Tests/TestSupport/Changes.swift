package import BinlogProtocol

/// The steps that the events of one log become.
package func changes(of events: [[UInt8]]) throws(DecodingError) -> [Change] {
    var stream = ChangeStream(checksum: .crc32)
    var changes: [Change] = []
    for event in events {
        stream.feed(event)
        while let change = try stream.next() { changes.append(change) }
    }
    return changes
}
