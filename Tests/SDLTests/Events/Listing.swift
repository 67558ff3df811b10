import BinlogProtocol
import Foundation
import TestSupport

@testable import sdl

/// What a listing of a file came to.
struct Listing {
    let text: String
    let refusedCount: Int
    let firstRefusal: BinlogError?
    /// What ended the reading of the file before its end.
    let end: BinlogError?

    var lines: [String] { text.split(separator: "\n").map(String.init) }
    /// The lines without their indentation.
    var trimmed: [String] { lines.map { $0.trimmingCharacters(in: .whitespaces) } }

    /// Lists a file with these bytes.
    init(of bytes: [UInt8], in folder: TemporaryFolder) throws {
        let path = folder.path("listed.binlog")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        var written: [UInt8] = []
        let file = try BinlogFile(path: path)
        var listing = EventListing(file: file.name, text: ListingText { written += $0 })
        var end: BinlogError?
        do {
            while true {
                let offset = file.offset
                guard let event = try file.nextEvent() else { break }
                try listing.list(event, at: offset)
            }
        } catch let error as BinlogError {
            end = error
        }
        text = String(decoding: written, as: UTF8.self)
        refusedCount = listing.refusedCount
        firstRefusal = listing.firstRefusal
        self.end = end
    }

    /// Lists a file that consists of the fixture's format description and these events.
    init(events: [[UInt8]], in folder: TemporaryFolder) throws {
        try self.init(of: try Self.start() + events.joined(), in: folder)
    }

    /// The beginning of a file with checksums, up to the end of its first event.
    static func start() throws -> [UInt8] {
        let bytes = try Fixtures.bytes("mysql-9.7.binlog")
        return Array(bytes[..<(4 + Int(bytes[13]))])
    }

    /// Where the events of a file begin.
    static func starts(of bytes: [UInt8]) throws -> [Int] {
        var starts: [Int] = []
        var at = 4
        while at < bytes.count {
            starts.append(at)
            var reader = ByteReader(bytes, in: at..<bytes.count)
            at += Int(try EventHeader(from: &reader).eventSize)
        }
        return starts
    }

    /// The same file written with `binlog_checksum=NONE`, where nothing but the fields tells damage.
    static func withoutChecksums(_ bytes: [UInt8]) throws -> [UInt8] {
        let starts = try starts(of: bytes) + [bytes.count]
        var result = Array(bytes[..<starts[1]])
        result[starts[1] - 5] = 0
        for (start, end) in zip(starts.dropFirst(), starts.dropFirst(2)) {
            var writer = ByteWriter()
            writer.write(bytes[start..<(start + 9)])
            writer.write(UInt32(end - start - 4))
            writer.write(bytes[(start + 13)..<(end - 4)])
            result += writer.bytes
        }
        return result
    }
}
