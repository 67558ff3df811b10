internal import BinlogProtocol

/// Collects the lines of a listing and hands them on in large pieces, so that a large event is never held as text.
final class ListingText {
    private let write: ([UInt8]) throws -> Void
    private var pending: [UInt8] = []
    private var failure: (any Error)?
    /// How far lines are indented, in steps of four spaces.
    var depth = 0

    private static let pieceBytes = 64 << 10

    init(write: @escaping ([UInt8]) throws -> Void) {
        self.write = write
    }

    /// Whether nothing more can be written; ``flush()`` has the reason.
    var isBroken: Bool { failure != nil }

    /// Adds a line; what could end it or drive a terminal is escaped.
    func line(_ text: String) {
        guard failure == nil else { return }
        pending.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 4 * depth))
        if text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) {
            pending.append(contentsOf: text.utf8)
        } else {
            pending.append(contentsOf: Escaping.escaped(text, bytesMax: .max).utf8)
        }
        pending.append(UInt8(ascii: "\n"))
        if pending.count >= Self.pieceBytes { writePending() }
    }

    /// Adds lines that are indented one step deeper.
    func indented<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
        depth += 1
        defer { depth -= 1 }
        try body()
    }

    /// Writes what is left.
    ///
    /// - Throws: why this or an earlier piece could not be written.
    func flush() throws {
        writePending()
        if let failure { throw failure }
    }

    private func writePending() {
        guard failure == nil, !pending.isEmpty else { return }
        do {
            try write(pending)
        } catch {
            failure = error
        }
        pending.removeAll(keepingCapacity: true)
    }
}

extension ListingText {
    /// `2026-11-23T10:30:00Z`.
    static func time(_ seconds: UInt32) -> String {
        var text: [UInt8] = []
        Timestamp(seconds: Int64(seconds), microseconds: 0).append(fractionDigits: 0, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// A time in µs since 1970; only as a number if no server can have written it.
    static func time(microseconds: UInt64) -> String {
        // The year 9999.
        guard microseconds < 253_402_300_800_000_000 else { return "\(microseconds) µs" }
        var text: [UInt8] = []
        Timestamp(
            seconds: Int64(microseconds / 1_000_000), microseconds: Int(microseconds % 1_000_000)
        ).append(fractionDigits: 6, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// `X'0aff'`.
    static func hexLiteral(_ bytes: some Collection<UInt8>) -> String {
        "X'\(hex(bytes))'"
    }

    /// `0a ff`.
    static func spacedHex(_ bytes: some Collection<UInt8>) -> String {
        hex(bytes, separator: UInt8(ascii: " "))
    }

    private static func hex(_ bytes: some Collection<UInt8>, separator: UInt8? = nil) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 3)
        for byte in bytes {
            if let separator, !text.isEmpty { text.append(separator) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The names of the bits that are set, then the others as a number: `IN_USE|0x400`; `none` for 0.
    static func flags(_ bits: UInt64, _ names: KeyValuePairs<UInt64, String>) -> String {
        var rest = bits
        var parts: [String] = []
        for (bit, name) in names where rest & bit != 0 {
            parts.append(name)
            rest &= ~bit
        }
        if rest != 0 { parts.append("0x" + String(rest, radix: 16)) }
        return parts.isEmpty ? "none" : parts.joined(separator: "|")
    }
}
