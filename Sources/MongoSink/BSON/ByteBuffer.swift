/// Bytes that grow at their end, with room behind it that is already initialised.
///
/// An array finds out with each append whether anybody else holds it and whether there is room. Documents are made of
/// many pieces of a few bytes: here that is found out once for a piece, which is then stored as whole words.
struct ByteBuffer: Sendable {
    /// What was written, and the room.
    private var storage: [UInt8]
    /// The number of bytes written, which is where the next one goes.
    private(set) var count = 0

    /// Makes an empty buffer with room for `capacity` bytes.
    init(capacity: Int = 0) {
        storage = []
        if capacity > 0 { resize(to: capacity) }
    }

    /// A copy of everything written.
    var bytes: [UInt8] { bytes(from: 0) }

    /// A copy of what was written from `start` on.
    func bytes(from start: Int) -> [UInt8] {
        // Of its own: bytes that shared the storage would have it copied with the next append.
        storage[start..<count].withUnsafeBufferPointer { Array($0) }
    }

    /// Takes back everything written from `end` on.
    mutating func truncate(to end: Int) {
        precondition(end >= 0 && end <= count)
        count = end
    }

    private static let roomMax = 8 << 20

    /// Gives everything written, for the buffer to begin again with the same room.
    mutating func take() -> [UInt8] {
        defer { count = 0 }
        guard count > Self.roomMax else { return bytes }
        // So much is not copied.
        storage.removeLast(storage.count - count)
        defer { storage = [] }
        return storage
    }

    /// Gives the room back if it has become large.
    mutating func removeAll() {
        count = 0
        if storage.count > Self.roomMax { storage = [] }
    }

    // MARK: Append

    @inline(__always)
    private mutating func makeRoom(_ byteCount: Int) {
        if byteCount > storage.count - count { grow(byteCount) }
    }

    @inline(never)
    private mutating func grow(_ byteCount: Int) {
        resize(to: count + max(byteCount, count, 64))
    }

    /// Moves what was written into larger storage; as a whole, since a debug build is slow at single bytes.
    private mutating func resize(to byteCount: Int) {
        let written = storage[..<count]
        storage = Array(unsafeUninitializedCapacity: byteCount) { memory, initialized in
            let raw = UnsafeMutableRawBufferPointer(memory)
            written.withUnsafeBytes { raw.copyMemory(from: $0) }
            UnsafeMutableRawBufferPointer(rebasing: raw[written.count...])
                .initializeMemory(as: UInt8.self, repeating: 0)
            initialized = memory.count
        }
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        makeRoom(1)
        storage[count] = byte
        count += 1
    }

    /// Appends an integer, lowest byte first.
    @inline(__always)
    mutating func append<T: FixedWidthInteger & BitwiseCopyable>(littleEndian value: T) {
        makeRoom(MemoryLayout<T>.size)
        store(value, at: count)
        count += MemoryLayout<T>.size
    }

    /// Appends the first `byteCount` of 16 bytes, the lowest of `low` first.
    @inline(__always)
    mutating func append(_ low: UInt64, _ high: UInt64, byteCount: Int) {
        precondition(byteCount >= 0 && byteCount <= 16)
        makeRoom(16)
        storage.withUnsafeMutableBytes {
            $0.storeBytes(of: low.littleEndian, toByteOffset: count, as: UInt64.self)
            $0.storeBytes(of: high.littleEndian, toByteOffset: count + 8, as: UInt64.self)
        }
        count += byteCount
    }

    /// Writes an integer over bytes that were written before.
    @inline(__always)
    mutating func replace<T: FixedWidthInteger & BitwiseCopyable>(at offset: Int, with value: T) {
        precondition(offset >= 0 && offset <= count - MemoryLayout<T>.size)
        store(value, at: offset)
    }

    @inline(__always)
    private mutating func store<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at offset: Int)
    {
        storage.withUnsafeMutableBytes {
            $0.storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
        }
    }

    @inline(__always)
    mutating func append(contentsOf source: UnsafeRawBufferPointer) {
        guard let first = source.baseAddress else { return }
        makeRoom(source.count)
        storage.withUnsafeMutableBytes { room in
            if let start = room.baseAddress {
                (start + count).copyMemory(from: first, byteCount: source.count)
            }
        }
        count += source.count
    }

    /// Appends a part of an array.
    @inline(__always)
    mutating func append(_ source: [UInt8], _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= source.count)
        source.withUnsafeBytes { append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    @inline(__always)
    mutating func append(contentsOf source: some Collection<UInt8>) {
        let isDone: Void? = source.withContiguousStorageIfAvailable {
            append(contentsOf: UnsafeRawBufferPointer($0))
        }
        guard isDone == nil else { return }
        for byte in source { append(byte) }
    }
}

extension ByteBuffer {
    /// Appends a decimal number.
    mutating func appendNumber(_ value: UInt64) {
        var rest = value
        if value >= 100_000_000 {
            appendNumber(value / 100_000_000)
            rest = value % 100_000_000
            append(Self.digits(&rest, atLeast: 8).packed, 0, byteCount: 8)
        } else {
            let (packed, count) = Self.digits(&rest, atLeast: 1)
            append(packed, 0, byteCount: count)
        }
    }

    /// Appends a decimal number with its sign.
    mutating func appendNumber(_ value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        appendNumber(value.magnitude)
    }

    /// Up to eight digits as packed characters, the first one lowest.
    @inline(__always)
    private static func digits(
        _ rest: inout UInt64, atLeast width: Int
    ) -> (packed: UInt64, count: Int) {
        var packed: UInt64 = 0
        var count = 0
        repeat {
            packed = packed << 8 | UInt64(UInt8(ascii: "0")) | rest % 10
            rest /= 10
            count += 1
        } while rest > 0 || count < width
        return (packed, count)
    }
}
