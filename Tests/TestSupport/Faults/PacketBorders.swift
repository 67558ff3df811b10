/// Finds where MySQL's packets end in bytes that come in any pieces.
///
///     length u24 LE │ sequence u8 │ payload
package struct PacketBorders: Sendable {
    /// The offsets behind each packet that has come in full.
    package private(set) var offsets: [Int] = []
    private var position = 0
    private var header: [UInt8] = []
    private var missing = 0

    package init() {}

    package mutating func add(_ bytes: some Collection<UInt8>) {
        var rest = bytes[...]
        while !rest.isEmpty {
            if header.count < 4 {
                let byte = rest.removeFirst()
                position += 1
                header.append(byte)
                guard header.count == 4 else { continue }
                missing = Int(header[0]) | Int(header[1]) << 8 | Int(header[2]) << 16
            } else {
                let taken = min(missing, rest.count)
                rest = rest.dropFirst(taken)
                position += taken
                missing -= taken
            }
            if missing == 0 {
                offsets.append(position)
                header = []
            }
        }
    }
}
