-- What the fixture mysql-9.7.binlog records; scripts/make-fixtures runs it on a server of its own.
CREATE DATABASE shop;
USE shop;
SET NAMES utf8mb4;
SET timestamp = 1795429807.25;
CREATE TABLE orders (
    id INT UNSIGNED PRIMARY KEY, status ENUM('new', 'paid', 'sent') NOT NULL, total DECIMAL(10, 2),
    flags SET('a', 'b', 'c'), note VARCHAR(60), latin VARCHAR(20) CHARACTER SET latin1, raw BINARY(4),
    big BIGINT UNSIGNED, weight DOUBLE, ratio FLOAT, bits BIT(9), day DATE, at DATETIME(3), took TIME(2),
    seen TIMESTAMP(3) NULL, exact TIMESTAMP(6) NULL, year YEAR, doc JSON);
INSERT INTO orders VALUES
    (1, 'new', 12.50, 'a,c', 'h€llo 🍔', 'café', x'ff010000', 18446744073709551615, 0.1, 0.1, b'101100111',
     '2026-11-23', '2026-11-23 10:30:00.125', '-00:00:01.10', '2026-11-23 10:30:00.125',
     '2026-11-23 10:30:00.123456', 2026, '{"a": [1, 2.5, null, {"b": "x"}], "": true}'),
    (2, 'paid', NULL, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
BEGIN;
UPDATE orders SET status = 'sent', total = total + 1 WHERE id = 1;
UPDATE orders SET id = 20 WHERE id = 2;
DELETE FROM orders WHERE id = 20;
COMMIT;
CREATE TABLE pairs (a INT, b VARCHAR(10), c INT, PRIMARY KEY (b, a));
CREATE TABLE loose (v INT);
BEGIN;
INSERT INTO pairs VALUES (1, 'x', 10);
SAVEPOINT one;
INSERT INTO loose VALUES (1), (1);
ROLLBACK TO SAVEPOINT one;
INSERT INTO loose VALUES (2);
COMMIT;
CREATE TABLE old_engine (v INT) ENGINE = MyISAM;
INSERT INTO old_engine VALUES (7);
SET SESSION gtid_next = 'AUTOMATIC:nightly';
UPDATE pairs SET c = 11 WHERE a = 1;
SET SESSION gtid_next = 'AUTOMATIC';
SET SESSION binlog_format = STATEMENT;
UPDATE pairs SET c = c + 1;
SET SESSION binlog_format = ROW;
SET SESSION binlog_transaction_compression = ON;
INSERT INTO orders (id, status, note) SELECT 100 + n, 'new', REPEAT('again ', 8)
    FROM (WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t WHERE n < 20) SELECT n FROM t) AS numbers;
SET SESSION binlog_transaction_compression = OFF;
CREATE TABLE copied AS SELECT id, status FROM orders WHERE id < 100;
ALTER TABLE pairs ADD COLUMN `we.ird$` INT FIRST, ADD INDEX (c);
INSERT INTO pairs (`we.ird$`, a, b, c) VALUES (5, 2, 'y', NULL);
TRUNCATE TABLE loose;
DROP TABLE copied, old_engine;
