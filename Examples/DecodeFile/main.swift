import BinlogProtocol

// Prints the row changes of binary log files, and what its columns are:
//
//     swift run decode-file mysql-bin.000007 …

for path in CommandLine.arguments.dropFirst() {
    do {
        try printChanges(of: path)
    } catch {
        print("stopped: \(error)")
        if let event = error.position, let byte = error.offsetInEvent {
            print("at byte \(event + UInt64(byte)) of \(path)")
        }
    }
}

func printChanges(of path: String) throws(BinlogError) {
    let file = try BinlogFile(path: path)
    while let change = try file.nextChange() {
        guard case .rows(let changes) = change else { continue }
        do {
            try printRows(of: changes.event)
        } catch {
            throw file.located(error)
        }
    }
}

func printRows(of event: RowsEvent) throws(DecodingError) {
    let table = event.table
    try event.forEachRow { row in
        for (index, column) in table.columns.enumerated() {
            guard let value = row.after?[index] ?? row.before?[index] else { continue }
            print("\(table.database).\(table.table) \(column.name): \(text(value))")
        }
    }
}

func text(_ value: ColumnValue) -> String {
    switch value {
    case .null: "NULL"
    case .integer(let number): "\(number)"
    case .unsignedInteger(let number): "\(number)"
    case .decimal(let text): text
    case .string(let text), .json(let text): text
    case .bytes(let bytes): "\(bytes.count) bytes"
    case .enumeration(let index, let label): label ?? "label \(index)"
    case .timestamp(let time?): "\(time.seconds) s and \(time.microseconds) µs since 1970"
    case .timestamp(nil): "0000-00-00 00:00:00"
    default: "\(value)"
    }
}

func describe(_ column: Column) -> String {
    switch column.type {
    case .integer(let byteCount, let isUnsigned):
        "\(byteCount) bytes, \(isUnsigned ? "without" : "with") sign"
    case .decimal(let precision, let scale): "\(precision) digits, \(scale) behind the point"
    case .varchar(_, let charset), .char(_, let charset), .text(_, let charset):
        "text in \(charset)"
    case .enumeration(_, let labels?): "one of \(labels)"
    default: "\(column.type)"
    }
}

/// The types of all the columns that a file's table maps name.
func printColumns(of path: String) throws {
    let file = try BinlogFile(path: path)
    var decoder = EventDecoder(checksum: .none)
    while let bytes = try file.nextEvent() {
        guard case .tableMap(let table) = try decoder.decode(bytes).body else { continue }
        for column in table.columns { print("\(column.name): \(describe(column))") }
    }
}
