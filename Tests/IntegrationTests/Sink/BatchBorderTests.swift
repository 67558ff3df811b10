import BinlogProtocol
import Foundation
import Testing

@testable import MongoSink

extension SinkTests {
    /// Sizes at the borders of what one document and one message of MongoDB may hold.
    @Suite struct BatchBorders {
        private let fixture: SinkFixture

        init() throws { fixture = try SinkFixture() }

        /// A transaction of documents of 1 MiB and a last one that makes its size exactly `bytes`.
        private func transaction(_ number: Int64, bytes: Int) throws -> EncodedTransaction {
            let mebibyte = 1 << 20
            var documents = DocumentSequence()
            func append(_ size: Int) throws {
                let row = documents.count + 1
                let empty = try Source.documents(number, rows: 1, from: row, pad: 1).byteCount - 1
                let document = try Source.documents(number, rows: 1, from: row, pad: size - empty)
                try #require(document.byteCount == size)
                try documents.append(document.bytes, ends: document.ends)
            }
            while bytes - documents.byteCount > 2 * mebibyte { try append(mebibyte) }
            try append(bytes - documents.byteCount)
            return EncodedTransaction(
                gtid: try Source.gtid(number), documents: documents.bytes, ends: documents.ends,
                commitTime: 1, file: "f", position: UInt64(number))
        }

        @Test(
            "[T51] transactions of a batch's largest size and of 16 MiB, one byte less and one more"
        )
        func borders() throws {
            let sink = try fixture.started()
            var number: Int64 = 0
            var count = 0
            for border in [SinkSettings.batchBytesMax, 16 << 20] {
                for bytes in [border - 1, border, border + 1] {
                    number += 1
                    let transaction = try transaction(number, bytes: bytes)
                    #expect(transaction.documents.count == bytes)
                    count += transaction.ends.count
                    try sink.submit(transaction)
                }
            }
            try sink.finish()
            #expect(try fixture.ids().count == count)
            #expect(try fixture.offset()?.offset?.gtid == Source.set(1...number))
            #expect(try sink.verifyLedger().transactions == number)
            for staged in try fixture.staging() {
                let bytes = try #require(try staged.document.integer("bytes"))
                #expect(bytes <= SinkSettings.batchBytesMax)
            }
            try fixture.dropDatabase()
        }

        @Test("[T50] a hundred rows of 1 MB are staged and committed in parts")
        func manyLargeRows() throws {
            let sink = try fixture.started { $0.memoryLimit = 16 << 20 }
            for number in 1...10 as ClosedRange<Int64> {
                try sink.submit(try Source.transaction(number, rows: 10, pad: 1_000_000))
                #expect(sink.progress.heldBytes <= 20 << 20)
            }
            try sink.finish()
            #expect(try fixture.ids().count == 100)
            #expect(try fixture.staging().count > 15)
            #expect(try sink.verifyLedger().transactions == 10)
            try fixture.dropDatabase()
        }

        @Test(
            "[T40] the staging collection is dropped, while it runs and while it is stopped: nothing is lost"
        )
        func dropped() throws {
            func drop() throws {
                try fixture.admin().run(
                    BSONWriter.document {
                        $0.append("drop", string: fixture.settings.stagingCollection)
                    }, .write, operation: "drop")
            }
            let sink = try fixture.started {
                $0.batchSize = 4
                $0.retryMax = 0
            }
            for number in 1...40 as ClosedRange<Int64> {
                try sink.submit(try Source.transaction(number, rows: 2))
                if number % 10 == 5 { try drop() }
            }
            try sink.finish()
            #expect(try fixture.ids().count == 80)
            try drop()
            let again = try fixture.started()
            #expect(again.progress.committed == (try Source.set(1...40)))
            try again.submit(try Source.transaction(41, rows: 1))
            try again.finish()
            #expect(try fixture.ids().count == 81)
            #expect(try again.verifyLedger().events == 81)
            // The start made the indexes again, without which committed batches would stay for ever.
            let missing = try Schema(settings: fixture.settings).missing(fixture.admin())
            #expect(missing.isEmpty)
        }
    }
}
