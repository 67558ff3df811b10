"""Sessions, their transactions, and retryable writes.

A session's transaction is one PostgreSQL transaction at repeatable read, on a connection of its own. It ends with the client
connection that used it last, after its lifetime limit, or when the session starts another one.
"""

import threading
import time

import psycopg
from psycopg.pq import TransactionStatus

from errors import Failure
from postgres import row

REMEMBER = (
    "INSERT INTO gateway.sessions VALUES (%b, %b, %b) "
    "ON CONFLICT (id) DO UPDATE SET number = excluded.number, reply = excluded.reply"
)
RECALL = "SELECT number, reply FROM gateway.sessions WHERE id = %b"

# MongoDB reports a write conflict at once; this long PostgreSQL may wait for a lock inside a transaction.
BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL lock_timeout = '50ms'"


class Transaction:
    def __init__(self, number, connection):
        self.number, self.connection = number, connection
        self.started = time.monotonic()
        self.statements = 0
        self.collections = set()  # those that its snapshot is known to hold
        self.client = None  # the client connection that used it last
        self.orphaned = None  # when that client left
        self.begin()

    def begin(self):
        """Begins it, or begins it anew while nothing has been done in it."""
        if self.connection.info.transaction_status != TransactionStatus.IDLE:
            self.connection.execute("ROLLBACK")
        self.connection.execute(BEGIN, prepare=False)


class Session:
    def __init__(self, identity):
        self.identity = identity
        self.lock = threading.Lock()
        self.number = -1  # the highest transaction number seen
        self.transaction = None


class Sessions:
    def __init__(self, gateway):
        self.gateway = gateway
        self.lock = threading.Lock()
        self.sessions = {}

    def find(self, identity):
        with self.lock:
            return self.sessions.setdefault(identity, Session(identity))

    # -------- transactions; the caller holds session.lock

    def begin(self, session, number, client):
        if self.gateway.standalone:
            raise Failure(20, "Transaction numbers are only allowed on a replica set member or mongos")
        if number < session.number:
            raise Failure(225, f"Cannot start transaction {number}: a newer transaction {session.number} has already started")
        if number == session.number:
            raise Failure(117, f"Cannot start transaction {number}: it has already been started")
        self.abort(session)
        session.number = number
        connection = self.gateway.pool.take()
        try:
            session.transaction = Transaction(number, connection)
        except psycopg.Error:
            self.gateway.pool.give_back(connection)
            raise
        return self.use(session, number, client)

    def use(self, session, number, client):
        transaction = session.transaction
        if transaction is None or transaction.number != number:
            if self.gateway.standalone:
                raise Failure(20, "Transaction numbers are only allowed on a replica set member or mongos")
            raise Failure(251, f"Given transaction number {number} does not match any in-progress transactions.")
        transaction.client, transaction.orphaned = client, None
        return transaction

    def commit(self, session, number):
        transaction = session.transaction
        if transaction is None or transaction.number != number:
            if self.recall(session, number) is not None:
                return  # committed before: a repeated commit is answered as the first one was
            raise Failure(251, f"Transaction {number} has been aborted or was never started")
        try:
            transaction.connection.execute(REMEMBER, (session.identity, number, None), binary=True)
            transaction.connection.execute("COMMIT")
        finally:
            self.abort(session)

    def abort(self, session):
        """Ends the session's transaction, if there is one; after a commit there is nothing left to roll back."""
        transaction, session.transaction = session.transaction, None
        if transaction is not None:
            self.gateway.pool.give_back(transaction.connection)

    # -------- retryable writes; the caller holds session.lock

    def recall(self, session, number):
        """(reply,) of the write or commit that had this number, or None when there was none."""
        with self.gateway.pool.connection() as connection:
            found = row(connection, RECALL, session.identity)
        if found is None:
            return None
        if found[0] > number:
            raise Failure(225, f"Transaction number {number} is older than {found[0]}, which this session has already used")
        return (found[1],) if found[0] == number else None

    # -------- ends

    def end(self, identities):
        for identity in identities:
            with self.lock:
                session = self.sessions.pop(identity, None)
            if session is not None:
                with session.lock:
                    self.abort(session)
        with self.gateway.pool.connection() as connection:
            connection.execute("DELETE FROM gateway.sessions WHERE id = ANY(%b)", (list(identities),))

    def client_left(self, client):
        """The client's open transaction ends with it, unless a fail point cut the line."""
        if client.hung_up_by_us:
            return
        for session in list(self.sessions.values()):
            if session.transaction is not None and session.transaction.client is client:
                session.transaction.orphaned = time.monotonic()
        if self.gateway.orphan_seconds == 0:
            self.end_overdue()

    def end_overdue(self):
        now = time.monotonic()
        for session in list(self.sessions.values()):
            if self.is_overdue(session.transaction, now) and session.lock.acquire(blocking=False):
                try:
                    if self.is_overdue(session.transaction, now):
                        self.abort(session)
                finally:
                    session.lock.release()

    def is_overdue(self, transaction, now):
        if transaction is None:
            return False
        orphaned = transaction.orphaned is not None and now - transaction.orphaned >= self.gateway.orphan_seconds
        return orphaned or now - transaction.started > self.gateway.lifetime
