import BinlogProtocol
import MongoSink
import TestSupport
import Testing

/// The texts come from `bson.json_util.dumps(…, json_options=RELAXED_JSON_OPTIONS)`, its blanks taken out.
struct ExtendedJSONTests {
    @Test func printsWhatAnotherPrinterPrints() throws {
        let bytes = BSONWriter.document { document in
            document.append("d", utcDateTime: 1_795_429_800_123)
            document.append("d0", utcDateTime: 0)
            document.append("old", utcDateTime: -31_536_000_000)
            document.append("i", int64: 5)
            document.append("f", double: 1)
            document.append("b", binary: [1, 2, 3, 4])
            if let thousand = Decimal128(isNegative: false, coefficient: 1, exponent: 3) {
                document.append("x", decimal128: thousand)
            }
            document.append("s", string: "q\"\\\n\u{1}")
            document.append("inf", double: .infinity)
            document.append("nan", double: .nan)
            document.append("neg", double: -0.0)
            document.appendArray("l") {
                $0.append(BSONKey(index: 0), bool: false)
                $0.appendNull(BSONKey(index: 1))
                $0.append(BSONKey(index: 2)) { _ in }
            }
        }
        #expect(
            try ExtendedJSON.line(BSONDocument(bytes)) == """
                {"d":{"$date":"2026-11-23T10:30:00.123Z"},"d0":{"$date":"1970-01-01T00:00:00Z"},\
                "old":{"$date":{"$numberLong":"-31536000000"}},"i":5,"f":1.0,\
                "b":{"$binary":{"base64":"AQIDBA==","subType":"00"}},"x":{"$numberDecimal":"1E+3"},\
                "s":"q\\"\\\\\\n\\u0001","inf":{"$numberDouble":"Infinity"},\
                "nan":{"$numberDouble":"NaN"},"neg":-0.0,"l":[false,null,{}]}
                """)
    }

    @Test func printsTypesThatOthersWrite() throws {
        #expect(
            try ExtendedJSON.line(BSONDocument(BSONDocumentTests.rare)) == """
                {"oid":{"$oid":"0123456789abcdef01234567"},"ts":{"$timestamp":{"t":1,"i":2}},\
                "re":{"$regularExpression":{"pattern":"^a","options":"ix"}},"code":{"$code":"f()"},\
                "scope":{"$code":"g()","$scope":{"x":1}},"min":{"$minKey":1},"max":{"$maxKey":1}}
                """)
    }

    @Test func escapesAByteWhereverItStands() throws {
        for byte in UInt8(0)...0x7f {
            for place in 0..<20 {
                var text = Array(repeating: UInt8(ascii: "x"), count: 20)
                text[place] = byte
                let expected: String
                switch byte {
                case 0x22: expected = #"\""#
                case 0x5c: expected = #"\\"#
                case 0x08: expected = #"\b"#
                case 0x09: expected = #"\t"#
                case 0x0a: expected = #"\n"#
                case 0x0c: expected = #"\f"#
                case 0x0d: expected = #"\r"#
                case 0..<0x20, 0x7f:
                    expected = #"\u00"# + (byte < 16 ? "0" : "") + String(byte, radix: 16)
                default: expected = String(UnicodeScalar(byte))
                }
                let bytes = BSONWriter.document { $0.append(BSONKey("s"), utf8: text) }
                let before = String(repeating: "x", count: place)
                let after = String(repeating: "x", count: 19 - place)
                #expect(
                    try ExtendedJSON.line(BSONDocument(bytes))
                        == "{\"s\":\"\(before)\(expected)\(after)\"}")
            }
        }
        let invalid = BSONWriter.document {
            $0.append(BSONKey("s"), utf8: Array("äöü".utf8) + [0xff] + Array("\"x".utf8))
        }
        #expect(
            try ExtendedJSON.line(BSONDocument(invalid))
                == #"{"s":"äöü\u{fffd}\"x"}"#.replacing(#"\u{fffd}"#, with: "\u{fffd}"))
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (951_782_400_000, "2000-02-29T00:00:00Z"),
            (951_868_800_001, "2000-03-01T00:00:00.001Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func datesArePrinted(_ milliseconds: Int64, _ text: String) throws {
        let bytes = BSONWriter.document { $0.append("d", utcDateTime: milliseconds) }
        #expect(try ExtendedJSON.line(BSONDocument(bytes)) == #"{"d":{"$date":"\#(text)"}}"#)
    }

    @Test(arguments: [-1, Int64.min, 253_402_300_800_000, Int64.max])
    func datesBeyondTheCalendarAreNumbers(_ milliseconds: Int64) throws {
        let bytes = BSONWriter.document { $0.append("d", utcDateTime: milliseconds) }
        #expect(
            try ExtendedJSON.line(BSONDocument(bytes))
                == #"{"d":{"$date":{"$numberLong":"\#(milliseconds)"}}}"#)
    }

    @Test(
        arguments: [
            ([], ""), ([1], "AQ=="), ([1, 2], "AQI="), ([1, 2, 3], "AQID"),
            ([255, 254, 253, 252], "//79/A=="),
        ] as [([UInt8], String)])
    func binariesAreBase64(_ bytes: [UInt8], _ text: String) throws {
        let document = BSONWriter.document { $0.append("b", binary: bytes) }
        #expect(
            try ExtendedJSON.line(BSONDocument(document))
                == #"{"b":{"$binary":{"base64":"\#(text)","subType":"00"}}}"#)
    }

    @Test func bytesThatAreNoTextStillGiveJSON() throws {
        let document = BSONWriter.document { $0.append("s", utf8: [0x61, 0xFF, 0x62]) }
        #expect(try ExtendedJSON.line(BSONDocument(document)) == "{\"s\":\"a\u{FFFD}b\"}")
    }

    @Test("a decimal is written as its description says", arguments: [false, true])
    func decimals(isNegative: Bool) throws {
        let coefficients: [UInt128] = [
            0, 1, 5, 9, 10, 50, 99, 100, 12_345, 1_000_000, 999_999_999_999_999_999,
            1_000_000_000_000_000_000, UInt128(UInt64.max), UInt128(UInt64.max) + 1,
            Decimal128.coefficientMax,
        ]
        for coefficient in coefficients {
            for exponent in Array(-40...2) + [-6176, 6111] {
                let value = try #require(
                    Decimal128(
                        isNegative: isNegative, coefficient: coefficient, exponent: exponent))
                let bytes = BSONWriter.document { $0.append("d", decimal128: value) }
                #expect(
                    try ExtendedJSON.line(BSONDocument(bytes))
                        == #"{"d":{"$numberDecimal":"\#(value)"}}"#)
            }
        }
    }

    @Test("keys that need an escape are escaped, and all others are as they are")
    func keys() throws {
        let bytes = BSONWriter.document {
            $0.append(BSONKey("a\"b\\c\n"), int32: 1)
            $0.append(BSONKey("café"), int32: 2)
            $0.append(BSONKey(""), int32: 3)
        }
        #expect(
            try ExtendedJSON.line(BSONDocument(bytes)) == #"{"a\"b\\c\n":1,"café":2,"":3}"#)
    }

    /// The first error that ``BSONCursor`` has with a document and those in it.
    private func flaw(_ document: BSONDocument) -> BinlogProtocol.DecodingError? {
        do throws(BinlogProtocol.DecodingError) {
            var cursor = document.elements()
            while let element = try cursor.next() {
                if let inner = try element.document, let flaw = flaw(inner) { return flaw }
            }
            return nil
        } catch {
            return error
        }
    }

    @Test("damage is the same error as for the cursor", arguments: [0, 1])
    func damage(number: Int) throws {
        let whole = [BSONDocumentTests.rare, BSONDocumentTests.nested][number]
        var generator = SeededGenerator(seed: decoderSeed)
        var errors = 0
        for _ in 0..<4000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                let place = Int.random(in: 4..<(bytes.count - 1), using: &generator)
                bytes[place] = UInt8.random(in: .min ... .max, using: &generator)
            }
            let document = try BSONDocument(bytes)
            let expected = flaw(document)
            do throws(BinlogProtocol.DecodingError) {
                _ = try ExtendedJSON.line(document)
                #expect(expected == nil, "\(bytes)")
            } catch {
                errors += 1
                // The scope of code is a document too, which the cursor does not look into.
                if number == 1 { #expect(error == expected, "\(bytes)") }
            }
        }
        #expect(errors > 500)
    }
}
