"""The gateway's own tests. Run them with `scripts/services test-gateway`: it starts a private PostgreSQL and sets GATEWAY_*."""

import contextlib
import os
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

import bson
import pymongo
from pymongo.errors import AutoReconnect, BulkWriteError, DuplicateKeyError, OperationFailure, WriteConcernError

URI = os.environ["GATEWAY_URI"]
POSTGRES = os.environ["GATEWAY_POSTGRES"]
HERE = Path(__file__).parent


def client(**options):
    # Without the driver's own retries, so that a test sees what the gateway says.
    return pymongo.MongoClient(URI, **{"retryWrites": False, "retryReads": False, "serverSelectionTimeoutMS": 5000} | options)


@contextlib.contextmanager
def gateway(*options):
    """A second gateway over the same PostgreSQL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = [sys.executable, str(HERE / "gateway.py"), "--listen", f"127.0.0.1:{port}", "--postgres", POSTGRES, *options]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    try:
        process.stdout.readline()
        yield port, process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class GatewayTest(unittest.TestCase):
    def setUp(self):
        self.client = client()
        self.addCleanup(self.client.close)
        self.db = self.client["gateway_test"]
        self.client.drop_database("gateway_test")
        self.items = self.db["items"]
        self.addCleanup(self.fail_point, "off")

    def fail_point(self, mode, **data):
        command = {"configureFailPoint": "failCommand", "mode": mode}
        return self.client.admin.command(command | ({"data": data} if data else {}))

    def assert_failure(self, code, label=None):
        return _Failure(self, code, label)


class _Failure:
    """Expects an OperationFailure with this code and this label (none: no label at all)."""

    def __init__(self, test, code, label):
        self.test, self.code, self.label = test, code, label

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        self.test.assertIsNotNone(error, f"expected error {self.code}")
        if not isinstance(error, OperationFailure):
            return False
        self.test.assertEqual(error.code, self.code, error)
        self.test.assertEqual((error.details or {}).get("errorLabels", []), [self.label] if self.label else [])
        self.error = error
        return True


class TransactionTests(GatewayTest):
    def test_committed_writes_are_seen_by_all(self):
        self.items.insert_one({"_id": 0, "n": 0})
        with self.client.start_session() as session:
            with session.start_transaction():
                self.items.insert_one({"_id": 1}, session=session)
                self.items.update_one({"_id": 0}, {"$inc": {"n": 1}}, session=session)
                self.assertEqual(self.items.find_one({"_id": 0}, session=session)["n"], 1)
                self.assertEqual(self.items.count_documents({}), 1)  # outside, nothing is seen yet
        self.assertEqual(list(self.items.find(sort=[("_id", 1)])), [{"_id": 0, "n": 1}, {"_id": 1}])

    def test_aborted_writes_are_gone(self):
        with self.client.start_session() as session:
            session.start_transaction()
            self.items.insert_one({"_id": 1}, session=session)
            session.abort_transaction()
        self.assertEqual(self.items.count_documents({}), 0)

    def test_reads_come_from_one_snapshot(self):
        self.items.insert_one({"_id": 1})
        with self.client.start_session() as session, session.start_transaction():
            self.assertIsNotNone(self.items.find_one({"_id": 1}, session=session))
            self.items.insert_one({"_id": 2})
            self.assertIsNone(self.items.find_one({"_id": 2}, session=session))

    def test_a_new_collection_can_be_written_in_a_transaction(self):
        with self.client.start_session() as session, session.start_transaction():
            self.items.insert_one({"_id": 1}, session=session)
        self.assertEqual(self.items.count_documents({}), 1)
        with self.client.start_session() as session:
            session.start_transaction()
            self.items.find_one({}, session=session)
            with self.assert_failure(246, "TransientTransactionError"):  # too late for this snapshot
                self.db["fresh"].insert_one({"_id": 1}, session=session)
            session.abort_transaction()
            with session.start_transaction():
                self.db["fresh"].insert_one({"_id": 1}, session=session)
        self.assertEqual(self.db["fresh"].count_documents({}), 1)

    def test_many_transactions_may_make_the_same_collection(self):
        def insert(number):
            with client() as other, other.start_session() as session:
                session.with_transaction(lambda s: other["gateway_test"]["items"].insert_one({"_id": number}, session=s))

        writers = [threading.Thread(target=insert, args=(number,)) for number in range(6)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        self.assertEqual(self.items.count_documents({}), 6)

    def test_the_transaction_ends_with_its_client(self):
        self.items.insert_one({"_id": 1, "n": 0})
        program = (
            "import os, pymongo\n"
            f"c = pymongo.MongoClient({URI!r})\n"
            "s = c.start_session(); s.start_transaction()\n"
            "c.gateway_test['items'].update_one({'_id': 1}, {'$inc': {'n': 1}}, session=s)\n"
            "os.kill(os.getpid(), 9)\n"
        )
        self.assertEqual(subprocess.run([sys.executable, "-c", program]).returncode, -9)
        with self.client.start_session() as session:
            for _ in range(20):  # as MongoDB's callers do: again while the error is transient
                try:
                    with session.start_transaction():
                        self.items.update_one({"_id": 1}, {"$inc": {"n": 10}}, session=session)
                    break
                except OperationFailure as error:
                    self.assertTrue(error.has_error_label("TransientTransactionError"))
                    time.sleep(0.05)
        self.assertEqual(self.items.find_one()["n"], 10)

    def test_two_writers_of_one_document_conflict(self):
        self.items.insert_one({"_id": 1, "n": 0})
        with self.client.start_session() as first, self.client.start_session() as second:
            first.start_transaction()
            second.start_transaction()
            self.items.update_one({"_id": 1}, {"$inc": {"n": 1}}, session=first)
            with self.assert_failure(112, "TransientTransactionError"):
                self.items.update_one({"_id": 1}, {"$inc": {"n": 1}}, session=second)
            first.commit_transaction()
        self.assertEqual(self.items.find_one()["n"], 1)

    def test_a_write_after_another_commit_conflicts(self):
        self.items.insert_one({"_id": 1, "n": 0})
        with self.client.start_session() as session:
            session.start_transaction()
            self.items.find_one({}, session=session)
            self.items.update_one({"_id": 1}, {"$inc": {"n": 1}})
            with self.assert_failure(112, "TransientTransactionError"):
                self.items.update_one({"_id": 1}, {"$inc": {"n": 1}}, session=session)

    def test_a_plain_write_waits_for_a_transaction(self):
        self.items.insert_one({"_id": 1, "n": 0})
        with self.client.start_session() as session:
            session.start_transaction()
            self.items.update_one({"_id": 1}, {"$inc": {"n": 1}}, session=session)
            writer = threading.Thread(target=lambda: self.items.update_one({"_id": 1}, {"$inc": {"n": 1}}))
            writer.start()
            writer.join(0.3)
            self.assertTrue(writer.is_alive())
            session.commit_transaction()
            writer.join(5)
        self.assertEqual(self.items.find_one()["n"], 2)

    def test_a_duplicate_key_ends_the_transaction(self):
        self.items.insert_one({"_id": 1})
        with self.client.start_session() as session:
            session.start_transaction()
            self.items.insert_one({"_id": 2}, session=session)
            with self.assertRaises(DuplicateKeyError):
                self.items.insert_one({"_id": 1}, session=session)
            with self.assert_failure(251, "TransientTransactionError"):
                self.items.insert_one({"_id": 3}, session=session)
        self.assertEqual([d["_id"] for d in self.items.find()], [1])

    def test_a_repeated_commit_is_answered_again(self):
        with self.client.start_session() as session:
            with session.start_transaction():
                self.items.insert_one({"_id": 1}, session=session)
            session.commit_transaction()
            with gateway() as (port, _):  # and by another process: the commit is on record
                number = session._server_session._transaction_id
                command = {"commitTransaction": 1, "txnNumber": bson.Int64(number), "autocommit": False}
                with pymongo.MongoClient("127.0.0.1", port, directConnection=True) as other:
                    self.assertEqual(raw_command(other, command | {"lsid": session.session_id})["ok"], 1)

    def test_a_commit_of_nothing_known_is_no_such_transaction(self):
        reply = raw_command(self.client, {"commitTransaction": 1, "txnNumber": bson.Int64(7), "autocommit": False, "lsid": new_lsid()})
        self.assertEqual((reply["code"], reply["errorLabels"]), (251, ["TransientTransactionError"]))

    def test_a_transaction_outlives_its_limit_only_shortly(self):
        self.client.admin.command("setParameter", transactionLifetimeLimitSeconds=0.3)
        self.addCleanup(self.client.admin.command, "setParameter", transactionLifetimeLimitSeconds=60)
        with self.client.start_session() as session:
            session.start_transaction()
            self.items.insert_one({"_id": 1}, session=session)
            time.sleep(1)
            with self.assert_failure(251, "TransientTransactionError"):
                session.commit_transaction()

    def test_what_was_committed_survives_a_killed_gateway(self):
        with gateway() as (port, process):
            with pymongo.MongoClient("127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=100) as other:
                with other.start_session() as session, session.start_transaction():
                    other["gateway_test"]["items"].insert_many([{"_id": i} for i in range(500)], session=session)
                with other.start_session() as session:
                    session.start_transaction()
                    other["gateway_test"]["items"].insert_one({"_id": "open"}, session=session)
                    process.kill()
                    process.wait()
        self.assertEqual(self.items.count_documents({}), 500)


class WriteTests(GatewayTest):
    def test_duplicate_keys_are_reported_one_by_one(self):
        self.items.insert_one({"_id": 1})
        with self.assertRaises(BulkWriteError) as raised:
            self.items.insert_many([{"_id": 0}, {"_id": 1}, {"_id": 2}], ordered=False)
        self.assertEqual([(e["index"], e["code"]) for e in raised.exception.details["writeErrors"]], [(1, 11000)])
        self.assertEqual(self.items.count_documents({}), 3)

    def test_a_unique_index(self):
        self.items.create_index("email", unique=True)
        self.items.insert_one({"email": "a"})
        with self.assertRaises(DuplicateKeyError):
            self.items.insert_one({"email": "a"})

    def test_a_document_sequence(self):
        """A hand-made OP_MSG with the documents in a section of kind 1, and a checksum flag that nobody checks."""
        documents = b"".join(bson.encode({"_id": i}) for i in range(3))
        body = bson.encode({"insert": "items", "$db": "gateway_test"})
        section = struct.pack("<i", 4 + len(b"documents\0") + len(documents)) + b"documents\0" + documents
        reply = exchange(struct.pack("<I", 1) + b"\0" + body + b"\1" + section + b"\xab\xcd\xef\x01")
        self.assertEqual((reply["ok"], reply["n"]), (1.0, 3))
        self.assertEqual(self.items.count_documents({}), 3)

    def test_upserts_that_set_only_on_insert(self):
        operations = [pymongo.UpdateOne({"_id": i}, {"$setOnInsert": {"v": "new"}}, upsert=True) for i in range(3)]
        self.items.insert_one({"_id": 1, "v": "old"})
        result = self.items.bulk_write(operations)
        self.assertEqual((result.upserted_count, result.matched_count, result.modified_count), (2, 1, 0))
        self.assertEqual(self.items.find_one({"_id": 1})["v"], "old")

    def test_a_repeated_retryable_write_is_done_once(self):
        command = {"update": "items", "updates": [{"q": {"_id": 1}, "u": {"$inc": {"n": 1}}, "upsert": True}]}
        command |= {"lsid": new_lsid(), "txnNumber": bson.Int64(1)}
        first = raw_command(self.client, command, "gateway_test")
        self.assertEqual(raw_command(self.client, command, "gateway_test"), first)
        with gateway() as (port, _), pymongo.MongoClient("127.0.0.1", port, directConnection=True) as other:
            self.assertEqual(raw_command(other, command, "gateway_test"), first)
        raw_command(self.client, command | {"txnNumber": bson.Int64(2)}, "gateway_test")
        self.assertEqual(self.items.find_one()["n"], 2)
        self.assertEqual(raw_command(self.client, command, "gateway_test")["code"], 225)

    def test_documents_come_back_as_they_were(self):
        document = {
            "_id": "3e11fa47-71ca-11e1-9e33-c80aa9429562:23/1", "i": 1, "l": bson.Int64(1), "d": 1.5, "s": "ü\0x", "n": None,
            "b": bson.Binary(b"\0\1", 0), "v": bson.Binary(b"\0\1", 9), "dec": bson.Decimal128("1.500"), "a": [1, [2]], "o": {"z": 1, "a": 2},
            "t": True, "when": bson.DatetimeMS(1_700_000_000_123), "．a": 1,
        }  # fmt: skip
        self.items.insert_one(document)
        raw = self.db.get_collection("items", codec_options=bson.CodecOptions(document_class=bson.raw_bson.RawBSONDocument))
        self.assertEqual(raw.find_one().raw, bson.encode(document))


class ReadTests(GatewayTest):
    def test_cursors_over_many_batches(self):
        self.items.insert_many([{"_id": i, "v": i % 7} for i in range(1000)])
        self.assertEqual(len({d["_id"] for d in self.items.find(batch_size=30)}), 1000)
        ordered = [d["v"] for d in self.items.find(batch_size=30).sort("v", -1)]
        self.assertEqual((len(ordered), ordered), (1000, sorted(ordered, reverse=True)))
        self.assertEqual(len(list(self.items.aggregate([{"$group": {"_id": "$_id"}}], batchSize=30))), 1000)
        self.assertEqual(sorted(self.items.distinct("v")), list(range(7)))
        with self.client.start_session() as session, session.start_transaction():
            self.assertEqual(len(list(self.items.find(session=session, batch_size=30))), 1000)
            self.assertEqual(len(list(self.items.find(session=session, batch_size=30).sort("v"))), 1000)

    def test_an_abandoned_cursor(self):
        self.items.insert_many([{"_id": i} for i in range(500)])
        cursor = self.items.find(batch_size=10).sort("_id")
        next(cursor)
        number = cursor.cursor_id
        cursor.close()
        self.assertEqual(raw_command(self.client, {"getMore": bson.Int64(number), "collection": "items"}, "gateway_test")["code"], 43)

    def test_find_and_modify(self):
        self.items.insert_one({"_id": 1, "n": 1})
        query, update = {"_id": 1, "n": 1}, {"$set": {"n": 2}}
        self.assertEqual(self.items.find_one_and_update(query, update, return_document=True), {"_id": 1, "n": 2})
        self.assertIsNone(self.items.find_one_and_update(query, update))

    def test_a_ttl_index(self):
        self.items.create_index("expiresAt", expireAfterSeconds=0)
        self.assertEqual(self.items.index_information()["expiresAt_1"]["expireAfterSeconds"], 0)
        self.items.create_index("expiresAt", expireAfterSeconds=0)  # again: nothing happens
        self.assertEqual(sorted(self.items.index_information()), ["_id_", "expiresAt_1"])

    def test_collections(self):
        self.db.create_collection("made")
        with self.assert_failure(48):
            self.db.command("create", "made")
        self.assertEqual(self.db.list_collection_names(), ["made"])
        self.db.drop_collection("made")
        self.assertEqual(self.db.list_collection_names(), [])

    def test_the_end_of_a_session_ends_its_transaction(self):
        lsid = new_lsid()
        command = {"insert": "items", "documents": [{"_id": 1}], "lsid": lsid, "txnNumber": bson.Int64(1), "autocommit": False}
        with socket.create_connection(("127.0.0.1", self.client.address[1]), 5) as line:
            self.assertEqual(exchange_over(line, command | {"startTransaction": True, "$db": "gateway_test"})["ok"], 1)
            self.assertEqual(raw_command(self.client, {"endSessions": [lsid]})["ok"], 1)
            self.assertEqual(exchange_over(line, command | {"$db": "gateway_test"})["code"], 251)
        self.assertEqual(self.items.count_documents({}), 0)

    def test_malformed_messages_only_cost_their_own_connection(self):
        for payload in (b"", b"\0\0\0\0", b"\0\0\0\0\0\xff\xff\xff\x7f", b"\0\0\0\0\0\x05\0\0\0\1", b"\0\0\0\0\7" + bytes(20)):
            with self.subTest(payload), self.assertRaises((struct.error, ConnectionError)):
                exchange(payload)
        self.client.admin.command("ping")

    def test_an_unknown_command(self):
        with self.assert_failure(59):
            self.db.command("reticulateSplines")

    def test_what_every_command_may_carry(self):
        """Drivers add these to any command; none may disturb it."""
        common = {
            "lsid": new_lsid(), "comment": "c", "maxTimeMS": 5000, "$readPreference": {"mode": "primary"},
            "$clusterTime": {"clusterTime": bson.Timestamp(1, 1)}, "apiVersion": "1",
        }  # fmt: skip
        read, write = common | {"readConcern": {"level": "majority"}}, common | {"writeConcern": {"w": "majority", "j": True}}
        for command in (
            {"insert": "items", "documents": [{"_id": 1}], "ordered": True, "bypassDocumentValidation": False} | write,
            {"update": "items", "updates": [{"q": {}, "u": {"$set": {"a": 1}}, "multi": True}]} | write,
            {"delete": "items", "deletes": [{"q": {"_id": 5}, "limit": 1}]} | write,
            {"findAndModify": "items", "query": {"_id": 1}, "update": {"$set": {"a": 2}}, "new": True} | write,
            {"find": "items", "filter": {}, "limit": 1, "projection": {"a": 1}, "singleBatch": True, "hint": {"_id": 1}} | read,
            {"aggregate": "items", "pipeline": [{"$match": {}}], "cursor": {}} | read,
            {"count": "items", "query": {}} | read,
            {"distinct": "items", "key": "a"} | read,
            {"createIndexes": "items", "indexes": [{"key": {"a": 1}, "name": "a_1"}], "commitQuorum": "majority"} | write,
            {"listIndexes": "items", "cursor": {}} | common,
            {"listCollections": 1, "cursor": {}, "nameOnly": True, "filter": {}} | common,
            {"dropIndexes": "items", "index": "a_1"} | write,
            {"create": "other"} | write,
            {"drop": "other"} | write,
            {"ping": 1} | common,
        ):
            with self.subTest(next(iter(command))):
                reply = raw_command(self.client, command, "gateway_test")
                self.assertEqual(reply["ok"], 1, reply)
                self.assertNotIn("writeErrors", reply)


class FailPointTests(GatewayTest):
    def test_times(self):
        self.fail_point({"times": 2}, failCommands=["insert"], errorCode=2)
        for _ in range(2):
            with self.assert_failure(2):
                self.items.insert_one({})
        self.items.insert_one({})
        self.assertEqual(self.fail_point("off")["count"], 2)

    def test_skip(self):
        self.fail_point({"skip": 1}, failCommands=["insert"], errorCode=2)
        self.items.insert_one({})
        with self.assert_failure(2):
            self.items.insert_one({})

    def test_exactly_the_nth_command_of_any_name(self):
        for after, stored in ((False, [1, 2, 4]), (True, [1, 2, 3, 4])):
            with self.subTest(afterCommand=after):
                self.items.delete_many({})
                self.items.insert_one({"_id": 0})
                label = "TransientTransactionError"
                self.fail_point({"skip": 3, "times": 1}, failCommands=["*"], errorCode=112, errorLabels=[label], afterCommand=after)
                self.items.delete_one({"_id": 0})
                self.items.insert_one({"_id": 1})
                self.client.admin.command("ping")
                self.items.insert_one({"_id": 2})
                with self.assert_failure(112, label):
                    self.items.insert_one({"_id": 3})
                self.items.insert_one({"_id": 4})
                self.assertEqual(self.fail_point("off")["count"], 1)
                self.assertEqual(sorted(item["_id"] for item in self.items.find()), stored)

    def test_the_line_is_cut_at_exactly_the_nth_command(self):
        for after in (False, True):
            with self.subTest(afterCommand=after):
                self.items.delete_many({})
                self.fail_point({"skip": 1, "times": 1}, failCommands=["*"], closeConnection=True, afterCommand=after)
                self.items.insert_one({"_id": 1})
                with self.assertRaises(AutoReconnect):
                    self.items.insert_one({"_id": 2})
                self.assertEqual(self.items.count_documents({}), 2 if after else 1)

    def test_always_on_until_off_and_only_the_named_commands(self):
        self.fail_point("alwaysOn", failCommands=["insert", "delete"], errorCode=2)
        self.items.find_one()
        for _ in range(3):
            with self.assert_failure(2):
                self.items.delete_one({})
        self.fail_point("off")
        self.items.delete_one({})

    def test_error_labels(self):
        self.fail_point({"times": 1}, failCommands=["insert"], errorCode=2, errorLabels=["TransientTransactionError"])
        with self.assert_failure(2, "TransientTransactionError"):
            self.items.insert_one({})

    def test_a_retryable_error_of_a_retryable_write_gets_its_label(self):
        self.fail_point({"times": 1}, failCommands=["insert"], errorCode=10107)
        command = {"insert": "items", "documents": [{}], "lsid": new_lsid(), "txnNumber": bson.Int64(1)}
        self.assertEqual(raw_command(self.client, command, "gateway_test")["errorLabels"], ["RetryableWriteError"])
        self.fail_point({"times": 1}, failCommands=["insert"], errorCode=10107, closeConnection=False)
        with client(retryWrites=True) as other:
            other["gateway_test"]["items"].insert_one({"_id": "retried"})
        self.assertEqual(self.items.count_documents({"_id": "retried"}), 1)

    def test_close_connection(self):
        self.fail_point({"times": 1}, failCommands=["insert"], closeConnection=True)
        with self.assertRaises(AutoReconnect):
            self.items.insert_one({})
        self.assertEqual(self.items.count_documents({}), 0)

    def test_a_cut_line_keeps_the_transaction_for_a_repeated_commit(self):
        with self.client.start_session() as session:
            session.start_transaction()
            self.items.insert_one({"_id": 1}, session=session)
            self.fail_point({"times": 1}, failCommands=["commitTransaction"], closeConnection=True)
            session.commit_transaction()  # the driver repeats it once
        self.assertEqual(self.items.count_documents({}), 1)

    def test_after_command(self):
        """The gateway's own addition: the command is done, but its reply is lost."""
        with self.client.start_session() as session:
            session.start_transaction()
            self.items.insert_one({"_id": 1}, session=session)
            self.fail_point({"times": 2}, failCommands=["commitTransaction"], closeConnection=True, afterCommand=True)
            with self.assertRaises(AutoReconnect) as raised:
                session.commit_transaction()
            self.assertTrue(raised.exception.has_error_label("UnknownTransactionCommitResult"))
            self.assertEqual(self.items.count_documents({}), 1)
            session.commit_transaction()

    def test_block_connection(self):
        self.fail_point({"times": 1}, failCommands=["ping"], blockConnection=True, blockTimeMS=300)
        started = time.monotonic()
        self.client.admin.command("ping")
        self.assertGreater(time.monotonic() - started, 0.3)

    def test_write_concern_error(self):
        concern = {"code": 91, "errmsg": "going down"}
        self.fail_point({"times": 1}, failCommands=["insert"], writeConcernError=concern)
        with self.assertRaises(WriteConcernError) as raised:
            self.items.insert_one({"_id": 1})
        self.assertEqual(raised.exception.code, 91)
        self.assertEqual(self.items.count_documents({}), 1)

    def test_app_name_and_namespace(self):
        self.fail_point("alwaysOn", failCommands=["insert"], errorCode=2, appName="victim")
        self.items.insert_one({})
        with client(appName="victim") as other, self.assert_failure(2):
            other["gateway_test"]["items"].insert_one({})
        self.fail_point("alwaysOn", failCommands=["insert"], errorCode=2, namespace="gateway_test.items")
        self.db["others"].insert_one({})
        with self.assert_failure(2):
            self.items.insert_one({})

    def test_what_is_not_imitated_is_refused(self):
        with self.assert_failure(2):
            self.client.admin.command("configureFailPoint", "hangAnalyze", mode="alwaysOn")
        with self.assert_failure(2):
            self.fail_point("alwaysOn", failCommands=["insert"], explode=True)
        with self.assert_failure(2):
            self.fail_point("sometimes")
        with self.assert_failure(2):
            self.fail_point({"activationProbability": 0.5}, failCommands=["insert"], errorCode=2)


class StandaloneTests(GatewayTest):
    def test_no_set_name_and_no_transactions(self):
        with gateway("--standalone") as (port, _), pymongo.MongoClient("127.0.0.1", port) as other:
            self.assertNotIn("setName", other.admin.command("hello"))
            other["gateway_test"]["items"].insert_one({"_id": 1})
            with other.start_session() as session, self.assert_failure(20):
                session.start_transaction()
                other["gateway_test"]["items"].insert_one({}, session=session)


class AuthenticationTests(GatewayTest):
    def test_only_the_right_password_gets_in(self):
        with gateway("--user", "sdl", "--password", "s3cret, =") as (port, _):
            with pymongo.MongoClient("127.0.0.1", port, username="sdl", password="s3cret, =") as other:
                self.assertEqual(other["gateway_test"]["items"].insert_one({"_id": 1}).inserted_id, 1)
            for user, password in (("sdl", "wrong"), ("other", "s3cret, =")):
                with pymongo.MongoClient("127.0.0.1", port, username=user, password=password) as other, self.assert_failure(18):
                    other["gateway_test"]["items"].find_one()
            with pymongo.MongoClient("127.0.0.1", port) as other, self.assert_failure(13):
                other["gateway_test"]["items"].find_one()

    def test_a_changed_password_is_asked_of_new_connections(self):
        with gateway("--user", "sdl", "--password", "old") as (port, _):
            with pymongo.MongoClient("127.0.0.1", port, username="sdl", password="old") as other:
                other["gateway_test"]["items"].find_one()
                with self.assert_failure(11):
                    other.admin.command("updateUser", "nobody", pwd="new")
                other.admin.command("updateUser", "sdl", pwd="new")
                other["gateway_test"]["items"].find_one()
            with pymongo.MongoClient("127.0.0.1", port, username="sdl", password="old") as other, self.assert_failure(18):
                other["gateway_test"]["items"].find_one()
            with pymongo.MongoClient("127.0.0.1", port, username="sdl", password="new") as other:
                other["gateway_test"]["items"].find_one()


def new_lsid():
    return {"id": bson.Binary(os.urandom(16), 4)}


def raw_command(mongo, command, database="admin"):
    """Sends a command as it is, past the driver's ideas about sessions and errors, over a connection of its own."""
    _, port = mongo.address
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        return exchange_over(line, command | {"$db": database})


def exchange(payload):
    """Sends the inside of an OP_MSG, whatever it is."""
    _, port = pymongo.uri_parser.parse_uri(URI)["nodelist"][0]
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        return exchange_over(line, payload)


def exchange_over(line, command):
    payload = command if isinstance(command, bytes) else struct.pack("<I", 0) + b"\0" + bson.encode(command)
    line.sendall(struct.pack("<iiii", 16 + len(payload), 1, 0, 2013) + payload)
    with line.makefile("rb") as stream:
        length, _, _, opcode = struct.unpack("<iiii", stream.read(16))
        assert opcode == 2013
        return bson.decode(stream.read(length - 16)[5:])


if __name__ == "__main__":
    unittest.main()
