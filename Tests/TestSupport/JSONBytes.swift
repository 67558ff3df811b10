/// Binary JSON made by hand, right or wrong.
package enum JSONBytes {
    package static func u32(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// The body of a large array whose entries are exactly these, then `contents`.
    package static func largeArray(
        _ entries: [(type: UInt8, value: [UInt8])], contents: [UInt8] = []
    ) -> [UInt8] {
        let size = 8 + entries.count * 5 + contents.count
        return u32(UInt32(entries.count)) + u32(UInt32(size))
            + entries.flatMap { [$0.type] + $0.value } + contents
    }

    /// `[[[…]]]`, `depth` arrays in one another.
    package static func nested(depth: Int) -> [UInt8] {
        var body = largeArray([])
        for _ in 1..<depth { body = largeArray([(0x03, u32(13))], contents: body) }
        return [0x03] + body
    }
}
