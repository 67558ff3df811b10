internal import BinlogProtocol

extension DocumentSequence {
    /// How many of the documents tell of something that is missing.
    package var gapCount: Int {
        get throws(DecodingError) {
            var count = 0
            for index in 0..<self.count {
                if try document(index).element("op")?.isGap == true { count += 1 }
            }
            return count
        }
    }
}

extension BSONElement {
    fileprivate var isGap: Bool {
        type == .string && stringBytes.elementsEqual(ChangeOperation.gap.rawValue.utf8)
    }
}
