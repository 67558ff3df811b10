import BinlogProtocol
import Foundation
import TestSupport
import Testing

/// Docs/EVENTS.md says what is done with each type; a change of the decoder changes it too.
@Suite("Event types")
struct EventTypeTests {
    private struct Row {
        let name: String
        let treatment: String
    }

    /// The table of the page, by code.
    private static func table() throws -> [UInt8: Row] {
        let page = Services.root.appendingPathComponent("Docs/EVENTS.md")
        var rows: [UInt8: Row] = [:]
        for line in String(decoding: try Data(contentsOf: page), as: UTF8.self).split(
            separator: "\n")
        {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 4, let code = UInt8(cells[0]) else { continue }
            #expect(rows.updateValue(Row(name: cells[1], treatment: cells[2]), forKey: code) == nil)
            #expect(!cells[3].isEmpty)
        }
        return rows
    }

    /// What the decoder does with an event of this type, whatever is in it.
    private func treatment(_ code: UInt8, flags: UInt16) -> String {
        let type = EventType(rawValue: code)
        // An incident: number 1, no message. For most others it is not long enough.
        let body: [UInt8] = code == 26 ? [1, 0, 0] : [1]
        var decoder = EventDecoder(checksum: .crc32)
        do throws(DecodingError) {
            let event = try decoder.decode(EventBuilder.event(code, body, flags: flags))
            if case .irrelevant = event.body { return "irrelevant" }
            return "decoded"
        } catch {
            switch error.code {
            case .incident: return "stops"
            case .unsupported(let what) where what.hasPrefix(type.description): return "stops"
            default: return "decoded"
            }
        }
    }

    @Test("MD1, DZ12: each of the 256 codes is treated as Docs/EVENTS.md says")
    func all() throws {
        let table = try Self.table()
        #expect(table.count == 55)
        for code in UInt8.min...UInt8.max {
            let type = EventType(rawValue: code)
            guard let row = table[code] else {
                #expect(type.description == "event type \(code)", "\(code) is not in the table")
                #expect(treatment(code, flags: 0) == "stops")
                #expect(treatment(code, flags: 0x80) == "irrelevant")
                continue
            }
            #expect(type.description == row.name)
            for flags: UInt16 in [0, 0x80] {
                #expect(treatment(code, flags: flags) == row.treatment, "\(row.name)")
            }
        }
    }
}
