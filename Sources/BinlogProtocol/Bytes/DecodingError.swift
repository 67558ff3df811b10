/// Bytes that do not follow their format, with the place where that was seen.
///
/// The description never holds the bytes themselves: a binary log carries people's data.
public struct DecodingError: Error, Equatable, Sendable {
    /// What was wrong with the bytes.
    public enum Code: Equatable, Sendable {
        /// A field needs `needed` bytes and only `available` are left.
        case truncated(needed: Int, available: Int)
        /// `count` bytes are left over after the last field.
        case trailingBytes(count: Int)
        /// A field holds a value that its format does not allow; the text names the field.
        case invalid(String)
        /// The bytes are in a format that this library does not decode; the text names it.
        case unsupported(String)
        /// Nothing is wrong with the bytes: this program or this machine cannot do it; the text says what.
        case unable(String)
        /// The source lost events and logged that it did; the number is its reason, 1 for LOST_EVENTS.
        case incident(number: Int, messageByteCount: Int)
        /// The CRC-32 at the end of an event is not that of its bytes.
        case checksumMismatch
    }

    /// What was wrong.
    public let code: Code
    /// The byte offset, from the start of the buffer being decoded, where it was seen.
    public let offset: Int

    /// Makes an error from its parts.
    public init(_ code: Code, at offset: Int) {
        self.code = code
        self.offset = offset
    }
}

extension DecodingError: CustomStringConvertible {
    /// One sentence without any of the data.
    public var description: String {
        switch code {
        case .truncated(let needed, let available):
            "truncated at byte \(offset): \(needed) bytes needed, \(available) left"
        case .trailingBytes(let count):
            "\(count) unexpected bytes after the end, at byte \(offset)"
        case .invalid(let what):
            "invalid \(what) at byte \(offset)"
        case .unsupported(let what):
            "\(what) at byte \(offset) is not supported"
        case .unable(let what):
            "\(what) at byte \(offset) cannot be done here"
        case .incident(let number, let byteCount):
            "the source lost events (incident \(number), with a message of \(byteCount) bytes)"
        case .checksumMismatch:
            "the CRC-32 checksum does not match the event's bytes"
        }
    }
}
