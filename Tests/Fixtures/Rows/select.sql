SET NAMES utf8mb4;
SET time_zone = '+00:00';
USE fixture;
SELECT 'integers' tbl, id, t, tu, s, su, y, m, mu, d, i, iu, HEX(x), f + 0e0, b, bu, z + 0, bo FROM integers ORDER BY id;
SELECT 'floats' tbl, id, f + 0e0, d, fu + 0e0, du, tail FROM floats ORDER BY id;
SELECT 'decimals' tbl, decimals.* FROM decimals ORDER BY id;
SELECT 'times' tbl, times.* FROM times ORDER BY id;
SELECT 'datetimes' tbl, datetimes.* FROM datetimes ORDER BY id;
SELECT 'timestamps' tbl, timestamps.* FROM timestamps ORDER BY id;
SELECT 'bits' tbl, id, b1 + 0, b6 + 0, b8 + 0, b9 + 0, b12 + 0, b16 + 0, b28 + 0, b64 + 0, tail FROM bits ORDER BY id;
SELECT 'texts' tbl, id, HEX(CONVERT(c USING utf8mb4)), HEX(c255), HEX(v63), HEX(v64), HEX(g), HEX(v3), HEX(va), HEX(tt), CAST(j AS CHAR), HEX(CONVERT(tx USING utf8mb4)), HEX(tm), HEX(tl),
  CONCAT(e + 0, ':', HEX(e)), CONCAT(el + 0, ':', HEX(CONVERT(el USING utf8mb4))), CONCAT(st + 0, ':', HEX(st)), CONCAT(sl + 0, ':', HEX(CONVERT(sl USING utf8mb4))), HEX(vec), tail FROM texts ORDER BY id;
SELECT 'binaries' tbl, id, HEX(b4), HEX(b16), HEX(b255), HEX(vb), HEX(vb300), HEX(tb), HEX(bl), HEX(mb), HEX(lb), tail FROM binaries ORDER BY id;
SELECT 'bigsets' tbl, id, CONCAT(e2 + 0, ':', HEX(e2)), CONCAT(s9 + 0, ':', HEX(s9)), CONCAT(s18 + 0, ':', HEX(s18)), CONCAT(s33 + 0, ':', HEX(s33)), CONCAT(CAST(s64 AS UNSIGNED), ':', HEX(s64)), tail FROM bigsets ORDER BY id;
SELECT 'documents' tbl, id, CAST(j AS CHAR), tail, CAST(late AS CHAR) FROM documents ORDER BY id;
