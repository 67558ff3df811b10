/// The name of an XA transaction, the same in both of its parts: `XA START` and the later `XA COMMIT` or `XA ROLLBACK`.
public struct XAIdentifier: Hashable, Sendable {
    /// The format of the other two parts, a number of the application's; 1 when it gave none.
    public let formatID: UInt64
    /// Which transaction (`gtrid`).
    public let globalTransactionID: [UInt8]
    /// Which of its branches (`bqual`); often empty.
    public let branchQualifier: [UInt8]

    /// Bytes that each of the two parts has at most.
    package static let partByteCountMax = 64

    /// Makes an identifier; nil when a part is longer than the 64 bytes that servers allow.
    public init?(formatID: UInt64, globalTransactionID: [UInt8], branchQualifier: [UInt8]) {
        guard globalTransactionID.count <= Self.partByteCountMax,
            branchQualifier.count <= Self.partByteCountMax
        else { return nil }
        self.formatID = formatID
        self.globalTransactionID = globalTransactionID
        self.branchQualifier = branchQualifier
    }

    /// Reads the two parts that follow their lengths in an event.
    ///
    /// - Parameter offset: where the lengths stand.
    init(
        formatID: UInt32, globalCount: Int, branchCount: Int, lengthsAt offset: Int,
        from reader: inout ByteReader
    ) throws(DecodingError) {
        let id = XAIdentifier(
            formatID: UInt64(formatID), globalTransactionID: try reader.readBytes(globalCount),
            branchQualifier: try reader.readBytes(branchCount))
        guard let id else {
            throw DecodingError(.invalid("length of an XA identifier"), at: offset)
        }
        self = id
    }

    /// Whether the two are the same as far as events can tell, which hold 32 bits of the format.
    func matches(_ other: XAIdentifier) -> Bool {
        UInt32(truncatingIfNeeded: formatID) == UInt32(truncatingIfNeeded: other.formatID)
            && globalTransactionID == other.globalTransactionID
            && branchQualifier == other.branchQualifier
    }
}

extension XAIdentifier: CustomStringConvertible {
    /// The form in which servers log it: `X'7831',X'',1`.
    public var description: String {
        "X'\(Self.hex(globalTransactionID))',X'\(Self.hex(branchQualifier))',\(formatID)"
    }

    private static let digits = Array("0123456789abcdef".utf8)

    private static func hex(_ bytes: [UInt8]) -> String {
        String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xf)]] },
            as: UTF8.self)
    }
}
