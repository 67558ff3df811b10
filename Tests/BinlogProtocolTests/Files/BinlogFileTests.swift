import BinlogProtocol
import Foundation
import TestSupport
import Testing

@Suite("Binary log files")
struct BinlogFileTests {
    private func changes(_ bytes: [UInt8]) throws -> Int {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "sdl-\(UUID().uuidString).binlog")
        try Data(bytes).write(to: path)
        defer { unlink(path.path) }
        let file = try BinlogFile(path: path.path)
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

    @Test(
        "every prefix of a file ends well between transactions and with one clear error elsewhere")
    func everyPrefix() throws {
        let bytes = try Fixtures.bytes("mysql-9.7.binlog")
        let whole = try changes(bytes)
        var clean = 0
        for count in stride(from: 4, to: bytes.count, by: 3) {
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
        for index in stride(from: 4, to: bytes.count, by: 7) {
            var changed = bytes
            changed[index] ^= 0x10
            let error = #expect(throws: BinlogError.self, "byte \(index)") { try changes(changed) }
            #expect(
                error?.position.map { $0 <= UInt64(index) } == true,
                "byte \(index): \(error as Any)")
        }
    }
}
