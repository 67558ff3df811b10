import BinlogProtocol
import TestSupport

/// Transactions with values that no document can hold, recorded once into a server of their own.
enum LargeValueWorkload {
    static let settings = SweepWorkload.settings.merging(["MEMORY_LIMIT": "16MiB"]) { $1 }

    static func record(on source: ServiceInstance) throws {
        try run(
            try source.root(),
            [
                "CREATE DATABASE sweep", "USE sweep",
                "CREATE TABLE b (id INT PRIMARY KEY, body LONGBLOB, note VARCHAR(20))",
                "INSERT INTO b VALUES (1, 'small', 'first')",
                // Beside small rows, as parts of a large transaction.
                "BEGIN", "INSERT INTO b VALUES (2, REPEAT('a', 17000000), 'large')",
                "INSERT INTO b VALUES (3, 'small', 'between')", "COMMIT",
                // Both images, and one that was undone.
                "BEGIN", "UPDATE b SET body = CONCAT(body, 'b') WHERE id = 2", "SAVEPOINT s",
                "INSERT INTO b VALUES (4, REPEAT('c', 17000000), 'undone')", "ROLLBACK TO s",
                "INSERT INTO b VALUES (5, 'small', 'behind')", "COMMIT",
                // Large only together, and a column that did not change.
                "UPDATE b SET note = 'same body' WHERE id = 2",
                "INSERT INTO b VALUES (6, REPEAT('d', 9000000), 'half')",
                "UPDATE b SET body = REPEAT('e', 9000000) WHERE id = 6",
                "INSERT INTO b VALUES (7, 'small', 'last')",
            ])
    }
}
