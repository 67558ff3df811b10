package import BinlogProtocol

/// Whether a stored document tells the same change as the one that would be stored under its `_id`.
///
/// The same transaction read from another server, from a file or with other settings has another binlog
/// position, session and local time, perhaps without query text; with another row image it has fewer columns.
/// What both have must be equal.
package enum DocumentComparison {
    /// Fields at the top that depend on our settings only.
    private static let settingsFields: Set<String> = ["tsLocal", "before", "after"]
    /// Fields of `src` that depend on the server that was read.
    private static let serverFields: Set<String> = [
        "binlog", "thread", "xid", "query", "queryBytes", "schema",
    ]

    package static func sameChange(
        _ stored: BSONDocument, _ ours: BSONDocument
    ) throws(DecodingError) -> Bool {
        let storedFields = try fields(stored, except: settingsFields)
        let ourFields = try fields(ours, except: settingsFields)
        guard storedFields.keys == ourFields.keys else { return false }
        for (name, theirs) in storedFields {
            guard let mine = ourFields[name] else { return false }
            switch name {
            case "src": guard try sameSource(theirs, mine) else { return false }
            case "chg": guard try sameColumns(theirs, mine) else { return false }
            default: guard equal(theirs, mine) else { return false }
            }
        }
        return true
    }

    private static func sameSource(
        _ theirs: BSONElement, _ mine: BSONElement
    ) throws(DecodingError) -> Bool {
        guard let theirs = try theirs.document, let mine = try mine.document else { return false }
        let left = try fields(theirs, except: serverFields)
        let right = try fields(mine, except: serverFields)
        guard left.keys == right.keys else { return false }
        for (name, element) in left {
            guard let other = right[name], equal(element, other) else { return false }
        }
        return true
    }

    private static func sameColumns(
        _ theirs: BSONElement, _ mine: BSONElement
    ) throws(DecodingError) -> Bool {
        guard let theirs = try theirs.document, let mine = try mine.document else {
            return equal(theirs, mine)
        }
        let left = try fields(theirs, except: [])
        let right = try fields(mine, except: [])
        for (name, element) in left {
            guard let other = right[name] else { continue }
            guard let values = try element.document, let others = try other.document else {
                return false
            }
            for side in ["f", "t"] {
                guard let value = try values.element(side), let other = try others.element(side)
                else { continue }
                guard equal(value, other) else { return false }
            }
        }
        return true
    }

    private static func equal(_ left: BSONElement, _ right: BSONElement) -> Bool {
        left.type == right.type && left.valueBytes == right.valueBytes
    }

    private static func fields(
        _ document: BSONDocument, except ignored: Set<String>
    ) throws(DecodingError) -> [String: BSONElement] {
        var fields: [String: BSONElement] = [:]
        var cursor = document.elements()
        while let element = try cursor.next() {
            let name = element.name
            if !ignored.contains(name) { fields[name] = element }
        }
        return fields
    }
}
