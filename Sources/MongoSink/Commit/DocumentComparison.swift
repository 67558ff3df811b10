package import BinlogProtocol

/// Whether a stored document tells the same change as the one that would be stored under its `_id`.
///
/// Read from the same place of the same log, both must be equal, except for what our settings decide. Read from another
/// server, a change has another binlog position and session, perhaps no query text; an update may have other columns,
/// as another row image carries them. What both have must be equal then, and they must have something in common.
package enum DocumentComparison {
    /// Fields of `src` that depend on the server that was read.
    private static let serverFields: Set<String> = [
        "binlog", "thread", "xid", "query", "queryBytes", "schema",
    ]

    private typealias Fields = [String: BSONElement]

    package static func sameChange(
        _ stored: BSONDocument, _ ours: BSONDocument
    ) throws(DecodingError) -> Bool {
        var theirs = try fields(stored)
        var mine = try fields(ours)
        theirs["tsLocal"] = nil
        mine["tsLocal"] = nil
        // FULL_IMAGES may have been set at one time and not at the other.
        for image in ["before", "after"] where theirs[image] == nil || mine[image] == nil {
            theirs[image] = nil
            mine[image] = nil
        }
        guard theirs.keys == mine.keys else { return false }
        let isFromSameLog = try sameLog(stored, ours)
        let isUpdate = theirs["op"]?.string == "u"
        for (name, their) in theirs {
            guard let my = mine[name] else { return false }
            if equal(their, my) { continue }
            // Another version may say in other words why something could not be decoded.
            guard !isFromSameLog || name == "gap", let theirDocument = try their.document,
                let myDocument = try my.document
            else { return false }
            let left = try fields(theirDocument)
            let right = try fields(myDocument)
            let isSame =
                switch name {
                case "src": sameSource(left, right)
                case "gap": sameGap(left, right, isFromSameLog: isFromSameLog)
                case "chg": try sameColumns(left, right, mayDiffer: isUpdate)
                case "before", "after": agree(left, right)
                default: false
                }
            guard isSame else { return false }
        }
        return true
    }

    private static func sameLog(
        _ stored: BSONDocument, _ ours: BSONDocument
    ) throws(DecodingError) -> Bool {
        guard let theirs = try stored.element("src", "binlog"),
            let mine = try ours.element("src", "binlog")
        else { return false }
        return equal(theirs, mine)
    }

    private static func sameSource(_ left: Fields, _ right: Fields) -> Bool {
        let theirs = left.filter { !serverFields.contains($0.key) }
        let mine = right.filter { !serverFields.contains($0.key) }
        return theirs.keys == mine.keys && agree(theirs, mine)
    }

    /// An event's place and its header are another server's.
    private static func sameGap(
        _ left: Fields, _ right: Fields, isFromSameLog: Bool
    ) -> Bool {
        let others: Set<String> = isFromSameLog ? ["detail"] : ["detail", "from", "to", "raw"]
        let theirs = left.filter { !others.contains($0.key) }
        let mine = right.filter { !others.contains($0.key) }
        return theirs.keys == mine.keys && agree(theirs, mine)
    }

    private static func sameColumns(
        _ left: Fields, _ right: Fields, mayDiffer: Bool
    ) throws(DecodingError) -> Bool {
        let common = Set(left.keys).intersection(right.keys)
        guard mayDiffer ? !common.isEmpty : left.keys == right.keys else { return false }
        for name in common {
            guard let their = try left[name]?.document, let my = try right[name]?.document else {
                return false
            }
            let theirs = try fields(their)
            let mine = try fields(my)
            guard mayDiffer || theirs.keys == mine.keys, agree(theirs, mine) else { return false }
        }
        return true
    }

    /// Whether there is something that both have, and all of that is equal.
    private static func agree(_ left: Fields, _ right: Fields) -> Bool {
        var isAnythingCommon = false
        for (name, their) in left {
            guard let my = right[name] else { continue }
            guard equal(their, my) else { return false }
            isAnythingCommon = true
        }
        return isAnythingCommon
    }

    private static func equal(_ left: BSONElement, _ right: BSONElement) -> Bool {
        left.type == right.type && left.valueBytes == right.valueBytes
    }

    private static func fields(_ document: BSONDocument) throws(DecodingError) -> Fields {
        var fields: Fields = [:]
        var cursor = document.elements()
        while let element = try cursor.next() { fields[element.name] = element }
        return fields
    }
}
