"""A pool of PostgreSQL connections. All values travel in binary; BSON is passed through as bytes."""

import contextlib
import threading

import psycopg
from psycopg.pq import TransactionStatus

# One row for each session: its last retryable write or committed transaction, written in the same PostgreSQL transaction.
SCHEMA = """
CREATE SCHEMA IF NOT EXISTS gateway;
CREATE TABLE IF NOT EXISTS gateway.sessions (id bytea PRIMARY KEY, number bigint NOT NULL, reply bytea);
"""


class Pool:
    def __init__(self, conninfo):
        self.conninfo = conninfo
        self.idle, self.lock = [], threading.Lock()
        with self.connection() as connection:
            connection.execute(SCHEMA, prepare=False)

    def take(self):
        with self.lock:
            if self.idle:
                return self.idle.pop()
        return psycopg.connect(self.conninfo, autocommit=True, prepare_threshold=0)

    def give_back(self, connection):
        """A connection that is still in a transaction is rolled back; a broken one is dropped."""
        try:
            if connection.info.transaction_status != TransactionStatus.IDLE:
                connection.execute("ROLLBACK")
        except psycopg.Error:
            pass
        if connection.closed or connection.info.transaction_status != TransactionStatus.IDLE:
            connection.close()
            return
        with self.lock:
            self.idle.append(connection)

    def drop_idle(self):
        with self.lock:
            idle, self.idle = self.idle, []
        for connection in idle:
            connection.close()

    @contextlib.contextmanager
    def connection(self):
        connection = self.take()
        try:
            yield connection
        finally:
            self.give_back(connection)


def row(connection, statement, *arguments):
    return connection.cursor(binary=True).execute(statement, arguments).fetchone()
