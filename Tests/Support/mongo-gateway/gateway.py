"""A small MongoDB-compatible server for tests: OP_MSG on one side, PostgreSQL with the documentdb extension on the other.

What it imitates, and what it does not, is in README.md beside this file. How it is laid out:

    wire.py         messages in and out
    errors.py       MongoDB's error codes, and how PostgreSQL's errors become them
    failpoints.py   configureFailPoint: failCommand
    postgres.py     a pool of PostgreSQL connections
    sessions.py     sessions, their transactions, and retryable writes
    scram.py        authentication
    commands.py     each command as a call of documentdb_api
    gateway.py      this file: options, and one thread for each client
"""

import argparse
import signal
import socket
import sys
import threading

import bson
import psycopg

import commands
import wire
from failpoints import FailPoints
from postgres import Pool
from scram import Account
from sessions import Sessions


class Gateway:
    def __init__(self, options):
        host, _, port = options.listen.rpartition(":")
        self.address = (host, int(port))
        self.standalone = options.standalone
        self.set_name = None if options.standalone else options.set_name
        self.lifetime = options.transaction_lifetime_limit_seconds
        self.orphan_seconds = options.orphan_seconds
        self.wire_version = options.max_wire_version
        self.account = Account(options.user, options.password) if options.user else None
        self.pool = Pool(options.postgres)
        self.sessions = Sessions(self)
        self.fail_points = FailPoints()
        self.creating = threading.Lock()
        self.cursors = commands.Cursors()
        self.next_connection = 0

    def serve(self):
        listener = socket.create_server(self.address, backlog=128)
        threading.Thread(target=self.housekeeping, daemon=True).start()
        print(f"listening on {self.address[0]}:{self.address[1]}", flush=True)
        while True:
            client, _ = listener.accept()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.next_connection += 1
            connection = Connection(self, client, self.next_connection)
            threading.Thread(target=connection.run, daemon=True).start()

    def housekeeping(self):
        pause = threading.Event()
        while not pause.wait(0.25):
            self.sessions.end_overdue()
            self.cursors.end_idle()


class Connection:
    """One client: reads a message, answers it, until either side hangs up."""

    def __init__(self, gateway, client, number):
        self.gateway, self.client, self.number = gateway, client, number
        self.app_name = None
        self.hung_up_by_us = False
        self.conversation, self.authenticated = None, False

    def run(self):
        try:
            reader = wire.Reader(self.client)
            while (message := reader.next()) is not None:
                reply = commands.answer(self, message)
                if self.hung_up_by_us:
                    break
                if reply is not None and not message.more_to_come:
                    self.client.sendall(message.wrap(reply))
        except (ConnectionError, OSError):
            pass
        except (wire.Malformed, bson.errors.BSONError) as error:
            print(f"client {self.number}: {error}", file=sys.stderr, flush=True)
        finally:
            self.client.close()
            self.gateway.sessions.client_left(self)


def main():
    options = argparse.ArgumentParser(description="MongoDB-compatible test server in front of PostgreSQL + documentdb")
    options.add_argument("--listen", default="127.0.0.1:27017", metavar="HOST:PORT")
    options.add_argument("--postgres", required=True, metavar="CONNINFO", help="libpq connection string")
    options.add_argument("--set-name", default="rs0", help="the replica set that hello announces")
    options.add_argument("--standalone", action="store_true", help="no replica set: transactions are refused with code 20")
    options.add_argument("--transaction-lifetime-limit-seconds", type=float, default=60)
    options.add_argument(
        "--orphan-seconds",
        type=float,
        default=0,
        help="how long a transaction outlives the client connection that used it last (MongoDB: until its lifetime limit)",
    )
    options.add_argument("--max-wire-version", type=int, default=17, help="17 is MongoDB 6.0; below 6 there are no sessions")
    options.add_argument("--user", help="clients must log in as this user (SCRAM-SHA-256)")
    options.add_argument("--password", default="")
    try:
        gateway = Gateway(options.parse_args())
    except psycopg.Error as error:
        sys.exit(f"gateway: PostgreSQL does not answer: {error}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # open transactions end with their PostgreSQL connections
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    try:
        gateway.serve()
    except OSError as error:
        sys.exit(f"gateway: cannot listen on {gateway.address[0]}:{gateway.address[1]}: {error.strerror}")


if __name__ == "__main__":
    main()
