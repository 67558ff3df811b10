/// Puts the packets of one answer to a query together.
///
///     OK, or ERR, or:
///     ┌──────────────────────┐ ┌─────────────────────┐     ┌─────┐ ┌───────────────────┐     ┌────────────┐
///     │ column count lenenc  │ │ column definition   │ … n │ EOF │ │ row: n × (lenenc  │ …   │ EOF or ERR │
///     └──────────────────────┘ └─────────────────────┘     └─────┘ │ text or 0xfb NULL)│     └────────────┘
///                                                                  └───────────────────┘
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset.html
package struct TextResultParser {
    /// What one packet led to.
    package enum Outcome: Sendable, Equatable {
        case needsMore
        case result(TextResult)
        case refused(ErrorPacket)
    }

    private enum State {
        case expectingHead
        case expectingColumns(Int)
        case expectingColumnsEnd
        case expectingRows
    }

    private var state = State.expectingHead
    private var columns: [String] = []
    private var rows: [[String?]] = []
    private var bytes = 0
    /// What a row and a value take in memory beside their text: many small ones are large too.
    private static let rowBytes = 64
    private static let valueBytes = 32

    package init() {}

    package mutating func received(_ packet: [UInt8]) throws(DecodingError) -> Outcome {
        bytes += packet.count
        if case .expectingRows = state {
            bytes += Self.rowBytes + columns.count * Self.valueBytes
        }
        guard bytes <= Limits.resultBytesMax else {
            throw DecodingError(.unsupported("a result of more than 256 MiB"), at: 0)
        }
        var reader = ByteReader(packet)
        guard let first = reader.peek() else {
            guard case .expectingRows = state, columns.isEmpty else {
                throw DecodingError(.truncated(needed: 1, available: 0), at: 0)
            }
            return .needsMore
        }
        if first == 0xff { return .refused(try ErrorPacket(from: &reader)) }
        switch state {
        case .expectingHead:
            return try readHead(&reader, first: first)
        case .expectingColumns(let left):
            columns.append(try TextResultParser.readColumnName(&reader))
            state = left == 1 ? .expectingColumnsEnd : .expectingColumns(left - 1)
            return .needsMore
        case .expectingColumnsEnd:
            guard TextResultParser.isEOF(packet) else {
                throw DecodingError(.invalid("end of the column definitions"), at: 0)
            }
            state = .expectingRows
            return .needsMore
        case .expectingRows:
            if TextResultParser.isEOF(packet) {
                return .result(TextResult(columns: columns, rows: rows))
            }
            rows.append(try readRow(&reader))
            return .needsMore
        }
    }

    private mutating func readHead(
        _ reader: inout ByteReader, first: UInt8
    ) throws(DecodingError) -> Outcome {
        if first == 0 {
            _ = try OKPacket(from: &reader)
            return .result(TextResult(columns: [], rows: []))
        }
        if first == 0xfb {
            throw DecodingError(.unsupported("the server's request for a local file"), at: 0)
        }
        let count = try reader.readLengthEncodedInteger()
        try reader.finish()
        guard count >= 1, count <= UInt64(Limits.columnsMax) else {
            throw DecodingError(.invalid("column count"), at: 0)
        }
        state = .expectingColumns(Int(count))
        return .needsMore
    }

    /// catalog, schema, table, original table, name, original name, then fields of fixed size.
    private static func readColumnName(
        _ reader: inout ByteReader
    ) throws(DecodingError) -> String {
        for _ in 0..<4 { try reader.skip(try reader.readLength()) }
        let at = reader.offset
        let name = try text(try reader.readLengthEncodedBytes(), at: at)
        try reader.skip(try reader.readLength())
        let fixed = try reader.readLength()
        guard fixed >= 12 else { throw DecodingError(.invalid("column definition"), at: at) }
        try reader.skip(fixed)
        return name
    }

    private func readRow(_ reader: inout ByteReader) throws(DecodingError) -> [String?] {
        var row: [String?] = []
        row.reserveCapacity(columns.count)
        for _ in columns {
            if reader.peek() == 0xfb {
                try reader.skip(1)
                row.append(nil)
            } else {
                let at = reader.offset
                row.append(
                    try TextResultParser.text(try reader.readLengthEncodedBytes(), at: at))
            }
        }
        try reader.finish()
        return row
    }

    private static func text(_ bytes: [UInt8], at offset: Int) throws(DecodingError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw DecodingError(.invalid("UTF-8 text"), at: offset)
        }
        return text
    }

    /// A row can start with 0xfe too, but then it is longer than 16 MiB.
    private static func isEOF(_ packet: [UInt8]) -> Bool {
        packet.first == 0xfe && packet.count < 9
    }
}
