import BinlogProtocol
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import MongoSink

extension SinkTests {
    /// Chunks of values that stand outside of their documents.
    @Suite struct Blobs {
        private let fixture: SinkFixture

        init() throws { fixture = try SinkFixture() }

        private var prefix: String { "\(Source.uuid):1/1" }

        /// A document of the first transaction, which refers to one value.
        private func transaction() throws -> EncodedTransaction {
            let document = BSONWriter.document { writer in
                writer.append("_id", string: prefix)
                writer.append("op", string: "u")
                writer.append("chg") { changes in
                    changes.append("body") { field in
                        field.append(
                            "t",
                            document: MovedValue(
                                "\(prefix)/t/2", row: 1, .binary, [1, 2, 3], 0..<3
                            ).reference)
                    }
                }
                writer.append("src") {
                    $0.append("gtid", string: "\(Source.uuid):1")
                    $0.append("row", int32: 1)
                }
            }
            return EncodedTransaction(
                gtid: try Source.gtid(1), documents: document, ends: [document.count],
                commitTime: 1, file: "f", position: 1)
        }

        private func chunk(_ place: String, _ bytes: [UInt8] = [1, 2, 3]) -> BlobChunk {
            BlobChunk(blob: "\(prefix)/\(place)", number: 0, bytes: bytes)
        }

        private func stored() throws -> [String] {
            try fixture.documents(fixture.settings.blobsCollection).compactMap {
                try $0.string("files_id")
            }
        }

        @Test(
            "what a stored document refers to is not deleted, whatever the settings of a later run")
        func dropped() throws {
            let first = try fixture.started()
            for place in ["f/2", "t/2", "t/20"] { try first.submitBlob(chunk(place)) }
            try first.submit(try transaction())
            try first.finish()
            let second = try fixture.started()
            // The same transaction, read again with settings that leave the column out of its document.
            for place in ["f/2", "t/2"] { try second.dropBlobs("\(prefix)/\(place)") }
            try second.finish()
            #expect(try stored() == ["\(prefix)/t/2", "\(prefix)/t/20"])
            let third = try fixture.started()
            try third.dropBlobs(prefix)
            try third.finish()
            #expect(try stored().contains("\(prefix)/t/2"))
            try fixture.dropDatabase()
        }

        @Test("values of very many chunks are deleted in several transactions")
        func manyChunks() throws {
            let sink = try fixture.started()
            for number in 0..<600 {
                try sink.submitBlob(
                    BlobChunk(blob: "\(prefix)/t/3", number: number, bytes: [1]))
            }
            try sink.submitBlob(chunk("t/2"))
            try sink.dropBlobs("\(prefix)/t/3")
            try sink.submit(try transaction())
            try sink.finish()
            #expect(try stored() == ["\(prefix)/t/2"])
            try fixture.dropDatabase()
        }

        @Test("what no document refers to is written over, and deleted with its change")
        func leftBehind() throws {
            let sink = try fixture.started()
            try sink.submitBlob(chunk("t/2", [9]))
            try sink.submitBlob(chunk("t/2"))
            try sink.submitBlob(chunk("t/3"))
            try sink.dropBlobs("\(prefix)/t/3")
            try sink.submit(try transaction())
            try sink.finish()
            let chunks = try fixture.documents(fixture.settings.blobsCollection)
            #expect(try chunks.map { try $0.binary("data") } == [[1, 2, 3]])
            let other = try fixture.started()
            try other.submitBlob(BlobChunk(blob: "\(Source.uuid):2/1/t/2", number: 0, bytes: [1]))
            try other.dropBlobs("\(Source.uuid):2/1")
            try other.finish()
            #expect(try stored() == ["\(prefix)/t/2"])
            try fixture.dropDatabase()
        }

        @Test("another chunk for a stored document is an alarm")
        func altered() throws {
            let sink = try fixture.started()
            try sink.submitBlob(chunk("t/2"))
            try sink.submit(try transaction())
            try sink.finish()
            let other = try fixture.started()
            try other.submitBlob(chunk("t/2", [3, 2, 1]))
            let error = #expect(throws: SinkError.self) { try other.finish() }
            #expect(error?.code == .integrity)
            try fixture.dropDatabase()
        }

        @Test(
            "an instance that was paused does not delete what its successor is about to refer to",
            arguments: ["", "find", "delete"])
        func paused(_ command: String) throws {
            let proxy = try MongoCommandProxy(to: try Services.standard(.mongo).uri)
            // Its settings leave out the value that is in the document of the other.
            let first = try fixture.started {
                $0.uri = proxy.uri
                $0.leaseDuration = .seconds(60)
            }
            try first.submitBlob(chunk("t/2"))
            while first.progress.heldBytes > 0 { Thread.sleep(forTimeInterval: 0.005) }
            let successor = Locked<MongoSink?>(nil)
            let flaws = Locked<[String]>([])
            @Sendable func takeOver() {
                do {
                    try fixture.update(
                        fixture.settings.offsetsCollection, id: fixture.settings.streamName
                    ) {
                        $0.append("$set") { $0.appendNull("lease.owner") }
                    }
                    let second = try fixture.started()
                    try second.submitBlob(chunk("t/2"))
                    while second.progress.heldBytes > 0, second.failure == nil {
                        Thread.sleep(forTimeInterval: 0.005)
                    }
                    successor.withLock { $0 = second }
                } catch {
                    flaws.withLock { $0.append("\(error)") }
                }
            }
            if command.isEmpty { takeOver() }
            let collections = [fixture.settings.collection, fixture.settings.blobsCollection]
            let isDone = Locked(command.isEmpty)
            proxy.arm { moment, sent in
                guard moment == .command, sent.name == command,
                    collections.contains(sent.collection),
                    isDone.withLock({ done in (done, done = true).0 == false })
                else { return nil }
                takeOver()
                return nil
            }
            #expect(
                sinkCode {
                    try first.dropBlobs("\(prefix)/t/2")
                    try first.finish()
                } == .fenced)
            #expect(isDone.withLock { $0 })
            #expect(flaws.withLock { $0 } == [])
            let second = try #require(successor.withLock { $0 })
            try second.submit(try transaction())
            try second.finish()
            #expect(try stored() == ["\(prefix)/t/2"])
            try fixture.dropDatabase()
        }

        @Test("a chunk that is there and cannot be read yet is not an altered one")
        func unseen() throws {
            let first = try fixture.started()
            try first.submit(try transaction())
            try first.finish()
            let proxy = try MongoCommandProxy(to: try Services.standard(.mongo).uri)
            let second = try fixture.started { $0.uri = proxy.uri }
            let collection = fixture.settings.blobsCollection
            let isDone = Locked(false)
            proxy.arm { moment, sent in
                guard moment == .command, sent.name == "insert", sent.collection == collection,
                    isDone.withLock({ done in (done, done = true).0 == false })
                else { return nil }
                let duplicateKey: Int32 = 11000
                return .fail(code: duplicateKey)
            }
            try second.submitBlob(chunk("t/2"))
            try second.finish()
            #expect(isDone.withLock { $0 })
            #expect(try stored() == ["\(prefix)/t/2"])
            try fixture.dropDatabase()
        }
    }
}
