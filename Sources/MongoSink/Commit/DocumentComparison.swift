package import BinlogProtocol

/// Whether a stored document tells the same change as the one that would be stored under its `_id`.
///
/// Read from the same place of the same log, both must be equal, except for what our settings decide. Read from another
/// server, a change has another binlog position and session, perhaps no query text, and other columns when that server logs
/// another row image (`binlog_row_image`, `binlog_row_value_options`). What both have must be equal then. A value that stands
/// in one document may stand outside of the other, which has more beside it.
package enum DocumentComparison {
    /// What a comparison found.
    package enum Verdict: Sendable, Equatable {
        case same
        /// The same as far as both tell it; one of them has columns, or values of columns, that the other has not.
        case sameInOtherImage
        case different
    }

    /// Fields of `src` that depend on the server that was read.
    private static let serverFields: Set<String> = [
        "binlog", "thread", "xid", "query", "queryBytes", "schema",
    ]

    private typealias Fields = [String: BSONElement]

    package static func compare(
        _ stored: BSONDocument, _ ours: BSONDocument
    ) throws(DecodingError) -> Verdict {
        var theirs = try fields(stored)
        var mine = try fields(ours)
        theirs["tsLocal"] = nil
        mine["tsLocal"] = nil
        // FULL_IMAGES may have been set at one time and not at the other.
        var isInOtherImages = false
        for image in ["before", "after"] where theirs[image] == nil || mine[image] == nil {
            if theirs[image] != nil || mine[image] != nil { isInOtherImages = true }
            theirs[image] = nil
            mine[image] = nil
        }
        guard theirs.keys == mine.keys else { return .different }
        let isFromSameLog = try sameLog(stored, ours)
        let operation = theirs["op"]?.string
        let moved = MovedValueComparison(theirs["_id"])
        var verdict = Verdict.same
        for (name, their) in theirs {
            guard let my = mine[name] else { return .different }
            if equal(their, my) { continue }
            // Another version may say in other words why something could not be decoded.
            guard !isFromSameLog || name == "gap" || (name == "chg" && isInOtherImages),
                let theirDocument = try their.document,
                let myDocument = try my.document
            else { return .different }
            let left = try fields(theirDocument)
            let right = try fields(myDocument)
            switch name {
            case "src":
                guard sameSource(left, right) else { return .different }
            case "gap":
                guard sameGap(left, right, isFromSameLog: isFromSameLog) else { return .different }
            case "chg" where isFromSameLog:
                guard try sameValues(left, right, isUpdate: operation == "u", moved) else {
                    return .different
                }
            case "chg":
                let isSame =
                    operation == "u"
                    ? try sameUpdate(left, right, moved) : try sameRow(left, right, moved)
                guard isSame else { return .different }
                verdict = .sameInOtherImage
            case "before", "after":
                guard try agree(left, right, moved) else { return .different }
                verdict = .sameInOtherImage
            default: return .different
            }
        }
        return verdict
    }

    /// Two servers may have a transaction at the same place of files with the same name, but hardly with the same number of
    /// their storage engines.
    private static func sameLog(
        _ stored: BSONDocument, _ ours: BSONDocument
    ) throws(DecodingError) -> Bool {
        guard let theirs = try stored.element("src", "binlog"),
            let mine = try ours.element("src", "binlog"), equal(theirs, mine)
        else { return false }
        guard let their = try stored.integer("src", "xid"), let my = try ours.integer("src", "xid")
        else { return true }
        return their == my
    }

    private static func sameSource(_ left: Fields, _ right: Fields) -> Bool {
        same(left, right, except: serverFields)
    }

    /// An event's place and its header are another server's.
    private static func sameGap(
        _ left: Fields, _ right: Fields, isFromSameLog: Bool
    ) -> Bool {
        same(left, right, except: isFromSameLog ? ["detail"] : ["detail", "from", "to", "raw"])
    }

    private static func same(
        _ left: Fields, _ right: Fields, except others: Set<String>
    ) -> Bool {
        let theirs = left.filter { !others.contains($0.key) }
        let mine = right.filter { !others.contains($0.key) }
        return theirs.keys == mine.keys
            && theirs.allSatisfy { name, their in mine[name].map { equal(their, $0) } ?? false }
    }

    /// The same columns with the same values, wherever these stand.
    private static func sameValues(
        _ left: Fields, _ right: Fields, isUpdate: Bool, _ moved: MovedValueComparison
    ) throws(DecodingError) -> Bool {
        guard left.keys == right.keys else { return false }
        for (name, their) in left {
            guard let my = right[name] else { return false }
            if try same(their, my, moved) { continue }
            guard isUpdate, let theirs = try their.document, let mine = try my.document,
                try sameValues(fields(theirs), fields(mine), isUpdate: false, moved)
            else { return false }
        }
        return true
    }

    /// An update: with MINIMAL images all columns that were set, without old values; with FULL ones those that changed.
    private static func sameUpdate(
        _ left: Fields, _ right: Fields, _ moved: MovedValueComparison
    ) throws(DecodingError) -> Bool {
        let common = Set(left.keys).intersection(right.keys)
        guard !common.isEmpty else { return false }
        for name in common {
            guard let their = try left[name]?.document, let my = try right[name]?.document else {
                return false
            }
            guard try sameColumn(fields(their), fields(my), moved) else { return false }
        }
        return true
    }

    /// One column of an update; PARTIAL_JSON tells as differences (`diff`) what another image tells as a value (`t`).
    private static func sameColumn(
        _ left: Fields, _ right: Fields, _ moved: MovedValueComparison
    ) throws(DecodingError) -> Bool {
        guard (left["diff"] == nil) != (right["diff"] == nil) else {
            return try agree(left, right, moved)
        }
        let (partial, whole) = left["diff"] == nil ? (right, left) : (left, right)
        guard partial["t"] == nil, whole["t"] != nil else { return false }
        guard let their = partial["f"], let my = whole["f"] else { return true }
        return try same(their, my, moved)
    }

    /// An inserted or deleted row: one image holds all columns of the other, and those are equal.
    private static func sameRow(
        _ left: Fields, _ right: Fields, _ moved: MovedValueComparison
    ) throws(DecodingError) -> Bool {
        let (fewer, more) = left.count <= right.count ? (left, right) : (right, left)
        for (name, their) in fewer {
            guard let my = more[name], try same(their, my, moved) else { return false }
        }
        return true
    }

    /// Whether there is something that both have, and all of that is equal.
    private static func agree(
        _ left: Fields, _ right: Fields, _ moved: MovedValueComparison
    ) throws(DecodingError) -> Bool {
        var isAnythingCommon = false
        for (name, their) in left {
            guard let my = right[name] else { continue }
            guard try same(their, my, moved) else { return false }
            isAnythingCommon = true
        }
        return isAnythingCommon
    }

    private static func same(
        _ left: BSONElement, _ right: BSONElement, _ moved: MovedValueComparison
    ) throws(DecodingError) -> Bool {
        if equal(left, right) { return true }
        return try moved.isSame(left, right)
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
