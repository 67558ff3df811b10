internal import CZstd

/// Takes the events out of a ``TransactionPayload`` one at a time, in memory bounded by the largest event.
package final class TransactionPayloadReader {
    private let payload: TransactionPayload
    private let stream: ZstdStream?
    private var inputOffset: Int
    private var pending: [UInt8] = []
    private var pendingOffset = 0
    private var isFinished = false

    package init(_ payload: TransactionPayload) throws(DecodingError) {
        self.payload = payload
        inputOffset = payload.range.lowerBound
        switch payload.compression {
        case .none: stream = nil
        case .zstd: stream = try ZstdStream(at: payload.range.lowerBound)
        }
    }

    /// The next whole event, with its header and without a checksum; nil after the last.
    package func next() throws(DecodingError) -> [UInt8]? {
        guard try fill(EventHeader.byteCount) else {
            guard pending.count == pendingOffset else {
                throw DecodingError(
                    .truncated(
                        needed: EventHeader.byteCount, available: pending.count - pendingOffset),
                    at: inputOffset)
            }
            return nil
        }
        var reader = ByteReader(
            pending, in: pendingOffset..<(pendingOffset + EventHeader.byteCount))
        let size = Int(try EventHeader(from: &reader).eventSize)
        guard try fill(size) else {
            throw DecodingError(
                .truncated(needed: size, available: pending.count - pendingOffset), at: inputOffset)
        }
        let event = Array(pending[pendingOffset..<(pendingOffset + size)])
        pendingOffset += size
        return event
    }

    /// Makes sure that `count` bytes are pending; false when the payload ends before.
    private func fill(_ count: Int) throws(DecodingError) -> Bool {
        while pending.count - pendingOffset < count {
            if isFinished { return false }
            if pendingOffset > 0 {
                pending.removeFirst(pendingOffset)
                pendingOffset = 0
            }
            try produce()
        }
        return true
    }

    private func produce() throws(DecodingError) {
        let end = payload.range.upperBound
        guard let stream else {
            let next = min(end, inputOffset + ZstdStream.chunkBytes)
            pending.append(contentsOf: payload.storage[inputOffset..<next])
            inputOffset = next
            isFinished = next == end
            return
        }
        let isFrameEnd = try stream.decompress(
            payload.storage, from: &inputOffset, to: end, into: &pending)
        if isFrameEnd {
            guard inputOffset == end else {
                throw DecodingError(.trailingBytes(count: end - inputOffset), at: inputOffset)
            }
            isFinished = true
        }
    }
}

/// One zstd decompression context.
private final class ZstdStream {
    static let chunkBytes = 128 << 10
    private let context: OpaquePointer

    init(at offset: Int) throws(DecodingError) {
        guard let context = ZSTD_createDCtx() else {
            throw DecodingError(.unable("zstd: no memory for a context"), at: offset)
        }
        self.context = context
    }

    deinit {
        ZSTD_freeDCtx(context)
    }

    /// Decompresses at most one chunk more; true at the end of the frame.
    func decompress(
        _ input: [UInt8], from offset: inout Int, to end: Int, into output: inout [UInt8]
    ) throws(DecodingError) -> Bool {
        var consumed = offset
        var result = 0
        let produced = input.withUnsafeBytes { source in
            [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { memory, count in
                var inputBuffer = ZSTD_inBuffer(src: source.baseAddress, size: end, pos: consumed)
                var outputBuffer = ZSTD_outBuffer(
                    dst: memory.baseAddress, size: memory.count, pos: 0)
                result = ZSTD_decompressStream(context, &outputBuffer, &inputBuffer)
                consumed = inputBuffer.pos
                count = outputBuffer.pos
            }
        }
        output.append(contentsOf: produced)
        guard ZSTD_isError(result) == 0 else {
            throw DecodingError(.invalid("zstd data"), at: offset)
        }
        let progressed = consumed != offset || !produced.isEmpty
        offset = consumed
        if result == 0 { return true }
        guard progressed else {
            throw DecodingError(.truncated(needed: 1, available: 0), at: end)
        }
        return false
    }
}
