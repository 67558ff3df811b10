/// Takes one container of a checked JSON document apart; the values in it stay as they are.
struct JSONContainerReader {
    private let bytes: [UInt8]
    private let isObject: Bool
    private let width: Int
    /// The container without its type.
    private let cell: CellRange

    init(_ bytes: [UInt8], type: UInt8, _ cell: CellRange) {
        self.bytes = bytes
        isObject = type < 0x02
        width = type & 1 != 0 ? 4 : 2
        self.cell = cell
    }

    func container() throws(DecodingError) -> JSONEdit.Container {
        var header = ByteReader(bytes, in: cell.range)
        let count = Int(try header.readUInt(bytes: width))
        try header.skip(width)
        let keyEntryBytes = isObject ? width + 2 : 0
        var keys = try header.slice(try checked(count * keyEntryBytes))
        var values = try header.slice(try checked(count * (width + 1)))
        var members: [JSONEdit.Member] = []
        members.reserveCapacity(count)
        for _ in 0..<count {
            var name: CellRange?
            if isObject {
                let start = try keys.readUInt(bytes: width)
                name = try part(at: Int(start), count: Int(try keys.read(UInt16.self)))
            }
            members.append(
                JSONEdit.Member(name: name, ownName: [], value: try value(&values)))
        }
        return JSONEdit.Container(isObject: isObject, members: members)
    }

    private func checked(_ count: Int) throws(DecodingError) -> Int {
        guard count <= cell.count else {
            throw DecodingError(.truncated(needed: count, available: cell.count), at: cell.start)
        }
        return count
    }

    /// `count` bytes of the container, counted from its start.
    private func part(at start: Int, count: Int) throws(DecodingError) -> CellRange {
        guard start <= cell.count, count <= cell.count - start else {
            throw DecodingError(
                .truncated(needed: count, available: max(0, cell.count - start)), at: cell.start)
        }
        return CellRange(start: cell.start + start, count: count)
    }

    /// The value that the next entry holds or points to.
    private func value(_ entries: inout ByteReader) throws(DecodingError) -> JSONEdit.Value {
        let type: UInt8 = try entries.read()
        let entry = entries.offset - cell.start
        let start = Int(try entries.readUInt(bytes: width))
        let place: CellRange
        if let count = JSONBinary.scalarBytes(type) {
            place = try part(at: count <= width ? entry : start, count: count)
        } else {
            place = try part(at: start, count: try byteCount(type: type, at: start))
        }
        return JSONEdit.Value(type: type, place: .event(place))
    }

    private func byteCount(type: UInt8, at start: Int) throws(DecodingError) -> Int {
        var reader = ByteReader(
            bytes, in: try part(at: start, count: max(0, cell.count - start)).range)
        switch type {
        case 0x00...0x03:
            let width = type & 1 != 0 ? 4 : 2
            try reader.skip(width)
            return Int(try reader.readUInt(bytes: width))
        case 0x0c, 0x0f:
            let begin = reader.offset
            if type == 0x0f { try reader.skip(1) }
            let length = try readVariableLength(&reader)
            return reader.offset - begin + length
        default:
            throw DecodingError(.invalid("type of a JSON value"), at: reader.offset)
        }
    }

    private func readVariableLength(_ reader: inout ByteReader) throws(DecodingError) -> Int {
        var length = 0
        for index in 0..<5 {
            let byte: UInt8 = try reader.read()
            length |= Int(byte & 0x7f) << (7 * index)
            if byte & 0x80 == 0 { return length }
        }
        throw DecodingError(.invalid("length in a JSON document"), at: reader.offset)
    }
}
