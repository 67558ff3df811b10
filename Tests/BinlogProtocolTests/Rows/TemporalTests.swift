import BinlogProtocol
import TestSupport
import Testing

@Suite("DATE, TIME, DATETIME and TIMESTAMP")
struct TemporalTests {
    // GM7: zero and partial dates stay what they are
    @Test(
        "GM7: DATE",
        arguments: [
            ("43b50f", "2010-10-03"), ("57830f", "1985-10-23"), ("000000", "0000-00-00"),
            ("15be0f", "2015-00-21"), ("a0be0f", "2015-05-00"), ("350000", "0000-01-21"),
            ("9f1f4e", "9999-12-31"),
        ])
    func date(bytes: String, printed: String) {
        verifyValue(hexBytes(bytes), equals: printed) { (cell, all) throws(DecodingError) in
            try text { (output: inout [UInt8]) throws(DecodingError) in
                try cell.appendDate(in: all, to: &output)
            }
        }
    }

    // DZ7, OJ13, ZJ8: negative times; the first five of each kind are MySQL's own table
    @Test(
        "GM7, DZ7, OJ13, ZJ8: TIME",
        arguments: [
            (0, "7fffff", "-00:00:01"), (0, "7fffc0", "-00:01:00"), (0, "b46efb", "838:59:59"),
            (0, "4b9105", "-838:59:59"), (0, "800000", "00:00:00"), (0, "80f8b6", "15:34:54"),
            (0, "7f4eb6", "-11:05:10"), (1, "80f8b60a", "15:34:54.1"),
            (1, "7ffffff6", "-00:00:00.1"),
            (2, "7fffffff", "-00:00:00.01"), (2, "7ffffff6", "-00:00:00.10"),
            (2, "7fffff00", "-00:00:01.00"), (2, "7ffffeff", "-00:00:01.01"),
            (2, "7ffffef6", "-00:00:01.10"), (2, "7fffff9d", "-00:00:00.99"),
            (2, "80f5a143", "15:22:33.67"), (2, "7f0a5ebd", "-15:22:33.67"),
            (3, "7ffffffff6", "-00:00:00.001"), (3, "7e8104d8fa", "-23:59:59.999"),
            (4, "7f0a5efb32", "-15:22:33.1230"), (4, "7f0a5efb2e", "-15:22:33.1234"),
            (4, "7f0a5f0000", "-15:22:33.0000"), (4, "7f0efafb2d", "-15:04:05.1235"),
            (5, "80000000000a", "00:00:00.00001"), (6, "7fffffffffff", "-00:00:00.000001"),
            (6, "7fffffffff9d", "-00:00:00.000099"), (6, "4b9105000000", "-838:59:59.000000"),
            (6, "4b9105fe1dc0", "-838:59:58.123456"), (6, "7f0a5efe1dc6", "-15:22:33.123450"),
            (6, "800000000000", "00:00:00.000000"),
        ])
    func time(digits: Int, bytes: String, printed: String) {
        verifyValue(hexBytes(bytes), equals: printed) { (cell, all) throws(DecodingError) in
            try text { (output: inout [UInt8]) throws(DecodingError) in
                try cell.appendTime(fractionDigits: digits, in: all, to: &output)
            }
        }
    }

    // GM7: '0000-00-00', '2016-00-28 15:30:42', '2026-00-00' …
    @Test(
        "GM7: DATETIME",
        arguments: [
            (0, "fef3ff7efb", "9999-12-31 23:59:59"), (0, "9902c20000", "1970-01-01 00:00:00"),
            (0, "8000000000", "0000-00-00 00:00:00"), (0, "999838f7aa", "2016-00-28 15:30:42"),
            (0, "999a80f7aa", "2016-10-00 15:30:42"), (0, "8003820000", "0001-01-01 00:00:00"),
            (0, "800002f105", "0000-00-01 15:04:05"), (0, "99b8800000", "2026-00-00 00:00:00"),
            (0, "8cb2420000", "1000-01-01 00:00:00"), (1, "998caafb5146", "2012-06-21 15:45:17.7"),
            (1, "99baac10835a", "2026-08-22 01:02:03.9"),
            (1, "800000000000", "0000-00-00 00:00:00.0"),
            (2, "998caafb514c", "2012-06-21 15:45:17.76"),
            (3, "998caafb511de2", "2012-06-21 15:45:17.765"),
            (4, "998caafb511de6", "2012-06-21 15:45:17.7654"),
            (4, "99baac1083270f", "2026-08-22 01:02:03.9999"),
            (5, "998caafb510badf6", "2012-06-21 15:45:17.76543"),
            (6, "998caafb510badf8", "2012-06-21 15:45:17.765432"),
            (6, "fef3ff7efb0f423f", "9999-12-31 23:59:59.999999"),
        ])
    func datetime(digits: Int, bytes: String, printed: String) {
        verifyValue(hexBytes(bytes), equals: printed) { (cell, all) throws(DecodingError) in
            try text { (output: inout [UInt8]) throws(DecodingError) in
                try cell.appendDateTime(fractionDigits: digits, in: all, to: &output)
            }
        }
    }

    // PY8: '0000-00-00 00:00:00' is not '1970-01-01 00:00:01'; RS6: seconds above 2^31
    @Test(
        "PY8, RS6: TIMESTAMP",
        arguments: [
            (0, "00000000", nil), (3, "000000000000", nil), (6, "00000000000000", nil),
            (0, "00000001", "1970-01-01T00:00:01Z"), (0, "58d137c5", "2017-03-21T14:25:09Z"),
            (3, "1daf97df1626", "1985-10-13T10:22:23.567Z"),
            (3, "6553f1002706", "2023-11-14T22:13:20.999Z"),
            (6, "7fffffff0f423f", "2038-01-19T03:14:07.999999Z"),
            (0, "80000000", "2038-01-19T03:14:08Z"), (0, "ffffffff", "2106-02-07T06:28:15Z"),
            (1, "58d137c546", "2017-03-21T14:25:09.7Z"), (0, "38bba17f", "2000-02-29T10:37:51Z"),
        ])
    func timestamp(digits: Int, bytes: String, printed: String?) {
        verifyValue(hexBytes(bytes), equals: printed) { (cell, all) throws(DecodingError) in
            try cell.timestamp(fractionDigits: digits, in: all).map { instant in
                text { instant.append(fractionDigits: digits, to: &$0) }
            }
        }
    }

    @Test("Instants before 1970, for local times")
    func beforeEpoch() {
        let instant = Timestamp(seconds: -1, microseconds: 500_000)
        #expect(text { instant.append(fractionDigits: 3, to: &$0) } == "1969-12-31T23:59:59.500Z")
        let leap = Timestamp(seconds: -58_060_801, microseconds: 0)
        #expect(text { leap.append(fractionDigits: 0, to: &$0) } == "1968-02-28T23:59:59Z")
    }

    @Test("TIMESTAMP to milliseconds")
    func milliseconds() {
        #expect(
            Timestamp(seconds: 1_490_106_309, microseconds: 765_999).milliseconds
                == 1_490_106_309_765)
    }

    @Test(
        "Values that no server writes are refused",
        arguments: [
            (.date, 0, "a0010f4f"), (.date, 0, "ffffff"), (.time, 0, "ffffff"),
            (.time, 0, "80003c"),
            (.time, 2, "80000064"), (.time, 1, "80000005"), (.datetime, 0, "7fffffffff"),
            (.datetime, 0, "ffffffffff"), (.datetime, 0, "800001803f"),
            (.datetime, 3, "80000000002711"),
            (.timestamp, 3, "00000001000f"), (.timestamp, 2, "0000000164"),
            (.timestamp, 6, "000000010f4240"),
        ] as [(Kind, Int, String)])
    func refused(kind: Kind, digits: Int, bytes: String) {
        let bytes = hexBytes(bytes)
        let cell = CellRange(start: 0, count: bytes.count)
        var output: [UInt8] = []
        #expect(throws: DecodingError.self) {
            switch kind {
            case .date: try cell.appendDate(in: bytes, to: &output)
            case .time: try cell.appendTime(fractionDigits: digits, in: bytes, to: &output)
            case .datetime: try cell.appendDateTime(fractionDigits: digits, in: bytes, to: &output)
            case .timestamp: _ = try cell.timestamp(fractionDigits: digits, in: bytes)
            }
        }
        #expect(output.isEmpty)
    }

    enum Kind { case date, time, datetime, timestamp }
}
