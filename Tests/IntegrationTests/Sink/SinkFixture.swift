import BinlogProtocol
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import MongoSink

/// A database of its own for one test, and what a test looks at or breaks in it.
final class SinkFixture: Sendable {
    let settings: SinkSettings
    let notices = Notices()
    private let adminURI: String

    /// Collects what a sink says.
    final class Notices: Sendable {
        private let collected = Locked<[SinkNotice]>([])
        var all: [SinkNotice] { collected.withLock { $0 } }
        func append(_ notice: SinkNotice) { collected.withLock { $0.append(notice) } }
    }

    init(uri: String? = nil) throws {
        let uri = try uri ?? Services.standard(.mongo).uri
        adminURI = uri
        let name = "sink_\(UUID().uuidString.prefix(8).lowercased())"
        var settings = SinkSettings(uri: uri, streamName: "mysql://\(name)", owner: "here/1")
        settings.database = name
        settings.applicationName = "sdl-\(name)"
        settings.owner = "\(ProcessInfo.processInfo.hostName)/\(getpid())"
        settings.retryInitial = .milliseconds(5)
        settings.retryMaxDelay = .milliseconds(100)
        settings.flushInterval = .milliseconds(50)
        settings.leaseDuration = .milliseconds(600)
        settings.retryMax = 20
        self.settings = settings
    }

    /// A connection that no fail point of this test hits.
    func admin() throws -> MongoConnection {
        var settings = settings
        settings.applicationName = "sdl-admin"
        return try MongoConnection(settings)
    }

    func sink(_ change: (inout SinkSettings) -> Void = { _ in }) throws -> MongoSink {
        var settings = settings
        change(&settings)
        let notices = notices
        return try MongoSink(settings: settings) { notices.append($0) }
    }

    /// A sink that has its lease and a position, and whose threads run.
    func started(_ change: (inout SinkSettings) -> Void = { _ in }) throws -> MongoSink {
        let sink = try sink(change)
        try sink.prepare()
        try sink.acquireLease()
        if try sink.recover() == nil {
            try sink.storeStart(
                GTIDSet(), file: "mysql-bin.000001", position: 4, server: Self.server)
        }
        try sink.start()
        return sink
    }

    static let server = SourceIdentity(uuid: Source.uuid, version: "9.7.0", flavor: "mysql")

    // MARK: What is stored

    func documents(_ collection: String, filter: [UInt8]? = nil) throws -> [BSONDocument] {
        let all = BSONWriter.document { _ in }
        let cursor = try admin().find(
            in: collection, filter: filter ?? all,
            options: BSONWriter.document { $0.append("sort") { $0.append("_id", int32: 1) } })
        var found: [BSONDocument] = []
        while let document = try cursor.next() { found.append(document) }
        return found
    }

    func ids() throws -> Set<String> {
        let ids = try documents(settings.collection).compactMap { try $0.string("_id") }
        return Set(ids)
    }

    func offset() throws -> OffsetDocument.Contents? {
        try OffsetDocument(settings: settings).read(try admin())
    }

    func staging() throws -> [(id: String, status: String, document: BSONDocument)] {
        try documents(settings.stagingCollection).map {
            (try $0.string("_id") ?? "", try $0.string("status") ?? "", $0)
        }
    }

    // MARK: What is broken

    /// Makes the server fail commands of this test's sinks.
    func failPoint(
        _ commands: [String], times: Int32 = 1, _ fill: (inout BSONWriter) -> Void
    ) throws {
        let command = BSONWriter.document {
            $0.append("configureFailPoint", string: "failCommand")
            $0.append("mode") { $0.append("times", int32: times) }
            $0.append("data") { data in
                data.appendArray("failCommands") {
                    for (index, name) in commands.enumerated() {
                        $0.append(BSONKey(index: index), string: name)
                    }
                }
                data.append("appName", string: settings.applicationName)
                fill(&data)
            }
        }
        try admin().run(command, .plain, database: "admin", operation: "configureFailPoint")
    }

    /// Ends the fail point; returns how many commands it hit.
    @discardableResult
    func endFailPoint() throws -> Int64 {
        let command = BSONWriter.document {
            $0.append("configureFailPoint", string: "failCommand")
            $0.append("mode", string: "off")
        }
        let reply = try admin().run(
            command, .plain, database: "admin", operation: "configureFailPoint")
        return try reply.integer("count") ?? 0
    }

    func update(_ collection: String, id: String, _ fill: (inout BSONWriter) -> Void) throws {
        let matched = try admin().update(
            collection, filter: BSONWriter.document { $0.append("_id", string: id) },
            update: BSONWriter.document(fill), inTransaction: false)
        try #require(matched == 1)
    }

    func dropDatabase() throws {
        try admin().run(
            BSONWriter.document { $0.append("dropDatabase", int32: 1) }, .plain,
            operation: "dropDatabase")
    }
}

/// Transactions of a source that counts from 1.
enum Source {
    static let uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562"

    static func gtid(_ number: Int64) throws -> GTID {
        GTID(source: GTID.Source(uuid: try #require(ServerUUID(uuid))), number: number)
    }

    static func set(_ numbers: ClosedRange<Int64>) throws -> GTIDSet {
        try GTIDSet(parsing: "\(uuid):\(numbers.lowerBound)-\(numbers.upperBound)")
    }

    /// One document per row, whose ids follow from the transaction.
    static func transaction(
        _ number: Int64, rows: Int, from first: Int = 1, value: Int32 = 7, pad: Int = 0,
        xid: Bool = false
    ) throws -> EncodedTransaction {
        let documents = try self.documents(
            number, rows: rows, from: first, value: value, pad: pad, xid: xid)
        return EncodedTransaction(
            gtid: try gtid(number), documents: documents.bytes, ends: documents.ends,
            commitTime: 1_700_000_000_000 + number, file: "mysql-bin.000001",
            position: UInt64(number) * 100)
    }

    static func documents(
        _ number: Int64, rows: Int, from first: Int = 1, value: Int32 = 7, pad: Int = 0,
        xid: Bool = false, file: String = "mysql-bin.000001"
    ) throws -> DocumentSequence {
        var writer = BSONWriter()
        var ends: [Int] = []
        for row in first..<(first + rows) {
            let document = writer.beginDocument()
            writer.append("_id", string: "\(uuid):\(number)/\(row)")
            writer.append("ts", utcDateTime: 1_700_000_000_000 + number)
            writer.append("op", string: "i")
            writer.append("meta") {
                $0.append("db", string: "shop")
                $0.append("tbl", string: "orders")
                $0.append("pk", int32: Int32(row))
            }
            writer.append("chg") {
                $0.append("value") { $0.append("t", int32: value) }
                if pad > 0 {
                    $0.append("pad") {
                        $0.append("t", string: String(repeating: "x", count: pad))
                    }
                }
            }
            writer.append("src") {
                $0.append("gtid", string: "\(uuid):\(number)")
                $0.append("row", int32: Int32(row))
                $0.append("binlog") {
                    $0.append("file", string: file)
                    $0.append("pos", int64: 4)
                }
                if xid { $0.append("xid", int64: 0) }
            }
            writer.end(document)
            ends.append(writer.count)
        }
        return try DocumentSequence(bytes: writer.bytes, ends: ends)
    }

    static func ids(_ number: Int64, rows: Int) -> [String] {
        (1...rows).map { "\(uuid):\(number)/\($0)" }
    }
}

/// The code of the error that `body` throws, which every caller compares.
func sinkCode(of body: () throws -> Void) -> SinkError.Code? {
    do {
        try body()
        return nil
    } catch {
        return (error as? SinkError)?.code
    }
}
