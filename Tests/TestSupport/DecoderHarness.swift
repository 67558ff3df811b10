package import BinlogProtocol
package import Testing

/// The seed of this run's corruptions, printed once so that a crash can be repeated.
///
/// Set `SDL_TEST_SEED` to run with a known one.
package let decoderSeed: UInt64 = {
    let given = Environment.value("SDL_TEST_SEED").flatMap { UInt64($0) }
    let seed = given ?? UInt64.random(in: .min ... .max)
    print("SDL_TEST_SEED=\(seed)")
    return seed
}()

/// Checks a decoder with good bytes and with everything that can go wrong with them.
///
/// 1. The bytes decode to `expected` and are consumed whole.
/// 2. Every proper prefix throws a `DecodingError`, except those whose length is in `validPrefixes`
///    because the format may end there.
/// 3. One byte more throws a `DecodingError`.
/// 4. 200 single-byte corruptions decode or throw; a trap would end the test run.
package func verifyDecoder<Value: Equatable>(
    _ bytes: [UInt8], equals expected: Value, validPrefixes: Set<Int> = [],
    sourceLocation: SourceLocation = #_sourceLocation,
    decode: (inout ByteReader) throws(BinlogProtocol.DecodingError) -> Value
) {
    func attempt(_ bytes: [UInt8]) -> Result<Value, BinlogProtocol.DecodingError> {
        var reader = ByteReader(bytes)
        do throws(BinlogProtocol.DecodingError) {
            let value = try decode(&reader)
            try reader.finish()
            return .success(value)
        } catch {
            return .failure(error)
        }
    }
    switch attempt(bytes) {
    case .success(let value): #expect(value == expected, sourceLocation: sourceLocation)
    case .failure(let error):
        Issue.record("good bytes: \(error)", sourceLocation: sourceLocation)
    }
    for count in bytes.indices where !validPrefixes.contains(count) {
        if case .success = attempt(Array(bytes[..<count])) {
            Issue.record("a prefix of \(count) bytes decodes", sourceLocation: sourceLocation)
        }
    }
    if case .success = attempt(bytes + [0]) {
        Issue.record("a trailing byte is not noticed", sourceLocation: sourceLocation)
    }
    guard !bytes.isEmpty else { return }
    var generator = SeededGenerator(seed: decoderSeed)
    for _ in 0..<200 {
        var corrupt = bytes
        let index = Int.random(in: bytes.indices, using: &generator)
        corrupt[index] = UInt8.random(in: .min ... .max, using: &generator)
        _ = attempt(corrupt)
    }
}

/// Checks the decoder of one column value, whose length is known: ``verifyDecoder`` on one cell.
///
/// The cell lies in the middle of a larger buffer, so that reading outside of it gives other bytes.
package func verifyValue<Value: Equatable>(
    _ value: [UInt8], equals expected: Value, validPrefixes: Set<Int> = [],
    sourceLocation: SourceLocation = #_sourceLocation,
    decode: (CellRange, [UInt8]) throws(BinlogProtocol.DecodingError) -> Value
) {
    verifyDecoder(
        value, equals: expected, validPrefixes: validPrefixes, sourceLocation: sourceLocation
    ) {
        (reader: inout ByteReader) throws(BinlogProtocol.DecodingError) in
        let bytes = [0xa5, 0xa5, 0xa5] + reader.readRemaining() + [0xa5, 0xa5]
        return try decode(CellRange(start: 3, count: bytes.count - 5), bytes)
    }
}
