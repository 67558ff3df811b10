import BinlogProtocol
import Foundation
import TestSupport
import Testing

@Suite("Files that are no binary log, or not all of one")
struct OtherFilesTests {
    private func open(_ bytes: [UInt8]) throws -> BinlogFile {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "sdl-\(UUID().uuidString).binlog")
        try Data(bytes).write(to: path)
        defer { unlink(path.path) }
        return try BinlogFile(path: path.path)
    }

    @Test(
        "what a file is instead, and what to do with it",
        arguments: [
            ([], "is not a binary log: it is empty."),
            ([0xfe, 0x62], "does not begin with fe 62 69 6e."),
            ([0xfd, 0x62, 0x69, 0x6e, 1, 2], "is encrypted"), ([0x1f, 0x8b, 8, 0], "gzip"),
            ([0x28, 0xb5, 0x2f, 0xfd, 1], "zstd"), ([0xfd, 0x37, 0x7a, 0x58, 0x5a], "xz"),
            (Array("BZh91AY".utf8), "bzip2"), (Array("-- a dump".utf8), "fe 62 69 6e."),
        ] as [([UInt8], String)])
    func others(_ bytes: [UInt8], _ sentence: String) throws {
        let error = #expect(throws: BinlogError.self) { try open(bytes) }
        #expect(error?.code == .configuration)
        #expect(error?.description.contains(sentence) == true, "\(error as Any)")
    }

    @Test("a binary log behind other bytes is found", arguments: [1, 8, 1000])
    func leadingBytes(_ count: Int) throws {
        let bytes = Array(repeating: UInt8(0xfe), count: count)
        let error = #expect(throws: BinlogError.self) {
            try open(bytes + Fixtures.bytes("mysql-9.7.binlog"))
        }
        let advice = "stands at byte \(count). Cut off what comes before (tail -c +\(count + 1))."
        #expect(error?.description.contains(advice) == true)
    }

    @Test("a file that its server has not closed says so where it ends too early")
    func inUse() throws {
        var bytes = try Fixtures.bytes("mysql-9.7.binlog")
        let isClosed = try open(bytes)
        _ = try isClosed.nextEvent()
        #expect(!isClosed.isInUse)
        // The flags of the first event; they are no part of its checksum.
        bytes[4 + 17] |= 1
        let file = try open(Array(bytes.dropLast(5)))
        let error = #expect(throws: BinlogError.self) { while try file.nextEvent() != nil {} }
        #expect(file.isInUse)
        #expect(error?.code == .corrupt)
        #expect(error?.description.contains("its server has not closed it") == true)
    }
}
