/// Which tables are followed: those that `include` matches and `exclude` does not.
///
/// Both patterns are matched, case-sensitively, against the whole of `database.table`. The answer
/// for a table never changes, so callers ask once per table.
package struct TableFilter: Sendable {
    package let include: TablePattern
    package let exclude: TablePattern

    package init(include: TablePattern, exclude: TablePattern) {
        self.include = include
        self.exclude = exclude
    }

    /// Whether the changes of `table` in `database` are recorded.
    package func includes(database: String, table: String) -> Bool {
        let name = "\(database).\(table)"
        return include.matches(name) && !exclude.matches(name)
    }
}
