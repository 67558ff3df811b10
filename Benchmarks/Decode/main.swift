import BinlogProtocol
import Foundation
import MongoSink

// Reads a binary log as fast as it can and prints how many row changes it holds.
//
//     decode-benchmark bson FILE     every change to its BSON document, as `sdl run` makes it
//     decode-benchmark values FILE   every row to Swift values, as programs that use BinlogProtocol get it

guard CommandLine.arguments.count == 3 else {
    print("usage: decode-benchmark bson|values FILE")
    exit(2)
}
do {
    let file = try BinlogFile(path: CommandLine.arguments[2])
    switch CommandLine.arguments[1] {
    case "bson": print(try encodeDocuments(of: file))
    case "values": print(try decodeValues(of: file))
    default:
        print("no such benchmark: \(CommandLine.arguments[1])")
        exit(2)
    }
} catch {
    print("\(error)")
    exit(1)
}

func encodeDocuments(of file: BinlogFile) throws -> Int {
    var encoder = TransactionEncoder(
        options: DocumentOptions(), bytesMax: .max, documentsMax: .max)
    var count = 0
    while let change = try file.nextChange() {
        switch change {
        case .begin(let start): encoder.begin(start)
        case .rows(let rows):
            count -= Int(encoder.changeCount)
            encoder.append(rows)
            while try !encoder.encodeRows() {}
            count += Int(encoder.changeCount)
        case .end(.committed(let xid)):
            _ = try encoder.end(xid: xid)
        default: break
        }
    }
    return count
}

func decodeValues(of file: BinlogFile) throws -> Int {
    var count = 0
    while let change = try file.nextChange() {
        guard case .rows(let rows) = change else { continue }
        try rows.event.forEachRow { _ in count += 1 }
    }
    return count
}
