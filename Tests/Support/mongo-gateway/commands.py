"""Each MongoDB command as a call of documentdb_api. Documents pass through as BSON bytes, undecoded."""

import datetime
import threading
import time

import bson
import psycopg
from bson.raw_bson import RawBSONDocument

import errors
import failpoints
from errors import Failure
from postgres import row
from scram import Account, Conversation
from sessions import REMEMBER

WRITES = {"insert", "update", "delete", "findAndModify"}
IN_TRANSACTIONS = WRITES | {"find", "aggregate", "distinct", "getMore", "killCursors", "create", "createIndexes"}
ENDS_TRANSACTION = {"commitTransaction", "abortTransaction"}
ALIASES = {"findandmodify": "findAndModify", "ismaster": "isMaster", "buildinfo": "buildInfo"}
CURSOR_IDLE_SECONDS = 600


class Call:
    """One command on its way: what was asked, and the PostgreSQL connection and transaction it runs in."""

    def __init__(self, client, message):
        self.client, self.gateway, self.message = client, client.gateway, message
        self.body = message.body
        self.command = RawBSONDocument(message.body)
        first = next(iter(self.command), "")
        self.name = ALIASES.get(first, first)
        self.target = self.command.get(first)
        self.database = self.command.get("$db", "admin")
        self.number = self.command.get("txnNumber")
        self.in_transaction = self.command.get("autocommit") is False
        self.retryable_write = self.number is not None and not self.in_transaction and self.name in WRITES
        self.transaction = self.connection = None

    @property
    def namespace(self):
        return f"{self.database}.{self.target}"

    def session(self):
        return self.gateway.sessions.find(bytes(self.command["lsid"]["id"]))

    def row(self, statement, *arguments):
        return row(self.connection, statement, *arguments)


# ------------------------------------------------------------------------------------------------------------ answering


def answer(client, message):
    """The reply to a message: a dict or BSON bytes; None when a fail point hung up."""
    call = Call(client, message)
    point = client.gateway.fail_points.entering(call.name, call.namespace, client.app_name)
    if point is None:
        return run(call)
    if not point.get("afterCommand") and fail(call, point):
        return call.failed
    reply = run(call)
    if point.get("afterCommand") and fail(call, point):
        return call.failed
    return with_write_concern_error(call, reply, point) if "writeConcernError" in point else reply


def fail(call, point):
    """Blocks, hangs up or fails as the fail point says; true when the command's own reply is not to be sent."""
    failpoints.block(point)
    call.failed = None
    if point.get("closeConnection"):
        call.client.hung_up_by_us = True
        return True
    if "errorCode" in point:
        problem = Failure(point["errorCode"], "Failing command via 'failCommand' failpoint")
        call.failed = failure(call, problem, point.get("errorLabels"))
        return True
    return False


def run(call):
    try:
        handler = HANDLERS.get(call.name)
        if handler is None:
            raise Failure(59, f"no such command: '{call.name}'")
        if call.gateway.account and not call.client.authenticated and handler not in BEFORE_LOGIN:
            raise Failure(13, f"Command {call.name} requires authentication")
        if call.number is not None and call.gateway.standalone:
            raise Failure(20, "Transaction numbers are only allowed on a replica set member or mongos")
        if call.in_transaction:
            return in_transaction(call, handler)
        if call.name in ENDS_TRANSACTION:
            raise Failure(72, f"{call.name} needs txnNumber and autocommit: false")
        if call.retryable_write:
            return retryable_write(call, handler)
        if handler in WITHOUT_POSTGRES:
            return handler(call)
        with call.gateway.pool.connection() as call.connection:
            return handler(call)
    except Failure as problem:
        return failure(call, problem)
    except psycopg.Error as problem:
        if isinstance(problem, psycopg.OperationalError):
            call.gateway.pool.drop_idle()  # PostgreSQL may have gone; what is pooled then is dead too
        return failure(call, errors.from_postgres(problem))
    except (KeyError, TypeError, bson.errors.BSONError) as problem:
        return failure(call, Failure(9, f"the command is not understood: {type(problem).__name__} {problem}"))


def failure(call, problem, labels=None):
    if labels is None:
        labels = errors.labels(problem.code, call.in_transaction, call.name in ENDS_TRANSACTION, call.retryable_write)
    return errors.reply(problem.code, problem.message, labels)


def with_write_concern_error(call, reply, point):
    document = bson.decode(reply) if isinstance(reply, bytes) else dict(reply)
    concern = dict(point["writeConcernError"])
    labels = point.get("errorLabels", concern.pop("errorLabels", None))
    if labels is None:
        labels = errors.labels(concern.get("code", 0), False, call.name in ENDS_TRANSACTION, call.retryable_write)
    concern.setdefault("codeName", errors.NAMES.get(concern.get("code"), "UnknownError"))
    concern.setdefault("errmsg", "Failing command via 'failCommand' failpoint")
    document["writeConcernError"] = concern
    if labels:
        document["errorLabels"] = list(labels)
    return document


def in_transaction(call, handler):
    sessions, session = call.gateway.sessions, call.session()
    with session.lock:
        if call.name == "commitTransaction":
            sessions.commit(session, call.number)
            return {"ok": 1.0}
        if call.name == "abortTransaction":
            sessions.use(session, call.number, call.client)
            sessions.abort(session)
            return {"ok": 1.0}
        if call.command.get("startTransaction"):
            call.transaction = sessions.begin(session, call.number, call.client)
        else:
            call.transaction = sessions.use(session, call.number, call.client)
        call.connection = call.transaction.connection
        healthy = False
        try:
            if call.name not in IN_TRANSACTIONS:
                raise Failure(263, f"Cannot run '{call.name}' in a multi-document transaction.")
            reply = handler(call)
            call.transaction.statements += 1
            # An error inside a transaction ends it.
            healthy = isinstance(reply, bytes) or ("writeErrors" not in reply and reply.get("ok") == 1.0)
            return reply
        finally:
            if not healthy:
                sessions.abort(session)


def retryable_write(call, handler):
    """The write and the memory of its reply are one PostgreSQL transaction, so that a repeat is recognised after any crash."""
    sessions, session = call.gateway.sessions, call.session()
    with session.lock:
        if call.number <= session.number or session.number < 0:
            remembered = sessions.recall(session, call.number)
            if remembered is not None:
                if remembered[0] is None:
                    raise Failure(117, f"Transaction number {call.number} was used by a transaction")
                session.number = call.number
                return bytes(remembered[0])
        if call.number < session.number:
            raise Failure(225, f"Retryable write {call.number} is older than {session.number}")
        sessions.abort(session)
        session.number = call.number
        with call.gateway.pool.connection() as call.connection:
            call.connection.execute("BEGIN")
            reply = handler(call)
            reply = reply if isinstance(reply, bytes) else bson.encode(reply)
            call.connection.execute(REMEMBER, (session.identity, call.number, reply), binary=True)
            call.connection.execute("COMMIT")
            return reply


# --------------------------------------------------------------------------------------------------------------- writes

WRITE = "SELECT p_result::bytea, p_success FROM documentdb_api.{}(%b, %b::bytea::documentdb_core.bson, %b::bytea::documentdb_core.bsonsequence)"
FIND_AND_MODIFY = "SELECT p_result::bytea, p_success FROM documentdb_api.find_and_modify(%b, %b::bytea::documentdb_core.bson)"
SEQUENCES = {"insert": "documents", "update": "updates", "delete": "deletes"}


def write(call):
    if call.in_transaction:
        make_visible(call)
    sequence = call.message.sequences.get(SEQUENCES[call.name])
    reply, success = call.row(WRITE.format(call.name), call.database, call.body, sequence)
    return bytes(reply) if success else with_mapped_errors(call, reply)


def find_and_modify(call):
    if call.in_transaction:
        make_visible(call)
    reply, success = call.row(FIND_AND_MODIFY, call.database, call.body)
    return bytes(reply) if success else with_mapped_errors(call, reply)


EXISTS = "SELECT 1 FROM documentdb_api_catalog.collections WHERE database_name = %b AND collection_name = %b"
CREATE = "SELECT documentdb_api.create_collection(%b, %b)"


def make_visible(call):
    """The extension makes a missing collection on another connection, where this transaction's snapshot may not see it."""
    transaction = call.transaction
    if call.namespace in transaction.collections or call.row(EXISTS, call.database, call.target):
        transaction.collections.add(call.namespace)
        return
    with call.gateway.creating, call.gateway.pool.connection() as outside:
        exists = row(outside, EXISTS, call.database, call.target)
        if not exists:
            row(outside, CREATE, call.database, call.target)
    if transaction.statements > 0:
        raise Failure(246, f"{call.namespace} was made after this transaction's snapshot was taken; try again")
    transaction.begin()
    transaction.collections.add(call.namespace)


def with_mapped_errors(call, reply):
    document = bson.decode(reply)
    for problem in document.get("writeErrors", ()):
        problem["code"] = errors.unpacked(problem["code"])
        if problem["code"] == 11000:
            problem["errmsg"] = f"E11000 duplicate key error collection: {call.namespace}: {problem.get('errmsg')}"
        if problem["code"] == 112 and call.in_transaction:
            raise Failure(112, problem.get("errmsg", "Write conflict"))
    if "code" in document:
        document["code"] = errors.unpacked(document["code"])
        document["codeName"] = errors.NAMES.get(document["code"], f"Location{document['code']}")
    return document


# -------------------------------------------------------------------------------------------------------------- cursors

FIRST_PAGE = (
    "SELECT cursorpage::bytea, continuation::bytea, persistconnection, cursorid "
    "FROM documentdb_api.{}(%b, %b::bytea::documentdb_core.bson)"
)
NEXT_PAGE = (
    "SELECT cursorpage::bytea, continuation::bytea "
    "FROM documentdb_api.cursor_get_more(%b, %b::bytea::documentdb_core.bson, %b::bytea::documentdb_core.bson)"
)


class Cursor:
    def __init__(self, continuation, connection, transaction):
        self.continuation = continuation
        self.connection = connection  # its own, when the extension keeps state there
        self.transaction = transaction  # the session's, when it was opened inside one
        self.used = time.monotonic()


class Cursors:
    def __init__(self):
        self.lock = threading.Lock()
        self.open = {}
        self.pool = None

    def keep(self, number, cursor):
        with self.lock:
            self.open[number] = cursor

    def take(self, number):
        with self.lock:
            cursor = self.open.pop(number, None)
        if cursor is None:
            raise Failure(43, f"cursor id {number} not found")
        cursor.used = time.monotonic()
        return cursor

    def end(self, number):
        with self.lock:
            cursor = self.open.pop(number, None)
        if cursor is not None and cursor.connection is not None:
            self.pool.give_back(cursor.connection)
        return cursor is not None

    def end_idle(self):
        now = time.monotonic()
        for number, cursor in list(self.open.items()):
            if now - cursor.used > CURSOR_IDLE_SECONDS:
                self.end(number)


def first_page(function):
    def handler(call):
        cursors, pool = call.gateway.cursors, call.gateway.pool
        cursors.pool = pool
        if call.transaction is not None:
            page, continuation, _, number = call.row(FIRST_PAGE.format(function), call.database, call.body)
            if number and continuation is not None:
                cursors.keep(number, Cursor(bytes(continuation), None, call.transaction))
            return bytes(page)
        connection = pool.take()
        try:
            page, continuation, persist, number = row(connection, FIRST_PAGE.format(function), call.database, call.body)
            if number and continuation is not None:
                own, connection = (connection, None) if persist else (None, connection)
                cursors.keep(number, Cursor(bytes(continuation), own, None))
            return bytes(page)
        finally:
            if connection is not None:
                pool.give_back(connection)

    return handler


def get_more(call):
    number = call.target
    cursor = call.gateway.cursors.take(number)
    if cursor.transaction is not call.transaction:
        call.gateway.cursors.keep(number, cursor)
        raise Failure(43, f"cursor id {number} belongs to another transaction")
    connection = cursor.connection or call.connection
    try:
        page, continuation = row(connection, NEXT_PAGE, call.database, call.body, cursor.continuation)
    except psycopg.Error:
        if cursor.connection is not None:
            call.gateway.pool.give_back(cursor.connection)
        raise
    if continuation is not None:
        cursor.continuation = bytes(continuation)
        call.gateway.cursors.keep(number, cursor)
    elif cursor.connection is not None:
        call.gateway.pool.give_back(cursor.connection)
    return bytes(page)


def kill_cursors(call):
    killed, unknown = [], []
    for number in call.command["cursors"]:
        (killed if call.gateway.cursors.end(number) else unknown).append(bson.Int64(number))
    return {"cursorsKilled": killed, "cursorsNotFound": unknown, "cursorsAlive": [], "cursorsUnknown": [], "ok": 1.0}


# --------------------------------------------------------------------------------------------------- other data commands


def function(call_text, *, target=False):
    """A command that is one function of the extension, from a BSON spec to a BSON reply."""
    statement = f"SELECT ({call_text})::bytea"

    def handler(call):
        arguments = (call.database, call.target, call.body) if target else (call.database, call.body)
        (reply,) = call.row(statement, *arguments)
        return bytes(reply)

    return handler


def create(call):
    if call.row(EXISTS, call.database, call.target):
        raise Failure(48, f"Collection {call.namespace} already exists.")
    call.row("SELECT documentdb_api.create_collection_view(%b, %b::bytea::documentdb_core.bson)::bytea", call.database, call.body)
    return {"ok": 1.0}


def create_indexes(call):
    (reply,) = call.row(
        "SELECT documentdb_api_internal.create_indexes_non_concurrently(%b, %b::bytea::documentdb_core.bson, %b)::bytea",
        call.database,
        call.body,
        not call.in_transaction,  # inside a transaction only on a new collection, as in MongoDB
    )
    document = bson.decode(reply)
    inner = next(iter(document.get("raw", {}).values()), document)  # the extension answers like a cluster of one shard
    if inner.get("ok") != 1:
        raise Failure(errors.unpacked(inner.get("code", 1)), inner.get("errmsg", "createIndexes failed"))
    return {**inner, "ok": 1.0}


def drop_indexes(call):
    (reply,) = call.row("CALL documentdb_api.drop_indexes(%b, %b::bytea::documentdb_core.bson, NULL)", call.database, call.body)
    return {"ok": 1.0}


def drop(call):
    call.row("SELECT documentdb_api.drop_collection(%b, %b)", call.database, call.target)
    return {"ns": call.namespace, "ok": 1.0}


def drop_database(call):
    call.row("SELECT documentdb_api.drop_database(%b)", call.database)
    return {"dropped": call.database, "ok": 1.0}


def list_databases(call):
    (reply,) = call.row("SELECT documentdb_api.list_databases(%b::bytea::documentdb_core.bson)::bytea", call.body)
    return bytes(reply)


# ------------------------------------------------------------------------------------------------ the server about itself


def hello(call):
    gateway = call.gateway
    client = call.command.get("client")
    if client is not None and "application" in client:
        call.client.app_name = client["application"].get("name")
    reply = {"helloOk": True, "isWritablePrimary" if call.name == "hello" else "ismaster": True}
    if gateway.set_name is not None:
        me = f"{gateway.address[0]}:{gateway.address[1]}"
        reply |= {"setName": gateway.set_name, "setVersion": 1, "hosts": [me], "primary": me, "me": me, "secondary": False}
    if gateway.account and "saslSupportedMechs" in call.command:
        reply["saslSupportedMechs"] = ["SCRAM-SHA-256"]
    if gateway.wire_version >= 6:
        reply["logicalSessionTimeoutMinutes"] = 30
    return reply | {
        "maxBsonObjectSize": 16 << 20,
        "maxMessageSizeBytes": 48_000_000,
        "maxWriteBatchSize": 100_000,
        "localTime": datetime.datetime.now(datetime.timezone.utc),
        "connectionId": call.client.number,
        "minWireVersion": 0,
        "maxWireVersion": gateway.wire_version,
        "readOnly": False,
        "ok": 1.0,
    }


def build_info(call):
    return {
        "version": "6.0.0",
        "versionArray": [6, 0, 0, 0],
        "gitVersion": "sdl test gateway, not MongoDB",
        "modules": [],
        "bits": 64,
        "debug": False,
        "maxBsonObjectSize": 16 << 20,
        "ok": 1.0,
    }


def ping(call):
    return {"ok": 1.0}


def get_parameter(call):
    name = "transactionLifetimeLimitSeconds"
    if name not in call.command:
        raise Failure(72, f"the only parameter here is {name}")
    return {name: call.gateway.lifetime, "ok": 1.0}


def set_parameter(call):
    was = get_parameter(call)["transactionLifetimeLimitSeconds"]
    call.gateway.lifetime = call.command["transactionLifetimeLimitSeconds"]
    return {"was": was, "ok": 1.0}


def connection_status(call):
    return {"authInfo": {"authenticatedUsers": [], "authenticatedUserRoles": []}, "ok": 1.0}


def sasl_start(call):
    if call.gateway.account is None or call.command.get("mechanism") != "SCRAM-SHA-256":
        raise Failure(18, "Authentication failed.")
    call.client.conversation = Conversation(call.gateway.account)
    call.client.short = bool(call.command.get("options", {}).get("skipEmptyExchange"))
    return sasl_continue(call)


def sasl_continue(call):
    conversation = call.client.conversation
    if conversation is None:
        raise Failure(17, "No SASL session state found")
    was_proven = conversation.proven
    payload = conversation.answer(bytes(call.command["payload"]))
    done = conversation.proven and (was_proven or call.client.short)
    call.client.authenticated = conversation.proven
    return {"conversationId": 1, "done": done, "payload": payload, "ok": 1.0}


def update_user(call):
    account = call.gateway.account
    if account is None or call.target != account.user:
        raise Failure(11, f"User {call.target}@{call.database} not found")
    call.gateway.account = Account(account.user, call.command["pwd"])  # who is logged in stays so, as in MongoDB
    return {"ok": 1.0}


def configure_fail_point(call):
    if call.database != "admin":
        raise Failure(13, "configureFailPoint may only be run against the admin database.")
    return call.gateway.fail_points.configure(bson.decode(call.body))


def end_sessions(call):
    call.gateway.sessions.end([bytes(session["id"]) for session in call.target])
    return {"ok": 1.0}


def outside_a_transaction(call):
    raise AssertionError("commit and abort are handled in in_transaction")


WITHOUT_POSTGRES = {
    hello, build_info, ping, get_parameter, set_parameter, connection_status, update_user, configure_fail_point, end_sessions, kill_cursors,
}  # fmt: skip
BEFORE_LOGIN = {hello, build_info, ping, sasl_start, sasl_continue}
WITHOUT_POSTGRES |= BEFORE_LOGIN

HANDLERS = {
    "insert": write,
    "update": write,
    "delete": write,
    "findAndModify": find_and_modify,
    "find": first_page("find_cursor_first_page"),
    "aggregate": first_page("aggregate_cursor_first_page"),
    "listCollections": first_page("list_collections_cursor_first_page"),
    "listIndexes": first_page("list_indexes_cursor_first_page"),
    "getMore": get_more,
    "killCursors": kill_cursors,
    "count": function("documentdb_api.count_query(%b, %b::bytea::documentdb_core.bson)"),
    "distinct": function("documentdb_api.distinct_query(%b, %b::bytea::documentdb_core.bson)"),
    "collMod": function("documentdb_api.coll_mod(%b, %b, %b::bytea::documentdb_core.bson)", target=True),
    "collStats": lambda call: bytes(call.row("SELECT documentdb_api.coll_stats(%b, %b)::bytea", call.database, call.target)[0]),
    "dbStats": lambda call: bytes(call.row("SELECT documentdb_api.db_stats(%b)::bytea", call.database)[0]),
    "create": create,
    "createIndexes": create_indexes,
    "dropIndexes": drop_indexes,
    "drop": drop,
    "dropDatabase": drop_database,
    "listDatabases": list_databases,
    "commitTransaction": outside_a_transaction,
    "abortTransaction": outside_a_transaction,
    "endSessions": end_sessions,
    "hello": hello,
    "isMaster": hello,
    "buildInfo": build_info,
    "ping": ping,
    "saslStart": sasl_start,
    "saslContinue": sasl_continue,
    "getParameter": get_parameter,
    "setParameter": set_parameter,
    "connectionStatus": connection_status,
    "updateUser": update_user,
    "configureFailPoint": configure_fail_point,
}
