internal import Foundation

/// A binary log file, read from its start.
///
///     ┌──────────────────┬───────────────────────────┬─────────┐
///     │ fe 62 69 6e (4)  │ FORMAT_DESCRIPTION_EVENT  │ events… │
///     └──────────────────┴───────────────────────────┴─────────┘
/// One thread uses it at a time.
public final class BinlogFile {
    static let magic: [UInt8] = [0xfe, 0x62, 0x69, 0x6e]
    private static let chunkBytes = 256 << 10

    /// The file's name without its folder; `src.binlog.file` of the documents.
    public let name: String
    private let descriptor: Int32
    private let ownsDescriptor: Bool
    private var buffer: [UInt8] = []
    private var bufferOffset = 0
    /// Where the next event begins, in bytes from the start of the file.
    public private(set) var offset: UInt64 = 0
    /// Where the event that was read last begins; the 32-bit positions in the events themselves wrap.
    private var eventStart: UInt64 = 0
    private var eventType: EventType?
    /// Whether the file says that its server has not closed it: the server is writing it, or has crashed.
    public private(set) var isInUse = false
    private var stream: ChangeStream
    private var failure: BinlogError?
    /// What to do with an event that cannot be decoded.
    public var onUndecodable: UndecodablePolicy {
        get { stream.onUndecodable }
        set { stream.onUndecodable = newValue }
    }
    private let definitions: TableDefinitions?

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: where it is.
    ///   - definitions: tells what a log without names leaves open; nil leaves it open.
    /// - Throws: ``BinlogError`` with code `configuration` when it cannot be opened or is no binary log.
    public convenience init(
        path: String, definitions: TableDefinitions? = nil
    ) throws(BinlogError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw BinlogError(
                .configuration, "Cannot open \(path): \(String(cString: strerror(errno))).")
        }
        try self.init(
            descriptor: descriptor, ownsDescriptor: true,
            name: path.split(separator: "/").last.map(String.init) ?? path,
            definitions: definitions)
    }

    /// Reads from standard input.
    ///
    /// - Parameters:
    ///   - name: the name to give the file in positions.
    ///   - definitions: tells what a log without names leaves open; nil leaves it open.
    /// - Throws: ``BinlogError`` with code `configuration` when it is no binary log.
    public convenience init(
        standardInputNamed name: String, definitions: TableDefinitions? = nil
    ) throws(BinlogError) {
        try self.init(
            descriptor: STDIN_FILENO, ownsDescriptor: false, name: name, definitions: definitions)
    }

    private init(
        descriptor: Int32, ownsDescriptor: Bool, name: String, definitions: TableDefinitions?
    ) throws(BinlogError) {
        self.definitions = definitions
        self.descriptor = descriptor
        self.ownsDescriptor = ownsDescriptor
        self.name = name
        stream = ChangeStream(checksum: .none, file: name)
        stream.asksForDefinitions = definitions != nil
        // No line damaged it; what a disk did to it is not to be told from what its server wrote.
        stream.isLineIntact = true
        guard try fill(Self.magic.count), buffer.starts(with: Self.magic) else {
            throw BinlogError(.configuration, Self.refusal(of: name, beginningWith: buffer))
        }
        bufferOffset = Self.magic.count
        offset = UInt64(Self.magic.count)
    }

    deinit {
        if ownsDescriptor { close(descriptor) }
    }

    /// The next whole event, header and checksum included; nil at the end of the file.
    ///
    /// - Throws: ``BinlogError`` with code `corrupt` for a file that ends inside an event or an
    ///   impossible event size, `connectionLost` never. The same error from then on.
    public func nextEvent() throws(BinlogError) -> [UInt8]? {
        try once { () throws(BinlogError) in try readEvent() }
    }

    /// Calls `body` unless there was an error before: what follows a damaged event must not complete its transaction.
    private func once<Value>(
        _ body: () throws(BinlogError) -> Value
    ) throws(BinlogError) -> Value {
        if let failure { throw failure }
        do throws(BinlogError) {
            return try body()
        } catch {
            failure = error
            throw error
        }
    }

    private func readEvent() throws(BinlogError) -> [UInt8]? {
        guard try fill(EventHeader.byteCount) else {
            let left = buffer.count - bufferOffset
            if left == 0 { return nil }
            throw truncated(needed: EventHeader.byteCount, available: left)
        }
        let header: EventHeader
        do {
            // A copy, so that errors count from the start of the event.
            var reader = ByteReader(
                Array(buffer[bufferOffset..<(bufferOffset + EventHeader.byteCount)]))
            header = try EventHeader(from: &reader)
        } catch {
            var error = BinlogError(error).at(file: name, position: offset)
            error.offsetInEvent = 9
            throw error
        }
        let size = Int(header.eventSize)
        if header.type == .formatDescription { isInUse = header.flags.contains(.inUse) }
        guard try fill(size) else {
            throw truncated(needed: size, available: buffer.count - bufferOffset)
        }
        let event = Array(buffer[bufferOffset..<(bufferOffset + size)])
        eventStart = offset
        eventType = header.type
        bufferOffset += size
        offset += UInt64(size)
        return event
    }

    /// The next step of a transaction; nil at the end of the file.
    ///
    /// - Throws: ``BinlogError`` with code `corrupt` or `undecodable`, naming the event's position and
    ///   the open transaction. The same error from then on.
    public func nextChange() throws(BinlogError) -> Change? {
        try once { () throws(BinlogError) in try readChange() }
    }

    private func readChange() throws(BinlogError) -> Change? {
        while true {
            do {
                if let change = try stream.next() { return change }
            } catch {
                throw located(error)
            }
            if let table = stream.undefinedTable {
                stream.define(try definition(of: table))
                continue
            }
            guard let event = try readEvent() else {
                if stream.finish() { continue }
                if let open = stream.transaction {
                    throw BinlogError(
                        .corrupt, "The file ends in the middle of a transaction; \(remedy)."
                    ).at(file: name, position: offset, gtid: open.id)
                }
                return nil
            }
            stream.feed(event)
        }
    }

    /// What was wrong with the bytes of the event that was read last, with its place in the file.
    public func located(_ error: DecodingError) -> BinlogError {
        var located = BinlogError(error).at(
            file: name, position: eventStart, gtid: stream.transaction?.id,
            event: eventType?.description)
        // What is decompressed has no place in the file.
        let isCompressed = stream.isInPayload || eventType?.hasCompressedBody == true
        if !isCompressed || error.code == .checksumMismatch { located.offsetInEvent = error.offset }
        return located
    }

    private func definition(of table: TableMap) throws(BinlogError) -> TableDefinition? {
        do {
            return try definitions?(table.database, table.table)
        } catch {
            throw error.at(file: name, position: eventStart, gtid: stream.transaction?.id)
        }
    }

    private func truncated(needed: Int, available: Int) -> BinlogError {
        BinlogError(
            .corrupt,
            "The file ends inside an event: \(needed) bytes needed, \(available) there; \(remedy)."
        ).at(file: name, position: offset)
    }

    private var remedy: String {
        isInUse
            ? "its server has not closed it: it is being written, or the server crashed"
            : "copy it again"
    }

    /// Makes sure that `count` bytes are buffered; false when the file ends before.
    private func fill(_ count: Int) throws(BinlogError) -> Bool {
        while buffer.count - bufferOffset < count {
            if bufferOffset > 0 {
                buffer.removeFirst(bufferOffset)
                bufferOffset = 0
            }
            // Grows with what is there, not with what an event claims to need.
            let chunk = try readChunk()
            if chunk.isEmpty { return false }
            buffer.append(contentsOf: chunk)
        }
        return true
    }

    private func readChunk() throws(BinlogError) -> [UInt8] {
        var received = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { memory, count in
            repeat {
                received = read(descriptor, memory.baseAddress, memory.count)
            } while received < 0 && errno == EINTR
            count = max(received, 0)
        }
        guard received >= 0 else {
            throw BinlogError(
                .configuration, "Cannot read \(name): \(String(cString: strerror(errno))).")
        }
        return chunk
    }
}
