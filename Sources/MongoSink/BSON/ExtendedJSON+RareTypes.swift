internal import BinlogProtocol

extension ExtendedJSON {
    /// Types that we never write; a document read from MongoDB may hold them.
    mutating func writeRare(_ element: BSONElement, depthMax: Int) throws(DecodingError) {
        let storage = element.storage
        let value = element.value
        switch element.type {
        case .objectID: wrapped("$oid", Hex.text(storage[value]))
        case .timestamp:
            let increment = storage.loadLittleEndian(UInt32.self, at: value.lowerBound)
            let time = storage.loadLittleEndian(UInt32.self, at: value.lowerBound + 4)
            raw(made: "{\"$timestamp\":{\"t\":\(time),\"i\":\(increment)}}")
        case .regularExpression:
            let parts = storage[value].split(separator: 0, omittingEmptySubsequences: false)
            raw("{\"$regularExpression\":{\"pattern\":")
            string(storage, parts[0].indices)
            raw(",\"options\":")
            string(storage, parts[1].indices)
            raw("}}")
        case .javaScript, .symbol:
            raw(element.type == .symbol ? "{\"$symbol\":" : "{\"$code\":")
            string(storage, element.stringRange)
            raw("}")
        case .javaScriptWithScope:
            let codeStart = value.lowerBound + 8
            let length = Int(storage.loadLittleEndian(Int32.self, at: value.lowerBound + 4))
            raw("{\"$code\":")
            string(storage, codeStart..<(codeStart + length - 1))
            raw(",\"$scope\":")
            let scope = try BSONDocument(storage, in: (codeStart + length)..<value.upperBound)
            try write(scope.storage, scope.range, isArray: false, depthMax: depthMax - 1)
            raw("}")
        case .dbPointer:
            raw("{\"$dbPointer\":{\"$ref\":")
            string(storage, (value.lowerBound + 4)..<(value.upperBound - 13))
            raw(",\"$id\":")
            wrapped("$oid", Hex.text(storage[(value.upperBound - 12)..<value.upperBound]))
            raw("}}")
        case .minKey: raw("{\"$minKey\":1}")
        case .maxKey: raw("{\"$maxKey\":1}")
        default: raw("{\"$undefined\":true}")
        }
    }
}
