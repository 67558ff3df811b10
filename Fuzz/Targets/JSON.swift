@testable import BinlogProtocol
@testable import MongoSink

/// A JSON document as text and as BSON, and differences applied to it.
///
///     length u16, document, differences
func fuzzJSON(_ bytes: [UInt8]) {
    var input = Input(bytes)
    let document = input.part()
    let differences = input.rest()
    let storage = document + differences
    let cell = CellRange(start: 0, count: document.count)
    check(cell, storage)
    do throws(BinlogProtocol.DecodingError) {
        let list = try JSONDiffCell.all(
            in: CellRange(start: document.count, count: differences.count), of: storage)
        for difference in list { _ = try difference.owned(storage) }
        var output = storage
        let whole = try JSONEdit.apply(list, to: cell, in: storage, appendingTo: &output)
        // Offsets can become wider, 2 bytes each that were 2.
        requireSize(output.count - storage.count, of: storage.count, factor: 8)
        if let whole { check(whole, output) }
    } catch {
        requireOffset(error, within: storage.count)
    }
}

private func check(_ cell: CellRange, _ storage: [UInt8]) {
    var text: [UInt8] = []
    var isText = false
    do throws(BinlogProtocol.DecodingError) {
        try JSONText.append(cell, in: storage, to: &text)
        isText = true
        requireSize(text.count, of: cell.count, factor: 16)
        require(String(validating: text, as: UTF8.self) != nil, "UTF-8 of a JSON text")
    } catch {
        requireOffset(error, within: storage.count)
    }
    var writer = BSONWriter()
    let mark = writer.beginDocument()
    var isWritten = false
    do throws(BinlogProtocol.DecodingError) {
        try JSONDocumentWriter.append("v", cell, in: storage, to: &writer)
        writer.end(mark)
        isWritten = true
        requireSize(writer.count, of: cell.count, factor: 16)
        do {
            try BSONDocument(writer.bytes).validate()
        } catch {
            require(false, "BSON of a JSON document: \(error)")
        }
    } catch {
        requireOffset(error, within: storage.count)
    }
    require(isText == isWritten, "JSON is refused as text and as BSON alike")
}
