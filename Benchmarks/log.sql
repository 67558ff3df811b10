-- The rows of the benchmark's log: `:first` is the first id of a thousand.
INSERT INTO bench.orders
WITH RECURSIVE ids (n) AS (SELECT :first UNION ALL SELECT n + 1 FROM ids WHERE n < :first + 999)
SELECT n, n * 7 % 100003, n % 100, ELT(n % 3 + 1, 'new', 'paid', 'sent'), n % 100000 / 7, n * 1000003 % 999983 / 13,
    n / 3, n / 9, CONCAT('Customer number ', n), CONCAT('A note of some length, as people write them: ', SHA2(n, 256)),
    '2026-01-01' + INTERVAL n * 1234 MICROSECOND + INTERVAL n SECOND, '2026-01-01' + INTERVAL n % 365 DAY,
    '2026-01-01' + INTERVAL n * 4321 MICROSECOND, IF(n % 10 = 0, NULL, n),
    JSON_OBJECT('sku', CONCAT('S-', n % 5000), 'count', n % 10, 'price', n % 1000 / 8, 'tags', JSON_ARRAY('a', 'b', n % 5))
FROM ids;
UPDATE bench.orders SET status = 'sent', amount = amount + 1 WHERE id BETWEEN :first AND :first + 199;
DELETE FROM bench.orders WHERE id BETWEEN :first + 900 AND :first + 999;
