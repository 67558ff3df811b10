/// The savepoints of a transaction, in their order; an application can set one for each of its statements.
struct Savepoints: Sendable {
    /// A place in the transaction that it can be rolled back to.
    private struct Savepoint: Sendable {
        let name: String
        /// The number of the last change before it.
        let changeCount: Int64
    }

    private var stack: [Savepoint] = []
    /// Where in `stack` a name was set last; what stands there under the same name from before is void.
    private var places: [String: Int] = [:]

    /// Sets a savepoint, in the place of an earlier one of the same name.
    mutating func set(_ name: String, changeCount: Int64) {
        let key = name.lowercased()
        places[key] = stack.count
        stack.append(Savepoint(name: key, changeCount: changeCount))
        if stack.count > 2 * places.count + 16 { compact() }
    }

    /// Removes what is void, so that one name set again and again takes no memory.
    private mutating func compact() {
        var place = -1
        stack = stack.filter { savepoint in
            place += 1
            return places[savepoint.name] == place
        }
        for (place, savepoint) in stack.enumerated() { places[savepoint.name] = place }
    }

    /// Drops the savepoints after the one with this name and gives the number of the last change before that one; nil
    /// when there is none.
    mutating func rollBack(to name: String) -> Int64? {
        guard let place = places[name.lowercased()] else { return nil }
        while stack.count > place + 1 {
            let dropped = stack.removeLast()
            if places[dropped.name] == stack.count { places[dropped.name] = nil }
        }
        return stack[place].changeCount
    }

    mutating func removeAll() {
        stack.removeAll()
        places.removeAll()
    }
}
