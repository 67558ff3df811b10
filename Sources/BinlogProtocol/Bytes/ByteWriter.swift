/// Builds the bytes that we send.
package struct ByteWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func write<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Writes the low `count` bytes of `value`, least significant first.
    package mutating func write(_ value: UInt64, bytes count: Int) {
        precondition((1...8).contains(count))
        for index in 0..<count {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index)))
        }
    }

    package mutating func write(_ raw: some Sequence<UInt8>) {
        bytes.append(contentsOf: raw)
    }

    package mutating func writeNulTerminated(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        bytes.append(0)
    }

    package mutating func writeLengthEncodedInteger(_ value: UInt64) {
        switch value {
        case 0...0xfa: write(UInt8(truncatingIfNeeded: value))
        case 0xfb...0xffff:
            bytes.append(0xfc)
            write(value, bytes: 2)
        case 0x1_0000...0xff_ffff:
            bytes.append(0xfd)
            write(value, bytes: 3)
        default:
            bytes.append(0xfe)
            write(value)
        }
    }

    package mutating func writeLengthEncoded(_ raw: some Collection<UInt8>) {
        writeLengthEncodedInteger(UInt64(raw.count))
        bytes.append(contentsOf: raw)
    }
}
