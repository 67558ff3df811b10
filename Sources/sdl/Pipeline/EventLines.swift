internal import BinlogProtocol

/// One line for each event of a file: where, what, how long, and what it is about.
struct EventLines {
    private let file: String
    private var decoder = EventDecoder(checksum: .none)

    init(file: String) {
        self.file = file
    }

    /// The line of an event; those inside a compressed transaction follow it, indented.
    mutating func line(_ bytes: [UInt8], at offset: UInt64) throws(BinlogError) -> String {
        do throws(DecodingError) {
            let event = try decoder.decode(bytes)
            var text = "\(file):\(offset) " + Self.text(event)
            if case .transactionPayload(let payload) = event.body {
                let reader = try TransactionPayloadReader(payload)
                while let inner = try reader.next() {
                    text += "  " + Self.text(try decoder.decodePayloadEvent(inner))
                }
            }
            return text
        } catch {
            throw BinlogError(error).at(file: file, position: offset)
        }
    }

    private static func text(_ event: BinlogEvent) -> String {
        let header = event.header
        var time: [UInt8] = []
        Timestamp(seconds: Int64(header.timestamp), microseconds: 0)
            .append(fractionDigits: 0, to: &time)
        let about = detail(event.body)
        return
            "\(String(decoding: time, as: UTF8.self)) \(header.type) server \(header.serverID) \(header.eventSize) bytes"
            + (about.isEmpty ? "" : " " + Escaping.escaped(about)) + "\n"
    }

    private static func detail(_ body: BinlogEvent.Body) -> String {
        switch body {
        case .formatDescription(let format):
            "\(format.serverVersion), checksum \(format.checksum)"
        case .rotate(let rotate): "to \(rotate.file):\(rotate.position)"
        case .previousGTIDs(let set): "\(set)"
        case .gtidList(let list): "\(list.position)"
        case .gtid(let event): event.gtid?.description ?? "anonymous"
        case .query(let query): "in \(query.schema), \(query.statement.count) bytes of SQL"
        case .xid(let xid): "\(xid.number)"
        case .xaPrepare(let event): "\(event.id)" + (event.isOnePhase ? ", one phase" : "")
        case .intVar(let event): "\(event.kind) \(event.value)"
        case .rand(let seeds): "\(seeds.first), \(seeds.second)"
        case .userVar(let variable): "@\(variable.name)"
        case .loadBlock(let block): "file \(block.fileID), \(block.byteCount) bytes"
        case .executeLoadQuery(let load):
            "file \(load.fileID), in \(load.query.schema), \(load.query.statement.count) bytes of SQL"
        case .deleteFile(let file): "file \(file.fileID)"
        case .tableMap(let table):
            "\(table.database).\(table.table), id \(table.tableID), \(table.columns.count) columns"
        case .rows(let rows):
            "\(rows.table.database).\(rows.table.table)" + (rows.isStatementEnd ? ", last" : "")
        case .rowsQuery(let query): "\(query.statement.count) bytes of SQL"
        case .heartbeat(let beat): beat.file
        case .transactionPayload(let payload):
            "\(payload.compression), \(payload.range.count) bytes"
        case .irrelevant: ""
        }
    }
}
