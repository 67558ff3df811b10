-- What the logs in this folder record, each on a server with other settings; scripts/make-fixtures runs it. Only what both
-- MySQL and MariaDB know.
CREATE DATABASE shop CHARACTER SET utf8mb4;
USE shop;
SET NAMES utf8mb4;
SET sql_mode = 'ALLOW_INVALID_DATES';
CREATE TABLE orders (
    id INT UNSIGNED PRIMARY KEY, status ENUM('new', 'paid', 'sent') NOT NULL, flags SET('a', 'b', 'c'), total DECIMAL(12, 3),
    small TINYINT, big BIGINT UNSIGNED, weight DOUBLE, ratio FLOAT, bits BIT(9), note VARCHAR(80),
    latin VARCHAR(20) CHARACTER SET latin1, chinese VARCHAR(20) CHARACTER SET gbk, raw BINARY(4), bytes BLOB, day DATE,
    at DATETIME(3), took TIME(2), seen TIMESTAMP(3) NULL, year YEAR, doc JSON, place GEOMETRY);
INSERT INTO orders VALUES
    (1, 'new', 'a,c', 12.500, -1, 18446744073709551615, 0.1, 0.1, b'101100111', 'h€llo 🍔', 'café', '乪', x'ff010000',
     x'0001ff', '2026-11-23', '2026-11-23 10:30:00.125', '-00:00:01.10', '2026-11-23 10:30:00.125', 2026,
     '{"a": [1, 2.5, null, {"b": "x"}], "name": "a longer text than the one that comes instead"}',
     ST_GeomFromText('POINT(1 2)')),
    (4000000000, 'paid', '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-02-31', '0000-00-00',
     NULL, NULL, NULL, NULL, NULL);
BEGIN;
UPDATE orders SET status = 'sent', total = total + 1 WHERE id = 1;
UPDATE orders SET doc = JSON_SET(doc, '$.a[0]', 7, '$.name', 'short') WHERE id = 1;
UPDATE orders SET bytes = x'02', id = 2 WHERE id = 1;
COMMIT;
INSERT INTO orders (id, status, note) VALUES (10, 'new', REPEAT('again and ', 8)), (11, 'new', REPEAT('again and ', 8));
DELETE FROM orders WHERE id IN (2, 10);
CREATE TABLE pairs (a INT, b VARCHAR(10), c INT, PRIMARY KEY (b, a));
INSERT INTO pairs VALUES (1, 'x', 10), (2, 'y', NULL);
UPDATE pairs SET c = c + 1;
CREATE TABLE loose (v INT, w TEXT);
INSERT INTO loose VALUES (1, 'one'), (1, 'one');
UPDATE loose SET v = 2 LIMIT 1;
DELETE FROM loose WHERE v = 2;
BEGIN;
INSERT INTO pairs VALUES (3, 'z', 1);
SAVEPOINT one;
INSERT INTO pairs VALUES (4, 'z', 1);
ROLLBACK TO SAVEPOINT one;
COMMIT;
XA START 'one', 'b', 5;
INSERT INTO pairs VALUES (5, 'xa', 1);
XA END 'one', 'b', 5;
XA PREPARE 'one', 'b', 5;
XA ROLLBACK 'one', 'b', 5;
ALTER TABLE pairs ADD COLUMN `we.ird$` INT FIRST;
INSERT INTO pairs (`we.ird$`, a, b) VALUES (5, 6, 'w');
SET SESSION binlog_format = STATEMENT;
UPDATE pairs SET c = 9;
SET SESSION binlog_format = ROW;
CREATE TABLE copied AS SELECT id, status FROM orders;
TRUNCATE TABLE loose;
DROP TABLE copied, loose;
