-- What only MariaDB has; scripts/make-fixtures runs it.
CREATE DATABASE shop CHARACTER SET utf8mb4;
USE shop;
SET NAMES utf8mb4;
CREATE TABLE own (
    id INT PRIMARY KEY, u UUID, four INET4, six INET6, doc JSON, packed VARCHAR(200) COMPRESSED,
    blobs BLOB COMPRESSED) CHARACTER SET utf8mb4;
INSERT INTO own VALUES
    (1, '123e4567-e89b-12d3-a456-426655440000', '192.168.0.1', '2001:db8::1', '{"a":1,  "b": [ ]}', REPEAT('é', 200), x'00ff'),
    (2, NULL, NULL, NULL, NULL, NULL, NULL);
UPDATE own SET four = '0.0.0.0', six = '::', packed = 'short' WHERE id = 1;
CREATE SEQUENCE numbers START 5 CACHE 3;
SELECT NEXTVAL(numbers);
CREATE TABLE history (id INT PRIMARY KEY, x INT) WITH SYSTEM VERSIONING;
INSERT INTO history VALUES (1, 1);
UPDATE history SET x = 2;
DELETE FROM history;
SET SESSION gtid_domain_id = 7;
INSERT INTO own (id) VALUES (3);
CREATE TABLE old_engine (v INT) ENGINE = MyISAM;
INSERT INTO old_engine VALUES (7);
BEGIN;
INSERT INTO old_engine VALUES (8);
INSERT INTO own (id) VALUES (4);
ROLLBACK;
