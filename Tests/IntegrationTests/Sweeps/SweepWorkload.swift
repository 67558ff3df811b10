import BinlogProtocol
import TestSupport

/// About sixty transactions of all shapes, the same in each run, recorded once into a server of their own.
enum SweepWorkload {
    static let database = "sweep"
    /// The collection of values outside of documents.
    static let blobs = "row_changes_blobs"

    /// Settings under which they make batches with several transactions, and transactions with several batches.
    static let settings = [
        "START": "earliest", "BATCH_SIZE": "20", "BATCH_BYTES": "64KiB", "FLUSH_INTERVAL": "5s",
        "EXCLUDE_REGEX": #"sweep\.unseen"#, "RETRY_INITIAL": "2ms", "RETRY_MAX_DELAY": "50ms",
        "RETRY_MAX": "20",
    ]

    /// - Parameter kind: MariaDB is spared what only MySQL knows.
    static func record(on source: ServiceInstance, _ kind: Services.Kind = .mysql) throws {
        let session = try source.root()
        try run(session, ["SET NAMES utf8mb4", "SET time_zone = '+00:00'"])
        let onlyMySQL = kind == .mysql ? differencesAndCompression + empty : []
        for part in [
            tables, singleRows, manyRows, severalTables, documents, onlyMySQL, definitions,
            savepoints, large, statements, branches, rest,
        ] {
            try run(session, part)
        }
    }

    private static let tables = [
        "CREATE DATABASE sweep", "USE sweep",
        "CREATE TABLE orders (id INT PRIMARY KEY AUTO_INCREMENT, customer VARCHAR(40), amount DECIMAL(10,2), note TEXT)",
        "CREATE TABLE items (order_id INT, n INT, sku VARCHAR(20), PRIMARY KEY (order_id, n))",
        "CREATE TABLE docs (id INT PRIMARY KEY, body JSON, raw BLOB, at TIMESTAMP(6) NULL)",
        "CREATE TABLE loose (a INT, b VARCHAR(20))", "CREATE TABLE unseen (id INT PRIMARY KEY)",
    ]

    private static let singleRows =
        (1...10).map {
            "INSERT INTO orders (customer, amount, note) VALUES ('c\($0)', \($0).25, NULL)"
        } + [
            "UPDATE orders SET amount = 7 WHERE id = 3", "UPDATE orders SET id = 1003 WHERE id = 4",
            "DELETE FROM orders WHERE id = 5", "INSERT INTO unseen VALUES (1)",
        ]

    private static let manyRows =
        (1...4).map { rows("orders (customer, amount)", 0..<12, "'many\($0)', %") }
        + [
            "UPDATE orders SET note = 'seen' WHERE customer = 'many2'",
            "DELETE FROM orders WHERE customer = 'many3'",
            "INSERT INTO loose VALUES (1, 'same'), (1, 'same'), (2, NULL)",
            "DELETE FROM loose WHERE a = 1 LIMIT 1",
        ]

    private static let severalTables = (1...5).flatMap { number in
        [
            "BEGIN",
            "INSERT INTO orders (id, customer, amount) VALUES (\(2000 + number), 'x', 1)",
            rows("items", 0..<5, "\(2000 + number), %, 'sku'"),
            "INSERT INTO loose VALUES (\(number), 'with an order')",
            "UPDATE items SET sku = 'other' WHERE order_id = \(2000 + number) AND n > 2", "COMMIT",
        ]
    }

    private static let documents = [
        #"INSERT INTO docs VALUES (1, '{"a": [1, 2.5, null], "b": {"c": "ü"}}', NULL, NULL)"#,
        "INSERT INTO docs VALUES (2, '[]', REPEAT(x'00ff', 10000), '2026-01-02 03:04:05.678901')",
        "UPDATE docs SET body = JSON_SET(body, '$.a[1]', 'new') WHERE id = 1",
        "SET SESSION binlog_row_image = 'MINIMAL'",
        "UPDATE docs SET raw = REPEAT('y', 30000) WHERE id = 2",
        "SET SESSION binlog_row_image = 'FULL'",
    ]

    private static let differencesAndCompression = [
        "SET SESSION binlog_row_value_options = 'PARTIAL_JSON'",
        "UPDATE docs SET body = JSON_SET(body, '$.b.c', 'p') WHERE id = 1",
        "SET SESSION binlog_row_value_options = ''",
        "SET SESSION binlog_transaction_compression = ON",
        "INSERT INTO docs SELECT id + 10, body, raw, at FROM docs",
        "SET SESSION binlog_transaction_compression = OFF",
    ]

    private static let definitions = [
        "ALTER TABLE orders ADD COLUMN extra INT DEFAULT 3 AFTER id",
        "INSERT INTO orders (customer, extra) VALUES ('wide', 9)",
        "CREATE INDEX by_customer ON orders (customer)", "RENAME TABLE loose TO tight",
        "INSERT INTO tight VALUES (9, 'renamed')", "TRUNCATE TABLE tight",
    ]

    private static let savepoints = [
        "BEGIN", "INSERT INTO orders (customer) VALUES ('kept')", "SAVEPOINT a",
        rows("orders (customer)", 0..<30, "'undone%'"), "ROLLBACK TO a",
        "INSERT INTO orders (customer) VALUES ('kept too')", "COMMIT", "BEGIN",
        "INSERT INTO orders (customer) VALUES ('never')", "ROLLBACK",
    ]

    /// Three transactions that are larger than a batch, one of them with rolled-back parts.
    private static let large =
        ["BEGIN"] + (0..<7).map { rows("items", $0 * 10..<$0 * 10 + 10, "3000, %, 'large'") }
        + ["COMMIT", "BEGIN", "UPDATE items SET sku = 'l2' WHERE order_id = 3000"]
        + [
            "SAVEPOINT s", rows("items", 0..<30, "3001, %, 'undone'"), "ROLLBACK TO s",
            "DELETE FROM items WHERE order_id = 3000 AND n < 20", "COMMIT",
        ] + ["BEGIN"]
        + (0..<3).map {
            "INSERT INTO docs VALUES (\(50 + $0), NULL, REPEAT('\($0)', 60000), NULL)"
        } + ["COMMIT"]

    private static let statements = [
        "SET SESSION binlog_format = 'STATEMENT'",
        "UPDATE orders SET note = 'by statement' WHERE customer = 'many1'",
        "INSERT INTO tight VALUES (20, 'by statement')", "SET SESSION binlog_format = 'ROW'",
    ]

    private static let branches = [
        "XA START 'one'", rows("tight", 0..<25, "%, 'xa'"), "XA END 'one'", "XA PREPARE 'one'",
        "XA COMMIT 'one'", "XA START 'two'", "INSERT INTO tight VALUES (60, 'xa')", "XA END 'two'",
        "XA PREPARE 'two'", "XA ROLLBACK 'two'", "XA START 'three'",
        "INSERT INTO tight VALUES (61, 'xa')", "XA END 'three'", "XA COMMIT 'three' ONE PHASE",
    ]

    private static let empty =
        (1...3).flatMap {
            [
                "SET gtid_next = '77777777-7777-7777-7777-777777777777:\($0 * 2)'", "BEGIN",
                "COMMIT",
            ]
        } + ["SET gtid_next = AUTOMATIC"]

    private static let rest =
        (1...6).map { "UPDATE orders SET amount = amount + \($0) WHERE id = 2001" }
        + ["DROP TABLE unseen"]

    /// One INSERT whose rows have each number in the place of `%`.
    private static func rows(_ table: String, _ numbers: Range<Int>, _ values: String) -> String {
        let all = numbers.map { "(\(values.replacing("%", with: "\($0)")))" }
        return "INSERT INTO \(table) VALUES \(all.joined(separator: ","))"
    }
}
