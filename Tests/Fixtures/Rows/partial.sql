-- Updates whose row events hold differences of JSON documents. After each, what SELECT prints goes into the log too.
CREATE DATABASE partial;
USE partial;
SET SESSION binlog_rows_query_log_events = OFF;
CREATE TABLE docs (id INT PRIMARY KEY, note VARCHAR(20), doc JSON, other JSON, third JSON);
CREATE TABLE seen (id INT, doc LONGTEXT, other LONGTEXT, third LONGTEXT);
INSERT INTO docs VALUES
    (1, 'small', '{"a": 1, "deep": {"b": [{"c": 1}, 2]}, "list": [1, 2, 3], "q r": "text"}', '[1, {"z": 2}]', NULL),
    (2, 'large', JSON_SET('{"a": 1, "deep": {"b": [{"c": 1}, 2]}, "list": [1, 2, 3], "q r": "text"}', '$.pad', REPEAT('p', 65500)), '{}', '"scalar"'),
    (3, 'padded', JSON_SET('{"a": 1, "deep": {"b": [{"c": 1}, 2]}, "list": [1, 2, 3], "q r": "text"}', '$.room', REPEAT('r', 300)), '{"k": {"l": []}}', '7');
SET SESSION binlog_row_value_options = PARTIAL_JSON;

UPDATE docs SET doc = JSON_SET(doc, '$.a', 2, '$."q r"', 'changed', '$.list[3]', 4);
INSERT INTO seen SELECT id, doc, other, third FROM docs ORDER BY id;
UPDATE docs SET doc = JSON_REPLACE(doc, '$.list[last-1]', 99.5, '$.deep.b[0].c', CAST('{"n": [1, {"m": null}]}' AS JSON), '$.a', TRUE) WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET doc = JSON_REMOVE(doc, '$.list[last]', '$.list[0]', '$."q r"') WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET doc = JSON_SET(doc, '$.zz', CAST(12345678901234567890 AS UNSIGNED), '$.z', -70000, '$."longer name"', REPEAT('x', 200)) WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET doc = JSON_SET(doc, '$.deep.b[0].c.n[1].m', CAST('2026-11-23 10:30:00.123456' AS DATETIME(6)), '$.deep.b[5]', 'appended') WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET doc = JSON_REMOVE(doc, '$.deep.b[0].c.n', '$.zz') WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET doc = JSON_SET(doc, '$."quote \\" and \\\\ and . and ["', 1, '$."\u00fc \U0001F600"', 2) WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET doc = JSON_SET(doc, '$."quote \\" and \\\\ and . and ["', 3, '$."\u00fc \U0001F600"', JSON_ARRAY(1, 2)) WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET doc = JSON_SET(doc, '$."tab\\t"', 1) WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET doc = JSON_SET(doc, '$."tab\\t"', CAST(0x00FF10 AS BINARY)) WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET doc = JSON_SET(doc, '$.big', JSON_ARRAY(1, 70000, -1, 3000000000, 1e300, 'x')) WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET doc = JSON_SET(doc, '$.big[1]', NULL, '$.big[4]', FALSE, '$.big[6]', CAST('12:00:00' AS TIME)) WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET doc = JSON_REPLACE(doc, '$.a', 'x') WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET doc = JSON_REMOVE(doc, '$.a', '$.z', '$.big', '$.deep') WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET doc = JSON_SET(JSON_SET(doc, '$.a', 1), '$.b', JSON_OBJECT('k', JSON_OBJECT())) WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET doc = JSON_SET(doc, '$.b.k.first', 1, '$.b.k.ab', 2, '$.b.k.aa', 3, '$.b.k.b', 4, '$.b.k.a', 5) WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET doc = JSON_REMOVE(JSON_REPLACE(JSON_SET(doc, '$.b.k.zzz', 6), '$.b.k.a', 7), '$.b.k.first') WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET doc = JSON_SET(doc, '$', JSON_ARRAY(1, 2, JSON_ARRAY(3))) WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET doc = JSON_ARRAY_INSERT(doc, '$[0]', 'first', '$[last]', 'before last', '$[99]', 'end') WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET doc = JSON_ARRAY_APPEND(doc, '$[2]', 'wrapped', '$', 'tail') WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET doc = JSON_SET(doc, '$[0][0]', 'itself', '$[last][last]', 'too') WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET doc = JSON_REMOVE(doc, '$[2][0]', '$[last-2]', '$[1]') WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
-- Several documents at once, one of them with an ordinary assignment, and rows of which some change nothing.
UPDATE docs SET other = JSON_SET(other, '$[0]', 'x', '$.k', 1), doc = JSON_SET(doc, '$.new', 1), note = 'both' WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET third = JSON_OBJECT('t', id), other = JSON_SET(other, '$.k', id - 1), note = CONCAT(note, id) WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET third = JSON_SET(third, '$.t', 1), other = NULL WHERE id = 1;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
UPDATE docs SET third = JSON_REMOVE(third, '$.t'), doc = JSON_REPLACE(doc, '$[0]', 0), other = '[]' WHERE id <> 2;
INSERT INTO seen SELECT id, doc, other, third FROM docs WHERE id <> 2 ORDER BY id;
-- Images that leave columns out: the old documents are not there, the differences are.
SET SESSION binlog_row_image = MINIMAL;
UPDATE docs SET doc = JSON_SET(doc, '$[0]', 'minimal', '$[1]', JSON_OBJECT('m', 1)), third = JSON_REMOVE(third, '$.nothing'), note = 'm' WHERE id = 1;
UPDATE docs SET third = JSON_SET(third, '$', 1.50) WHERE id = 2;
SET SESSION binlog_row_image = NOBLOB;
UPDATE docs SET doc = JSON_REMOVE(doc, '$[last]') WHERE id = 3;
