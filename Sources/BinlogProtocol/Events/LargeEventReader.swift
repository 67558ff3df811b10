/// Reads an event that is too large to be held, through a window of fixed size.
///
/// Like `ByteReader` it checks every read and its errors know their offset in the event. The checksum is computed as the
/// bytes are taken, and compared by ``finish()``.
final class LargeEventReader {
    /// Fills some of the space; 0 at the event's end.
    typealias Source = (UnsafeMutableRawBufferPointer) throws -> Int

    private static let windowBytes = 256 << 10

    /// The event's header, which is taken already.
    private(set) var header: EventHeader
    /// The bytes of the header.
    let headerBytes: [UInt8]
    private let source: Source
    private let window: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0
    private var checksum = ChecksumAlgorithm.none
    private var sum: UInt32 = 0
    /// The offset of the next byte in the event.
    private(set) var offset = 0

    /// Reads the header.
    ///
    /// - Throws: ``DecodingError``, and what `source` throws.
    init(_ source: @escaping Source) throws {
        self.source = source
        window = .allocate(byteCount: LargeEventReader.windowBytes, alignment: 16)
        do {
            var first: [UInt8] = []
            try LargeEventReader.fill(window, &end, source, atLeast: EventHeader.byteCount)
            first.append(contentsOf: window[..<EventHeader.byteCount])
            var reader = ByteReader(first)
            header = try EventHeader(from: &reader)
            headerBytes = first
        } catch {
            window.deallocate()
            throw error
        }
        start = EventHeader.byteCount
        offset = EventHeader.byteCount
    }

    deinit {
        window.deallocate()
    }

    private static func fill(
        _ window: UnsafeMutableRawBufferPointer, _ end: inout Int, _ source: Source,
        atLeast count: Int
    ) throws {
        while end < count {
            let received = try source(UnsafeMutableRawBufferPointer(rebasing: window[end...]))
            guard received > 0 else {
                throw DecodingError(.truncated(needed: count, available: end), at: 0)
            }
            end += received
        }
    }

    /// Says how the event is checked; to be called before anything is taken.
    func check(_ checksum: ChecksumAlgorithm) throws(DecodingError) {
        self.checksum = checksum
        guard Int(header.eventSize) >= EventHeader.byteCount + checksum.byteCount else {
            throw DecodingError(
                .truncated(
                    needed: checksum.byteCount,
                    available: Int(header.eventSize) - EventHeader.byteCount),
                at: EventHeader.byteCount)
        }
        sum = headerBytes.withUnsafeBytes { crc32($0, startingWith: 0) }
    }

    /// The bytes that are left before the checksum.
    var remaining: Int { Int(header.eventSize) - checksum.byteCount - offset }

    private func require(_ count: Int) throws(DecodingError) {
        guard count >= 0, count <= remaining else {
            throw DecodingError(.truncated(needed: count, available: remaining), at: offset)
        }
    }

    /// Makes bytes lie in the window.
    private func fill() throws {
        if start == end {
            start = 0
            end = 0
        }
        let received = try source(UnsafeMutableRawBufferPointer(rebasing: window[end...]))
        guard received > 0 else {
            throw DecodingError(
                .truncated(needed: Int(header.eventSize) - offset, available: 0), at: offset)
        }
        end += received
    }

    /// Lends the next `count` bytes in pieces, in order.
    func take(_ count: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try require(count)
        var left = count
        while left > 0 {
            if start == end { try fill() }
            let size = min(left, end - start)
            let piece = UnsafeRawBufferPointer(rebasing: window[start..<(start + size)])
            if checksum == .crc32 { sum = crc32(piece, startingWith: sum) }
            start += size
            offset += size
            left -= size
            try body(piece)
        }
    }

    /// Takes the next `count` bytes to the end of `bytes`.
    func take(_ count: Int, appendingTo bytes: inout [UInt8]) throws {
        try take(count) { bytes.append(contentsOf: $0) }
    }

    /// A copy of the next bytes, which stay: `count` of them, or all that are left.
    func peek(_ count: Int) throws -> [UInt8] {
        precondition(count <= LargeEventReader.windowBytes)
        let wanted = min(count, remaining)
        if wanted > window.count - start {
            let unused = UnsafeRawBufferPointer(rebasing: window[start..<end])
            window.copyMemory(from: unused)
            end -= start
            start = 0
        }
        while end - start < wanted { try fill() }
        return Array(window[start..<(start + wanted)])
    }

    /// The whole event: header, what is left, and checksum.
    func takeAll() throws -> [UInt8] {
        var bytes = headerBytes
        // Not touched before bytes have come for it, so that a lie costs hardly any memory.
        bytes.reserveCapacity(min(Int(header.eventSize), 128 << 20))
        checksum = .none
        try take(remaining, appendingTo: &bytes)
        try finish()
        return bytes
    }

    /// Makes sure that the event is over and that its checksum is right.
    ///
    /// - Throws: ``DecodingError``, and what the source throws.
    func finish() throws {
        guard remaining == 0 else {
            throw DecodingError(.trailingBytes(count: remaining), at: offset)
        }
        let found = sum
        if checksum == .crc32 {
            checksum = .none
            var stored: [UInt8] = []
            try take(4, appendingTo: &stored)
            var reader = ByteReader(stored)
            guard try reader.read(UInt32.self) == found else {
                throw DecodingError(.checksumMismatch, at: offset - 4)
            }
        }
        if start == end {
            start = 0
            end = 0
            end = try source(window)
        }
        guard start == end else { throw DecodingError(.invalid("event size"), at: 9) }
    }
}
