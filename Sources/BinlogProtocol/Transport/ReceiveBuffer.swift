/// Bytes received and not yet used: one allocation that is filled again and again.
struct ReceiveBuffer: ~Copyable {
    private let memory: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0

    init(capacity: Int) {
        memory = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        memory.deallocate()
    }

    var count: Int { end - start }

    /// Where the next bytes go; never empty while fewer than four bytes are unused.
    mutating func space() -> UnsafeMutableRawBufferPointer {
        if start == end {
            start = 0
            end = 0
        } else if start > 0 {
            let unused = UnsafeRawBufferPointer(rebasing: memory[start..<end])
            memory.copyMemory(from: unused)
            end -= start
            start = 0
        }
        return UnsafeMutableRawBufferPointer(rebasing: memory[end...])
    }

    /// `count` bytes were written into ``space()``.
    mutating func didReceive(_ count: Int) {
        precondition(count >= 0 && count <= memory.count - end)
        end += count
    }

    /// The first four unused bytes as one little-endian number; there must be as many.
    func header() -> UInt32 {
        precondition(count >= 4)
        return UInt32(littleEndian: memory.loadUnaligned(fromByteOffset: start, as: UInt32.self))
    }

    /// Takes the first unused byte; there must be one.
    mutating func takeByte() -> UInt8 {
        precondition(count >= 1)
        let byte = memory[start]
        start += 1
        return byte
    }

    mutating func skip(_ count: Int) {
        precondition(count >= 0 && count <= self.count)
        start += count
    }

    /// Takes `count` bytes into an array of their own.
    mutating func take(_ count: Int) -> [UInt8] {
        precondition(count >= 0 && count <= self.count)
        let source = UnsafeRawBufferPointer(rebasing: memory[start..<(start + count)])
        start += count
        return Array(source)
    }

    /// Takes as many bytes as there are and have room in `space`; their number.
    mutating func copy(to space: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(space.count, self.count)
        space.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[start..<(start + count)]))
        start += count
        return count
    }

    /// Lends the first `count` bytes, which are used then.
    mutating func withFirst<Result>(
        _ count: Int, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        precondition(count >= 0 && count <= self.count)
        let lent = UnsafeRawBufferPointer(rebasing: memory[start..<(start + count)])
        start += count
        return body(lent)
    }

    /// Moves `count` bytes to the end of `bytes`.
    mutating func move(_ count: Int, to bytes: inout [UInt8]) {
        precondition(count >= 0 && count <= self.count)
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: memory[start..<(start + count)]))
        start += count
    }
}
