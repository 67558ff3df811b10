/// The identity that a MySQL server gives itself (`server_uuid`), 16 bytes.
public struct ServerUUID: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// Makes a UUID from its 16 bytes, first byte first.
    ///
    /// - Precondition: `bytes` has exactly 16 elements.
    package init(bytes: some Collection<UInt8>) {
        precondition(bytes.count == 16)
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (index, byte) in bytes.enumerated() {
            if index < 8 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt64(byte) }
        }
        self.high = high
        self.low = low
    }

    /// Parses the text form `3e11fa47-71ca-11e1-9e33-c80aa9429562`, in either letter case.
    ///
    /// Nil when the text is anything else.
    public init?(_ text: some StringProtocol) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        var pending: UInt8?
        var position = 0
        for character in text.utf8 {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard character == UInt8(ascii: "-") else { return nil }
            } else {
                guard let digit = hexDigit(character) else { return nil }
                if let first = pending {
                    bytes.append(first << 4 | digit)
                    pending = nil
                } else {
                    pending = digit
                }
            }
            position += 1
        }
        guard position == 36, bytes.count == 16 else { return nil }
        self.init(bytes: bytes)
    }

    /// A random UUID (version 4), for a replica that comes only once.
    public static func random() -> ServerUUID {
        var bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        return ServerUUID(bytes: bytes)
    }

    /// The 16 bytes, first byte first.
    package var bytes: [UInt8] {
        let highBytes = (0..<8).map { UInt8(truncatingIfNeeded: high >> UInt64(56 - 8 * $0)) }
        let lowBytes = (0..<8).map { UInt8(truncatingIfNeeded: low >> UInt64(56 - 8 * $0)) }
        return highBytes + lowBytes
    }
}

extension ServerUUID: Comparable {
    /// Orders by the bytes, which is how servers sort a GTID set.
    public static func < (left: ServerUUID, right: ServerUUID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension ServerUUID: CustomStringConvertible {
    /// The text form in lower case.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, byte) in bytes.enumerated() {
            if index == 4 || index == 6 || index == 8 || index == 10 {
                text.append(UInt8(ascii: "-"))
            }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

private func hexDigit(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
}
