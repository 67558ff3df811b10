#!/bin/sh
# Makes the fixtures again from a MySQL server whose data folder is readable. SDL_TEST_MYSQL_* name it,
# as `scripts/services env` prints them; it must run with binlog_row_metadata=FULL and CRC32 checksums.
set -eu
cd "$(dirname "$0")"
sql() {
    mysql --no-defaults --default-character-set=utf8mb4 --socket="$SDL_TEST_MYSQL_SOCKET" \
        --user="$SDL_TEST_MYSQL_ROOT_USER" --password="$SDL_TEST_MYSQL_ROOT_PASS" "$@"
}
for name in types images; do
    sql -e "DROP DATABASE IF EXISTS fixture; DROP DATABASE IF EXISTS images; FLUSH BINARY LOGS"
    file=$(sql -N -e "SHOW BINARY LOGS" | tail -n 1 | cut -f 1)
    sql <"$name.sql"
    if [ "$name" = types ]; then sql -N --batch <select.sql >types.tsv; fi
    sql -e "FLUSH BINARY LOGS"
    cp "$SDL_TEST_MYSQL_DATADIR/$file" "$name.binlog"
done
