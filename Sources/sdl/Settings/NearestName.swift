/// Finds the name that somebody probably meant.
package enum NearestName {
    /// The candidate that the fewest single-character edits turn into `name`.
    ///
    /// Nil when even the best one differs in more than a third of its characters.
    package static func nearest(to name: String, among candidates: [String]) -> String? {
        let scored = candidates.map { (name: $0, distance: distance(name, $0)) }
        guard let best = scored.min(by: { $0.distance < $1.distance }),
            best.distance * 3 <= max(name.count, best.name.count)
        else { return nil }
        return best.name
    }

    /// Single-character insertions, removals and changes between `left` and `right`.
    package static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (line, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for column in right.indices {
                let change = diagonal + (character == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(change, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
