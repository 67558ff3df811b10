internal import BinlogProtocol

/// The values of one row that stand outside of its document, which would pass MongoDB's 16 MB with them.
///
/// Which they are follows from the row alone, so that the same change makes the same document from a stream, from a file,
/// and after a restart: every BLOB and TEXT that no document could hold, then the largest values until the rest fits.
struct OversizeValues {
    /// A cell of the row.
    struct Place: Hashable {
        let isAfter: Bool
        let column: Int
    }

    /// Smaller values are not worth a reference.
    private static let movedBytesMin = 1024
    /// What the document needs beside its values, roughly.
    private static let roomBesideValues = 64 << 10

    /// Those whose bytes are still to be stored.
    private var values: [(place: Place, value: MovedValue)] = []
    private var used: Set<Place> = []
    private var references: [Place: [UInt8]] = [:]
    /// Blobs that were stored as they came.
    private var stored: [Place: String] = [:]
    /// What can still be moved, the largest first; nil before the first time.
    private var candidates: ArraySlice<(place: Place, byteCount: Int)>?
    private var movedCount = 0
    private let prefix: String
    private let number: Int64

    /// Takes what no document could hold.
    ///
    /// - Parameters:
    ///   - prefix: the change's `_id`.
    ///   - number: its number in the transaction.
    init(
        _ event: RowsEvent, _ row: borrowing RowCursor, _ layout: TableLayout, prefix: String,
        number: Int64
    ) throws(DecodingError) {
        self.prefix = prefix
        self.number = number
        for isAfter in [false, true] {
            for (index, column) in layout.columns.enumerated() {
                let cell = isAfter ? row.after[index] : row.before[index]
                let place = Place(isAfter: isAfter, column: index)
                if let number = cell.movedIndex {
                    let value = event.largeValues[number]
                    let blob = self.blob(place)
                    references[place] = MovedValue.reference(
                        to: blob, Self.kind(column), byteCount: value.byteCount,
                        digest: value.digest)
                    stored[place] = blob
                } else if cell.count > LargeValue.heldBytesMax, Self.isReceivedApart(event, index) {
                    try move(place, cell, column, row.storage)
                }
            }
        }
    }

    /// Whether a large value of the column is received apart from the row.
    private static func isReceivedApart(_ event: RowsEvent, _ index: Int) -> Bool {
        switch event.table.columns[index].type {
        case .blob, .text: true
        default: false
        }
    }

    /// The reference that stands for a value; nil for one that is in the document.
    mutating func use(_ place: Place) -> [UInt8]? {
        guard let reference = references[place] else { return nil }
        used.insert(place)
        return reference
    }

    /// The values that the document refers to and whose bytes are still to be stored.
    var moved: [MovedValue] { values.filter { used.contains($0.place) }.map(\.value) }

    /// Blobs that were stored as they came and that the document did not need: of a column that did not change.
    var unusedBlobs: [String] {
        stored.filter { !used.contains($0.key) }.map(\.value).sorted()
    }

    private func blob(_ place: Place) -> String {
        "\(prefix)/\(place.isAfter ? "t" : "f")/\(place.column + 1)"
    }

    private static func kind(_ column: ColumnLayout) -> MovedValue.Kind {
        switch column.form {
        case .text(let charset), .compressedText(let charset): .text(charset)
        case .json: .json
        case .geometry: .geometry
        default: .binary
        }
    }

    /// Moves further values out; false when none is left.
    mutating func moveMore(
        _ row: borrowing RowCursor, _ layout: TableLayout, _ operation: ChangeOperation,
        fullImages: Bool
    ) throws(DecodingError) -> Bool {
        var rest: ArraySlice<(place: Place, byteCount: Int)>
        if let candidates {
            rest = candidates
        } else {
            rest = try Self.candidates(row, layout, operation, fullImages: fullImages)[...]
            rest.removeAll { references[$0.place] != nil }
        }
        guard !rest.isEmpty else { return false }
        var left = rest.reduce(0) { $0 + $1.byteCount }
        // Twice as many each time: a value can become larger in the document than it is in the log.
        var count = max(1, movedCount)
        while let (place, byteCount) = rest.first {
            guard count > 0 || left > BSONLimits.changeBytesMax - Self.roomBesideValues else {
                break
            }
            let cell = place.isAfter ? row.after[place.column] : row.before[place.column]
            try move(place, cell, layout.columns[place.column], row.storage)
            rest.removeFirst()
            left -= byteCount
            count -= 1
            movedCount += 1
        }
        candidates = rest
        return true
    }

    private static func candidates(
        _ row: borrowing RowCursor, _ layout: TableLayout, _ operation: ChangeOperation,
        fullImages: Bool
    ) throws(DecodingError) -> [(place: Place, byteCount: Int)] {
        var found: [(place: Place, byteCount: Int)] = []
        for isAfter in [false, true] {
            for (index, column) in layout.columns.enumerated() where column.mayBeMoved {
                let cell = isAfter ? row.after[index] : row.before[index]
                if RowBSON.hasDifferences(row, index), isAfter { continue }
                if operation == .update, !fullImages, !RowBSON.hasDifferences(row, index),
                    row.after[index].isAbsent || row.isSame(row.before[index], row.after[index])
                {
                    continue
                }
                let count = try column.byteCount(cell, of: row.storage)
                if count >= movedBytesMin {
                    found.append((Place(isAfter: isAfter, column: index), count))
                }
            }
        }
        // In their order where they are equally large.
        return found.enumerated().sorted {
            ($1.element.byteCount, $0.offset) < ($0.element.byteCount, $1.offset)
        }.map(\.element)
    }

    private mutating func move(
        _ place: Place, _ cell: CellRange, _ column: ColumnLayout, _ bytes: [UInt8]
    ) throws(DecodingError) {
        try cell.require(in: bytes)
        let value: MovedValue
        switch column.form {
        case .json:
            var text: [UInt8] = []
            try JSONText.append(cell, in: bytes, to: &text)
            value = MovedValue(blob(place), row: number, .json, text, 0..<text.count)
        case .compressedText, .compressedBinary:
            let whole = try cell.decompressed(in: bytes)
            value = MovedValue(
                blob(place), row: number, Self.kind(column), whole, 0..<whole.count)
        default:
            value = MovedValue(blob(place), row: number, Self.kind(column), bytes, cell.range)
        }
        references[place] = value.reference
        values.append((place, value))
    }
}

extension ColumnLayout {
    /// Whether values can be so large that they are moved out of a document.
    fileprivate var mayBeMoved: Bool {
        switch form {
        case .text, .binary, .compressedText, .compressedBinary, .json, .geometry: true
        default: false
        }
    }
}
