import BinlogProtocol
import TestSupport
import Testing

/// Bytes of MariaDB 10.11 with `mysql56_temporal_format=OFF`, and beside them what `SELECT` printed.
@Suite("TIME, DATETIME and TIMESTAMP in their old forms")
struct OldTemporalTests {
    // CREATE TABLE h (t0 TIME(0), t1 TIME(1), … t6 TIME(6)), values of each number of digits
    @Test(
        "MX7: TIME",
        arguments: [
            (0, "db2700", "01:02:03"), (1, "01cd71cf", "01:02:03.1"),
            (2, "12067218", "01:02:03.12"), (3, "00b44074f3", "01:02:03.123"),
            (4, "070a849182", "01:02:03.1234"), (5, "46692daf19", "01:02:03.12345"),
            (6, "02c01bc8d700", "01:02:03.123456"), (0, "590a80", "-838:59:59"),
            (1, "00000009", "-838:59:59.1"), (2, "00000058", "-838:59:59.12"),
            (3, "000000036d", "-838:59:59.123"), (4, "000000223e", "-838:59:59.1234"),
            (5, "0000015667", "-838:59:59.12345"), (6, "0000000d6000", "-838:59:59.123456"),
            (0, "a7f57f", "838:59:59"), (1, "0399c0bf", "838:59:59.9"),
            (6, "057e7bbcf7ff", "838:59:59.999999"), (0, "ffffff", "-00:00:01"),
            (1, "01cce05f", "-00:00:00.1"), (2, "1200c3bf", "-00:00:00.01"),
            (3, "00b407a57f", "-00:00:00.001"), (4, "07084c76ff", "-00:00:00.0001"),
            (5, "4652fca5ff", "-00:00:00.00001"), (6, "02bf3dde7bff", "-00:00:00.000001"),
            (0, "000000", "00:00:00"), (1, "01cce060", "00:00:00.0"),
            (6, "02bf3dde7c00", "00:00:00.000000"), (0, "a45b02", "15:45:32"),
        ])
    func time(digits: Int, bytes: String, printed: String) {
        verifyValue(hexBytes(bytes), equals: printed) { (cell, all) throws(DecodingError) in
            try text { (output: inout [UInt8]) throws(DecodingError) in
                try cell.appendOldTime(fractionDigits: digits, in: all, to: &output)
            }
        }
    }

    @Test(
        "MX7: DATETIME, zero and partial dates too",
        arguments: [
            (0, "d5007ab24c120000", "2012-06-21 15:45:17"),
            (1, "00a86ac34289", "2012-06-21 15:45:17.7"),
            (2, "06942ba09960", "2012-06-21 15:45:17.76"),
            (3, "0041c9b445fdc5", "2012-06-21 15:45:17.765"),
            (4, "0291e10abbe9b6", "2012-06-21 15:45:17.7654"),
            (5, "19b2ca6b57211f", "2012-06-21 15:45:17.76543"),
            (6, "0100fbe831674b38", "2012-06-21 15:45:17.765432"),
            (0, "7787d105f15a0000", "9999-12-31 23:59:59"),
            (1, "0344d965ffff", "9999-12-31 23:59:59.9"),
            (6, "04fcee3943bfffff", "9999-12-31 23:59:59.999999"),
            (0, "0000000000000000", "0000-00-00 00:00:00"),
            (3, "00000000000000", "0000-00-00 00:00:00.000"),
            (6, "0000000000000000", "0000-00-00 00:00:00.000000"),
            (0, "00bf4edf55120000", "2016-00-28 00:00:00"),
            (1, "00a8b6e52400", "2016-00-28 00:00:00.0"),
            (2, "0697bb538000", "2016-10-00 00:00:00.00"),
            (3, "0041e771821000", "2016-00-28 00:00:00.000"),
            (4, "02930a714cb5b1", "2016-00-28 01:02:03.0001"),
            (5, "000003464f3d20", "0000-00-01 15:04:05.00000"),
            (6, "01017013640e8000", "2016-00-28 00:00:00.000000"),
            (0, "a407486e0b120000", "1984-03-04 15:45:32"),
        ])
    func dateTime(digits: Int, bytes: String, printed: String) {
        verifyValue(hexBytes(bytes), equals: printed) { (cell, all) throws(DecodingError) in
            try text { (output: inout [UInt8]) throws(DecodingError) in
                try cell.appendOldDateTime(fractionDigits: digits, in: all, to: &output)
            }
        }
    }

    @Test(
        "MX7, PY8: TIMESTAMP",
        arguments: [
            (0, "8d41e34f", 1_340_293_517, 0), (1, "4fe3418d07", 1_340_293_517, 700_000),
            (2, "4fe3418d4c", 1_340_293_517, 760_000), (3, "4fe3418d02fd", 1_340_293_517, 765_000),
            (4, "4fe3418d1de6", 1_340_293_517, 765_400),
            (5, "4fe3418d012aff", 1_340_293_517, 765_430),
            (6, "4fe3418d0badf8", 1_340_293_517, 765_432), (0, "00000000", nil, 0),
            (3, "000000000000", nil, 0), (0, "ffffff7f", 2_147_483_647, 0),
            (6, "7fffffff0f423f", 2_147_483_647, 999_999), (0, "c537d158", 1_490_106_309, 0),
        ] as [(Int, String, Int64?, Int)])
    func timestamp(digits: Int, bytes: String, seconds: Int64?, microseconds: Int) {
        let expected = seconds.map { Timestamp(seconds: $0, microseconds: microseconds) }
        verifyValue(hexBytes(bytes), equals: expected) { (cell, all) throws(DecodingError) in
            try cell.oldTimestamp(fractionDigits: digits, in: all)
        }
    }

    @Test(
        "Bytes that are no time of the old forms",
        arguments: [
            ("606060", 0, 11), ("ffffff", 1, 11), ("0f0f0f0f", 1, 11), ("ffffffff", 1, 11),
            ("ffffffffffffffff", 0, 12), ("0000a0dec5adc935", 0, 12), ("ffffffffffff", 1, 12),
            ("4fe3418d0a", 1, 7), ("4fe3418dff", 2, 7),
        ])
    func invalid(bytes: String, digits: Int, type: Int) {
        let value = hexBytes(bytes)
        let cell = CellRange(start: 0, count: value.count)
        var output: [UInt8] = []
        #expect(throws: DecodingError.self) {
            switch type {
            case 11: try cell.appendOldTime(fractionDigits: digits, in: value, to: &output)
            case 12: try cell.appendOldDateTime(fractionDigits: digits, in: value, to: &output)
            default: _ = try cell.oldTimestamp(fractionDigits: digits, in: value)
            }
        }
        #expect(output.isEmpty)
    }
}
