/// What a statement answered: the rows as text, NULL as nil.
package struct TextResult: Sendable, Equatable {
    package let columns: [String]
    package let rows: [[String?]]

    package init(columns: [String], rows: [[String?]]) {
        self.columns = columns
        self.rows = rows
    }

    /// The only value of the only row and column; nil when it is NULL or the shape is another.
    package var singleValue: String? {
        guard rows.count == 1, rows[0].count == 1 else { return nil }
        return rows[0][0]
    }

    /// The rows of a result with two columns as a dictionary; NULLs are left out.
    package var dictionary: [String: String] {
        var values: [String: String] = [:]
        for row in rows where row.count == 2 {
            if let key = row[0], let value = row[1] { values[key] = value }
        }
        return values
    }
}
