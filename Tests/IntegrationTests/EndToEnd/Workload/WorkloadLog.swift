/// What a workload did, as far as the audit trail must show it.
struct WorkloadLog {
    /// How many row changes a committed statement made.
    enum RowCount: Equatable {
        case exactly(Int)
        /// A statement whose count the server does not tell, like REPLACE.
        case atLeast(Int)

        func allows(_ found: Int) -> Bool {
            switch self {
            case .exactly(let count): found == count
            case .atLeast(let count): found >= count
            }
        }
    }

    /// What a DDL statement means for the rows that are there.
    enum Definition {
        case create
        case addColumn(database: String, table: String, field: String, value: AuditValue)
        case dropColumn(database: String, table: String, field: String)
        case empty(database: String, table: String)
        case rename(database: String, from: String, to: String)
        /// Rows stay as they are.
        case other
    }

    /// A statement by the number in its leading comment.
    struct Statement {
        let id: String
        let count: RowCount
    }

    /// Committed statements by the number in their leading comment.
    var committed: [String: RowCount] = [:]
    /// Statements whose changes never happened.
    var undone: Set<String> = []
    /// Statements of transactions whose commit nobody answered: all of one happened, or none.
    var uncertain: [[Statement]] = []
    var definitions: [String: Definition] = [:]
    /// Statements that made a table with its rows.
    var copied: Set<String> = []
    var transactions = 0
    var rolledBack = 0

    mutating func merge(_ other: WorkloadLog) {
        committed.merge(other.committed) { one, _ in one }
        undone.formUnion(other.undone)
        uncertain += other.uncertain
        definitions.merge(other.definitions) { one, _ in one }
        copied.formUnion(other.copied)
        transactions += other.transactions
        rolledBack += other.rolledBack
    }
}
