import BinlogProtocol
import MongoSink
import TestSupport
import Testing

/// The documents that events of one made-up log become.
enum EncodedLog {
    static func uuid() throws -> ServerUUID {
        try #require(ServerUUID("3e11fa47-71ca-11e1-9e33-c80aa9429562"))
    }

    /// Hands each step of each transaction to the encoder, taking full buffers away as `sdl run` does.
    static func documents(
        _ events: [[UInt8]], _ options: DocumentOptions = DocumentOptions(),
        documentsMax: Int = .max, onUndecodable: UndecodablePolicy = .stop
    ) throws -> [BSONDocument] {
        var stream = ChangeStream(checksum: .crc32)
        stream.onUndecodable = onUndecodable
        var rest = events[...]
        return try documents(options, documentsMax: documentsMax) {
            while true {
                if let change = try stream.next() { return change }
                guard let event = rest.popFirst() else { return nil }
                stream.feed(event)
            }
        }
    }

    /// The documents of a file under Tests/Fixtures, as `sdl decode` prints them.
    static func lines(
        of fixture: String, options: DocumentOptions = DocumentOptions(), documentsMax: Int = .max
    ) throws -> [String] {
        let file = try BinlogFile(path: Fixtures.path(fixture))
        return try documents(options, documentsMax: documentsMax) { try file.nextChange() }
            .map { try ExtendedJSON.line($0) }
    }

    private static func documents(
        _ options: DocumentOptions, documentsMax: Int, next: () throws -> Change?
    ) throws -> [BSONDocument] {
        var encoder = TransactionEncoder(
            options: options, bytesMax: .max, documentsMax: documentsMax)
        var parts = DocumentSequence()
        var documents: [BSONDocument] = []
        while let change = try next() {
            switch change {
            case .begin(let start):
                encoder.begin(start)
                parts = DocumentSequence()
            case .xa(let id): encoder.setXA(id)
            case .rows(let rows):
                encoder.append(rows)
                while try !encoder.encodeRows() { try take(&encoder, &parts) }
            case .statement(let statement):
                if encoder.isFull { try take(&encoder, &parts) }
                try encoder.append(statement)
            case .gap(let gap):
                if encoder.isFull { try take(&encoder, &parts) }
                try encoder.append(gap)
            case .savepoint(let name): encoder.setSavepoint(name)
            case .rollbackToSavepoint(let name): try encoder.rollBack(toSavepoint: name)
            case .end(let end):
                var xid: UInt64?
                if case .committed(let number) = end { xid = number }
                if end == .rolledBack { try encoder.rollBack() }
                var isPrepared = false
                if case .prepared = end { isPrepared = true }
                var finish = PlaceholderXID.End(
                    xid: xid.map(Int64.init(bitPattern:)), isPrepared: isPrepared)
                finish.undone = encoder.undone
                var finished = try PlaceholderXID.finish(parts, finish)
                let rest = try encoder.end(xid: xid, isPrepared: isPrepared)
                try finished.append(rest.bytes, ends: rest.ends)
                for index in 0..<finished.count {
                    documents.append(try finished.document(index))
                }
            }
        }
        return documents
    }

    private static func take(
        _ encoder: inout TransactionEncoder, _ parts: inout DocumentSequence
    ) throws {
        let documents = try encoder.takeDocuments()
        try parts.append(documents.bytes, ends: documents.ends)
    }

    /// `<number>:<op>` of each document, with `!` when it was rolled back.
    static func summary(_ documents: [BSONDocument]) throws -> [String] {
        try documents.map { document in
            try document.validate()
            let isRolledBack = try document.element("rolledBack")?.bool == true
            let number = try document.integer("src", "row") ?? 0
            return "\(number):\(try document.string("op") ?? "")\(isRolledBack ? "!" : "")"
        }
    }

    /// One transaction of rows of one table, an INSERT of all columns.
    static func insert(_ map: TableMapBytes, _ images: [UInt8]) throws -> [[UInt8]] {
        [
            EventBuilder.gtid(try uuid(), 1), EventBuilder.query("BEGIN"),
            EventBuilder.event(19, map.encoded.bytes), EventBuilder.event(30, map.rows(images)),
            EventBuilder.xid(7),
        ]
    }

    /// A row that passes 16 MB with its images, also without the values that are large enough to be moved out.
    static func rowWithoutRoom() throws -> [[UInt8]] {
        let columns = 4096
        // VARCHAR of 1020 bytes in latin1, which are twice as many in UTF-8.
        let map = TableMapBytes(
            columns: Array(repeating: (type: 15, metadata: [0xfc, 0x03]), count: columns),
            optional: [(2, [8])])
        var writer = ByteWriter()
        writer.write([UInt8](repeating: 0, count: columns / 8))
        for _ in 0..<columns {
            writer.write(UInt16(1020))
            writer.write([UInt8](repeating: 0xe9, count: 1020))
        }
        return try insert(map, writer.bytes)
    }
}
