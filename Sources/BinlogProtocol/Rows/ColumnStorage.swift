/// How many bytes a column's value takes in a row image: all that the scan of a row needs.
package enum ColumnStorage: Hashable, Sendable {
    /// Always this many bytes (1 to 30).
    case fixed(UInt8)
    /// A little-endian length of 1 to 4 bytes, then that many bytes.
    case prefixed(UInt8)
    /// A length that this library does not know; a value of it stops the decoding.
    case undecodable

    /// The storage of TIME, DATETIME and TIMESTAMP in their old forms.
    ///
    /// - Precondition: `type` is one of these three, and there are 0 to 6 digits.
    static func oldTemporal(_ type: FieldType, fractionDigits: Int) -> ColumnStorage {
        switch type {
        case .oldTime: .fixed(OldTemporal.timeBytes[fractionDigits])
        case .oldDateTime: .fixed(OldTemporal.dateTimeBytes[fractionDigits])
        default: .fixed(OldTemporal.timestampBytes[fractionDigits])
        }
    }
}
