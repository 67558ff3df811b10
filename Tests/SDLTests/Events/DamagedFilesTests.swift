import BinlogProtocol
import Foundation
import TestSupport
import Testing

@testable import sdl

/// Copies of a file with single bytes changed: never a crash, and the place is named.
@Suite struct DamagedFilesTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func withChecksumsTheEventWithTheByteIsNamed() throws {
        let bytes = try Fixtures.bytes("mysql-9.7.binlog")
        let starts = try Listing.starts(of: bytes)
        var generator = SeededGenerator(seed: decoderSeed)
        for _ in 0..<150 {
            // The first event has tests of its own: it says itself whether it is checked.
            let index = Int.random(in: starts[1]..<bytes.count, using: &generator)
            var damaged = bytes
            damaged[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            let start = try #require(starts.last { $0 <= index })
            let listing = try Listing(of: damaged, in: folder)
            let first = try #require(listing.firstRefusal ?? listing.end, "byte \(index)")
            #expect(first.position == UInt64(start), "byte \(index): \(first)")
            #expect(
                listing.text.components(separatedBy: "not decoded: ").count - 1
                    == listing.refusedCount)
            if let offset = first.offsetInEvent {
                let place = "byte \(offset) of the event, byte \(start + offset) of the file"
                #expect(first.description.contains(place))
            } else {
                #expect(first.description.contains("ends inside an event"), "byte \(index)")
            }
        }
    }

    /// As `sdl decode --format json` reads it.
    @Test func alsoThoseWhoReadChangesLearnTheByte() throws {
        let bytes = try Fixtures.bytes("mysql-9.7.binlog")
        let starts = try Listing.starts(of: bytes)
        let path = folder.path("changes.binlog")
        var generator = SeededGenerator(seed: decoderSeed)
        for _ in 0..<50 {
            // Behind the fields of the header, whose damage may move the end of the event.
            let start = try #require(starts.dropFirst().randomElement(using: &generator))
            var damaged = bytes
            damaged[start + 19] ^= 0x20
            try Data(damaged).write(to: URL(fileURLWithPath: path))
            let file = try BinlogFile(path: path)
            let error = #expect(throws: BinlogError.self) { while try file.nextChange() != nil {} }
            let offset = try #require(error?.offsetInEvent)
            #expect(error?.position == UInt64(start))
            #expect(error?.description.contains("byte \(start + offset) of the file") == true)
        }
    }

    /// Without checksums the fields themselves have to be believed: many changes make another good event.
    @Test(arguments: ["mysql-9.7.binlog", "Rows/images.binlog"])
    func withoutChecksumsNothingCrashes(_ name: String) throws {
        let bytes = try Listing.withoutChecksums(try Fixtures.bytes(name))
        let whole = try Listing(of: bytes, in: folder)
        #expect(whole.refusedCount == 0)
        #expect(whole.end == nil)
        var generator = SeededGenerator(seed: decoderSeed)
        for _ in 0..<100 {
            var damaged = bytes
            let index = Int.random(in: 4..<bytes.count, using: &generator)
            damaged[index] = UInt8.random(in: .min ... .max, using: &generator)
            let listing = try Listing(of: damaged, in: folder)
            for error in [listing.firstRefusal, listing.end].compactMap({ $0 }) {
                let position = try #require(error.position, "byte \(index): \(error)")
                #expect(position + UInt64(error.offsetInEvent ?? 0) <= UInt64(bytes.count))
            }
        }
    }

    @Test func anEventSizeThatCannotBeEndsTheFileThere() throws {
        var bytes = try Fixtures.bytes("mysql-9.7.binlog")
        let start = try Listing.starts(of: bytes)[3]
        for index in 9..<13 { bytes[start + index] = 0 }
        let listing = try Listing(of: bytes, in: folder)
        #expect(listing.refusedCount == 0)
        #expect(
            listing.end?.description == "An event cannot be read: invalid event size at byte 9. "
                + "(at listed.binlog:\(start), byte 9 of the event, byte \(start + 9) of the file)")
    }

    /// The command: all files are listed, and then the exit code says that something was not decoded.
    @Test func theListingGoesOnWithTheNextFile() throws {
        var bytes = try Fixtures.bytes("mysql-9.7.binlog")
        let starts = try Listing.starts(of: bytes)
        for start in starts[2...4] { bytes[start + 19] ^= 1 }
        for name in ["one.000001", "two.000002"] {
            try Data(bytes).write(to: URL(fileURLWithPath: folder.path(name)))
            bytes = try Fixtures.bytes("mysql-9.7.binlog")
        }
        let run = try SDLCommand.run(
            [
                "decode", "one.000001", "/nonexistent", "two.000002", "--format", "events",
            ], in: folder.url)
        #expect(run.exitCode == 5)
        let output = try run.output
        #expect(output.contains("\ntwo.000002:\(starts[4]) "))
        #expect(output.components(separatedBy: "not decoded: ").count == 4)
        #expect(
            try run.complaints == """
                sdl: An event cannot be read: the CRC-32 checksum does not match the event's bytes. \
                (event GTID_LOG_EVENT, at one.000001:158, byte 73 of the event, byte 231 of the file) \
                2 more of its events cannot be decoded; each is marked.
                sdl: Cannot open /nonexistent: No such file or directory.

                """)
    }
}
