import BinlogProtocol
import Foundation
import TestSupport
import Testing

@Suite("Binary log files")
struct BinlogFileTests {
    private func open(_ bytes: [UInt8]) throws -> BinlogFile {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "sdl-\(UUID().uuidString).binlog")
        try Data(bytes).write(to: path)
        defer { unlink(path.path) }
        return try BinlogFile(path: path.path)
    }

    private func changes(_ bytes: [UInt8]) throws -> Int {
        let file = try open(bytes)
        var count = 0
        while try file.nextChange() != nil { count += 1 }
        return count
    }

    @Test("a file that is no binary log", arguments: ["", "fe", "hello world, this is text"])
    func noBinlog(_ text: String) throws {
        let error = #expect(throws: BinlogError.self) { try changes(Array(text.utf8)) }
        #expect(error?.code == .configuration)
    }

    @Test("an encrypted file is named as such")
    func encrypted() throws {
        let error = #expect(throws: BinlogError.self) {
            try changes([0xfd, 0x62, 0x69, 0x6e, 1, 2, 3])
        }
        #expect(error?.description.contains("encrypted") == true)
    }

    @Test("a missing file")
    func missing() throws {
        let error = #expect(throws: BinlogError.self) { try BinlogFile(path: "/nowhere/x.000001") }
        #expect(error?.code == .configuration)
    }

    /// Each byte of the file's beginning, which holds every kind of event header, and samples of the rest.
    ///
    /// Each one costs reading the file up to there, so all of them would take a minute.
    private func places(in bytes: [UInt8]) -> [Int] {
        Array(4..<2500) + Array(stride(from: 2500, to: bytes.count, by: 13))
    }

    @Test(
        "every prefix of a file ends well between transactions and with one clear error elsewhere")
    func everyPrefix() throws {
        let bytes = try Fixtures.bytes("mysql-9.7.binlog")
        let whole = try changes(bytes)
        var clean = 0
        for count in places(in: bytes) {
            do {
                // The same as the whole when only the rotation at the end is cut off.
                #expect(try changes(Array(bytes[..<count])) <= whole)
                clean += 1
            } catch let error as BinlogError {
                #expect(error.code == .corrupt)
                #expect(error.position != nil)
                #expect(error.description.contains("ends in"), "\(error)")
            }
        }
        #expect(clean < 20, "only cuts between transactions read to their end")
    }

    @Test("T83: a changed byte anywhere is an error with the event's position")
    func everyByte() throws {
        let bytes = try Fixtures.bytes("mysql-9.7.binlog")
        // The first event says itself whether it has a checksum: where it ends wrongly, only the next one can tell.
        let firstEnd = 4 + Int(bytes[13])
        for index in places(in: bytes) {
            var changed = bytes
            changed[index] ^= 0x10
            let error = #expect(throws: BinlogError.self, "byte \(index)") { try changes(changed) }
            #expect(
                error?.position.map { $0 <= UInt64(max(index, firstEnd)) } == true,
                "byte \(index): \(error as Any)")
        }
    }

    @Test("T83: after a damaged event the file is not read on, and the position is where it lies")
    func latched() throws {
        let fixture = try Fixtures.bytes("mysql-9.7.binlog")
        var reader = ByteReader(fixture)
        try reader.skip(4)
        let format = Int(try EventHeader(from: &reader).eventSize)
        let uuid = try #require(ServerUUID("3e11fa47-71ca-11e1-9e33-c80aa9429562"))
        // These events say nothing of their own position, as beyond 4 GiB they say a wrong one.
        var events = EventBuilder.transaction(uuid, 1)
        var damaged = EventBuilder.query("SAVEPOINT a")
        damaged[30] ^= 1
        events.insert(damaged, at: 2)
        let start = 4 + format + events[0].count + events[1].count
        let file = try open(Array(fixture[..<(4 + format)] + events.joined()))
        guard case .begin = try file.nextChange() else {
            Issue.record("no beginning")
            return
        }
        for _ in 0..<3 {
            let error = #expect(throws: BinlogError.self) { try file.nextChange() }
            #expect(error?.code == .corrupt)
            #expect(error?.position == UInt64(start))
            #expect(error?.gtid == "\(uuid):1")
        }
        #expect(throws: BinlogError.self) { try file.nextEvent() }
    }
}
