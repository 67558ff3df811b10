import BinlogProtocol
import TestSupport
import Testing

/// Bytes in the log of MariaDB 10.11 and 11.8, which are the same, and beside them what `SELECT` printed.
@Suite("MariaDB's UUID, INET4 and INET6")
struct NetworkAddressTests {
    /// The whole value and each of its beginnings, since zero bytes at the end are left out of the log.
    private func verify(
        _ bytes: String, _ printed: String,
        _ append: (CellRange, [UInt8], inout [UInt8]) throws(DecodingError) -> Void
    ) {
        let value = hexBytes(bytes)
        verifyValue(value, equals: printed, validPrefixes: Set(value.indices)) {
            (cell, all) throws(DecodingError) in
            guard cell.count <= value.count || value.count >= 16 else {
                // Shorter values than the type's length may become longer: no error to find.
                throw DecodingError(.trailingBytes(count: 1), at: cell.end)
            }
            return try text { (output: inout [UInt8]) throws(DecodingError) in
                try append(cell, all, &output)
            }
        }
    }

    // UUIDs of versions 0, 1, 4, 5, 6, 7 and 8, and of both variants
    @Test(
        "UUID",
        arguments: [
            ("00112233445566778899aabbccddeeff", "00112233-4455-6677-8899-aabbccddeeff"),
            ("123e4567e89b12d3a45642665544", "123e4567-e89b-12d3-a456-426655440000"),
            ("01890a5dac96774bbcceb302099a8057", "01890a5d-ac96-774b-bcce-b302099a8057"),
            ("550e8400e29b41d4a71644665544", "550e8400-e29b-41d4-a716-446655440000"),
            ("", "00000000-0000-0000-0000-000000000000"),
            ("ffffffffffffffffffffffffffffffff", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
            ("00112233445586778899aabbccddeeff", "00112233-4455-8677-8899-aabbccddeeff"),
            ("00112233445566771899aabbccddeeff", "00112233-4455-6677-1899-aabbccddeeff"),
            ("0011223344555677c899aabbccddeeff", "00112233-4455-5677-c899-aabbccddeeff"),
        ])
    func uuid(bytes: String, printed: String) {
        verify(bytes, printed) { (cell, all, output) throws(DecodingError) in
            try cell.appendUUID(in: all, to: &output)
        }
    }

    @Test(
        "INET4",
        arguments: [
            ("01020304", "1.2.3.4"), ("ffffffff", "255.255.255.255"), ("", "0.0.0.0"),
            ("0a000001", "10.0.0.1"), ("0a", "10.0.0.0"),
        ])
    func inet4(bytes: String, printed: String) {
        verify(bytes, printed) { (cell, all, output) throws(DecodingError) in
            try cell.appendINET4(in: all, to: &output)
        }
    }

    @Test(
        "INET6",
        arguments: [
            ("00000000000000000000000000000001", "::1"), ("", "::"),
            ("00000000000000000000ffff01020304", "::ffff:1.2.3.4"),
            ("20010db8000000000000ff0000428329", "2001:db8::ff00:42:8329"),
            ("00000000000000000000000001020304", "::1.2.3.4"),
            ("fe80000000000001", "fe80:0:0:1::"),
            ("00010000000000020000000000000003", "1:0:0:2::3"),
            ("00010000000200030004000500060007", "1::2:3:4:5:6:7"),
            ("000000000001000000000001", "::1:0:0:1:0:0"),
            ("00000000000000000000ffff", "::ffff:0.0.0.0"),
            ("00000000000000000000000000010002", "::0.1.0.2"),
            ("00000000000000000000000100020003", "::1:2:3"),
        ])
    func inet6(bytes: String, printed: String) {
        verify(bytes, printed) { (cell, all, output) throws(DecodingError) in
            try cell.appendINET6(in: all, to: &output)
        }
    }

    @Test("A value that is longer than its type")
    func tooLong() {
        var output: [UInt8] = []
        let bytes = [UInt8](repeating: 1, count: 17)
        let error = DecodingError(.invalid("length of a value of type INET4"), at: 0)
        #expect(throws: error) {
            try CellRange(start: 0, count: 5).appendINET4(in: bytes, to: &output)
        }
        #expect(throws: DecodingError.self) {
            try CellRange(start: 0, count: 17).appendINET6(in: bytes, to: &output)
        }
        #expect(throws: DecodingError.self) {
            try CellRange(start: 0, count: 17).appendUUID(in: bytes, to: &output)
        }
        #expect(output.isEmpty)
    }
}
