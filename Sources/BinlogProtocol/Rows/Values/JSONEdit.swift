/// A JSON document to which the differences of an update are applied.
///
/// Only containers on the way to a change are taken apart; everything else stays the bytes that it was. Finding a
/// member is a binary search, as the server keeps members in the order of their names' lengths, then bytes.
struct JSONEdit {
    /// A value: its type and bytes without the type, or a container that was taken apart.
    struct Value {
        enum Place {
            /// Within the event.
            case event(CellRange)
            /// One of ``JSONEdit/containers``.
            case container(Int)
        }

        let type: UInt8
        let place: Place
    }

    struct Member {
        /// Of an object's member; an array's element has none.
        let name: CellRange?
        /// A name that had escapes in its path, and so does not stand in the event as it is.
        let ownName: [UInt8]
        var value: Value
    }

    struct Container {
        let isObject: Bool
        var members: [Member]
    }

    let bytes: [UInt8]
    var containers: [Container] = []
    var root: Value
    /// Members that may still be moved by insertions and removals: a constant times the bytes that came.
    private var moves: Int

    private static let movesPerByte = 64

    /// Applies `differences` to the document in `cell` and appends the new one to `output`.
    ///
    /// - Returns: its place in `output`; nil when it would take more time than the bytes that came are worth.
    /// - Throws: ``DecodingError`` for bytes that are no document, and for a difference that does not fit it.
    static func apply(
        _ differences: [JSONDiffCell], to cell: CellRange, in bytes: [UInt8],
        appendingTo output: inout [UInt8]
    ) throws(DecodingError) -> CellRange? {
        var edit = try JSONEdit(cell, differences, bytes)
        for difference in differences {
            guard try edit.apply(difference) else { return nil }
        }
        return try edit.write(to: &output)
    }

    private init(
        _ cell: CellRange, _ differences: [JSONDiffCell], _ bytes: [UInt8]
    ) throws(DecodingError) {
        self.bytes = bytes
        root = try Self.document(cell, bytes)
        let count = differences.reduce(cell.count) {
            $0 + 2 + $1.path.count + ($1.value?.count ?? 0)
        }
        moves = count * Self.movesPerByte
    }

    /// A whole document, which is checked: nothing that is read of it later can be outside or overlap.
    private static func document(
        _ cell: CellRange, _ bytes: [UInt8]
    ) throws(DecodingError) -> Value {
        guard cell.count > 1 else {
            throw DecodingError(.truncated(needed: 2, available: cell.count), at: cell.start)
        }
        var check = JSONCheck()
        try JSONBinary.walk(cell, in: bytes, visitor: &check)
        return Value(
            type: bytes[cell.start],
            place: .event(CellRange(start: cell.start + 1, count: cell.count - 1)))
    }

    // MARK: Differences

    /// False when it would move too many members.
    private mutating func apply(_ difference: JSONDiffCell) throws(DecodingError) -> Bool {
        let misfit = DecodingError(
            .invalid("JSON difference: its path is not in the document"), at: difference.path.start)
        var legs = try JSONPath(difference.path, in: bytes).legs
        var new: Value?
        if let value = difference.value { new = try Self.document(value, bytes) }
        if difference.operation == .replace {
            guard let new, let slot = try find(legs[...]) else { throw misfit }
            self[slot] = new
            return true
        }
        guard let last = legs.popLast(), let parent = try find(legs[...]),
            let container = try open(parent)
        else { throw misfit }
        let index: Int
        switch (last, containers[container].isObject) {
        case (.member(let name), true):
            let place = search(name, in: container)
            guard place.isFound == (difference.operation == .remove) else { throw misfit }
            index = place.index
            if let new {
                return insert(
                    Member(name: nil, ownName: name, value: new), at: index, of: container)
            }
        case (.element(let position, let isFromEnd), false):
            let count = containers[container].members.count
            index = isFromEnd ? max(0, count - 1 - position) : min(position, count)
            if let new {
                return insert(
                    Member(name: nil, ownName: [], value: new), at: index, of: container)
            }
            guard position < count else { throw misfit }
        default:
            throw misfit
        }
        guard mayMove(containers[container].members.count - index) else { return false }
        containers[container].members.remove(at: index)
        return true
    }

    private mutating func insert(_ member: Member, at index: Int, of container: Int) -> Bool {
        guard mayMove(containers[container].members.count - index) else { return false }
        containers[container].members.insert(member, at: index)
        return true
    }

    private mutating func mayMove(_ count: Int) -> Bool {
        moves -= count
        return moves >= 0
    }

    // MARK: Places

    private enum Slot {
        case root
        case member(Int, of: Int)
    }

    private subscript(slot: Slot) -> Value {
        get {
            switch slot {
            case .root: root
            case .member(let index, let container): containers[container].members[index].value
            }
        }
        set {
            switch slot {
            case .root: root = newValue
            case .member(let index, let container):
                containers[container].members[index].value = newValue
            }
        }
    }

    private mutating func find(_ legs: ArraySlice<JSONPath.Leg>) throws(DecodingError) -> Slot? {
        var slot = Slot.root
        for leg in legs {
            guard let container = try open(slot) else {
                // What is no array is taken for an array of itself.
                guard case .element(0, _) = leg else { return nil }
                continue
            }
            switch (leg, containers[container].isObject) {
            case (.member(let name), true):
                let place = search(name, in: container)
                guard place.isFound else { return nil }
                slot = .member(place.index, of: container)
            case (.element(let position, let isFromEnd), false):
                let count = containers[container].members.count
                guard position < count else { return nil }
                slot = .member(isFromEnd ? count - 1 - position : position, of: container)
            case (.element(0, _), true): continue
            default: return nil
            }
        }
        return slot
    }

    /// Takes the container in `slot` apart, unless it was before; nil for a value that is none.
    private mutating func open(_ slot: Slot) throws(DecodingError) -> Int? {
        let value = self[slot]
        switch value.place {
        case .container(let index): return index
        case .event(let cell):
            guard value.type <= 0x03 else { return nil }
            let container = try JSONContainerReader(bytes, type: value.type, cell).container()
            containers.append(container)
            self[slot] = Value(type: value.type, place: .container(containers.count - 1))
            return containers.count - 1
        }
    }

    /// Where the member with this name is, or would be.
    private func search(_ name: [UInt8], in container: Int) -> (index: Int, isFound: Bool) {
        let members = containers[container].members
        var low = 0
        var high = members.count
        while low < high {
            let middle = (low + high) / 2
            let order = compare(members[middle], name)
            if order == 0 { return (middle, true) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return (low, false)
    }

    private func compare(_ member: Member, _ name: [UInt8]) -> Int {
        let own = nameBytes(member)
        if own.count != name.count { return own.count - name.count }
        for (first, second) in zip(own, name) where first != second {
            return Int(first) - Int(second)
        }
        return 0
    }

    func nameBytes(_ member: Member) -> ArraySlice<UInt8> {
        member.name.map { bytes[$0.range] } ?? member.ownName[...]
    }
}

/// Nothing but the checks of ``JSONBinary``.
private struct JSONCheck: JSONBinaryVisitor {
    mutating func beginObject(count: Int) {}
    mutating func key(_ cell: CellRange, in bytes: [UInt8]) {}
    mutating func endObject() {}
    mutating func beginArray(count: Int) {}
    mutating func endArray() {}
    mutating func null() {}
    mutating func bool(_ value: Bool) {}
    mutating func integer(_ value: Int64) {}
    mutating func unsignedInteger(_ value: UInt64) {}
    mutating func double(_ value: Double) {}
    mutating func string(_ cell: CellRange, in bytes: [UInt8]) {}
    mutating func decimal(_ cell: CellRange, precision: Int, scale: Int, in bytes: [UInt8]) {}
    mutating func temporal(_ text: [UInt8]) {}
    mutating func opaque(type: UInt8, _ cell: CellRange, in bytes: [UInt8]) {}
}
