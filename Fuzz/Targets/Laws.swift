import BinlogProtocol

/// Ends the process, which libFuzzer takes for a finding, unless the law holds.
func require(_ holds: Bool, _ law: @autoclosure () -> String, line: UInt = #line) {
    guard holds else { fatalError("law broken: \(law()), line \(line)") }
}

/// The error names a place within the bytes that were decoded.
func requireOffset(
    _ error: BinlogProtocol.DecodingError, within count: Int, line: UInt = #line
) {
    require((0...count).contains(error.offset), "offset in \(count) bytes: \(error)", line: line)
}

/// What came out is at most `factor` times what went in.
func requireSize(_ output: Int, of input: Int, factor: Int, line: UInt = #line) {
    require(
        output <= factor * input + 1024, "\(output) bytes made of \(input)", line: line)
}

/// Cuts a fuzzer's input into parts; what is missing is as if it were zero or empty.
struct Input {
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { at == bytes.count }

    mutating func byte() -> UInt8 {
        guard at < bytes.count else { return 0 }
        at += 1
        return bytes[at - 1]
    }

    mutating func integer(bytes count: Int) -> Int {
        (0..<count).reduce(0) { value, index in value | Int(byte()) << (8 * index) }
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        let end = min(at + count, bytes.count)
        defer { at = end }
        return Array(bytes[at..<end])
    }

    /// A part behind its own length of two bytes.
    mutating func part() -> [UInt8] {
        bytes(integer(bytes: 2))
    }

    mutating func rest() -> [UInt8] {
        bytes(bytes.count)
    }
}
