"""The part of the demo that one watches; scripts/demo starts the servers and this.

A shop's orders are written to MySQL. `sdl run` stores each change in MongoDB. What is printed here is read from MongoDB.
"""

import datetime
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pymongo

ADDRESS = os.environ["SDL_TEST_MYSQL_ADDR"]
URI = os.environ["SDL_TEST_MONGO_URI"]
BINARY = os.environ["SDL_DEMO_BINARY"]
FOLDER = Path(os.environ["SDL_DEMO_FOLDER"])
KEEP = bool(os.environ.get("KEEP"))
COLOUR = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
SECONDS = 9  # how long the orders are watched
SDL_ENVIRONMENT = {
    "MYSQL_ADDR": ADDRESS,
    "MYSQL_USER": os.environ["SDL_TEST_MYSQL_USER"],
    "MYSQL_PASS": os.environ["SDL_TEST_MYSQL_PASS"],
    "MONGO_URI": URI,
    "MONGO_DB": "audit",
    "INCLUDE_REGEX": r"shop\..*",
}
OPERATIONS = {
    "i": ("32", "insert"), "u": ("33", "update"), "d": ("31", "delete"),
    "ddl": ("35", "ddl"), "truncate": ("31", "truncate"), "statement": ("35", "statement"),
}  # fmt: skip

SCHEMA = """
DROP DATABASE IF EXISTS shop;
CREATE DATABASE shop;
USE shop;
CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(40), city VARCHAR(40));
CREATE TABLE orders (
    id INT PRIMARY KEY, customer INT, status ENUM('new', 'paid', 'packed', 'shipped'), total DECIMAL(10, 2),
    placed TIMESTAMP(3) DEFAULT CURRENT_TIMESTAMP(3));
CREATE TABLE items (order_id INT, line INT, article VARCHAR(40), pieces INT, PRIMARY KEY (order_id, line));
INSERT INTO customers VALUES (1, 'Ada', 'London'), (2, 'Grace', 'New York'), (3, 'Bärbel', 'Köln');
"""
ARTICLES = ["teapot", "umbrella", "notebook", "lamp", "chess set"]


def paint(code, text):
    return f"\033[{code}m{text}\033[0m" if COLOUR else text


def heading(text):
    print("\n" + paint("1", f"== {text}"), flush=True)


class Shop:
    """Writes orders through the MySQL client, one statement after the other."""

    def __init__(self):
        host, _, port = ADDRESS.rpartition(":")
        environment = dict(os.environ, MYSQL_PWD=os.environ["SDL_TEST_MYSQL_ROOT_PASS"])
        self.client = subprocess.Popen(
            ["mariadb", "--protocol=tcp", "-h", host, "-P", port, "-u", os.environ["SDL_TEST_MYSQL_ROOT_USER"],
             "--default-character-set=utf8mb4", "--batch", "--unbuffered"],
            stdin=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip
        self.order = 1000

    def sql(self, text):
        self.client.stdin.write(text + "\n")
        self.client.stdin.flush()

    def close(self):
        self.client.stdin.close()
        if self.client.wait(30) != 0:
            raise SystemExit("demo: the MySQL client failed; its message is above")

    def place(self):
        """One order with its lines, in one transaction."""
        self.order += 1
        n = self.order
        lines = ", ".join(f"({n}, {i + 1}, '{ARTICLES[(n + i) % 5]}', {1 + (n + i) % 3})" for i in range(1 + n % 3))
        self.sql(
            f"START TRANSACTION; INSERT INTO orders (id, customer, status, total) VALUES "
            f"({n}, {1 + n % 3}, 'new', {19.5 + n % 7:.2f}); INSERT INTO items VALUES {lines}; COMMIT;"
        )

    def write(self, until):
        steps = [
            lambda: self.place(),
            lambda: self.sql(f"UPDATE orders SET status = 'paid' WHERE id = {self.order};"),
            lambda: self.sql(f"UPDATE orders SET status = 'packed', total = total - 1 WHERE id = {self.order};"),
            lambda: self.place(),
            lambda: self.sql(f"UPDATE orders SET status = 'shipped' WHERE id = {self.order - 1};"),
            lambda: self.sql(f"UPDATE customers SET city = 'Oxford {self.order}' WHERE id = 1;"),
            lambda: self.sql(f"DELETE FROM items WHERE order_id = {self.order} AND line = 1;"),
            # It never happened, so nothing of it may arrive.
            lambda: self.sql(f"START TRANSACTION; DELETE FROM orders; ROLLBACK;"),
        ]
        step = 0
        while time.monotonic() < until:
            steps[step % len(steps)]()
            step += 1
            time.sleep(0.3)


class Auditor:
    """One `sdl run`; its log goes to a file."""

    def __init__(self):
        self.log = FOLDER / "sdl.log"
        self.process = None

    def start(self):
        seen = self.log.read_text().count("Starting from") if self.log.exists() else 0
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [BINARY, "run"], env={**SDL_ENVIRONMENT, "PATH": os.environ["PATH"]}, cwd=FOLDER,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        (FOLDER / "pid").write_text(str(self.process.pid))
        deadline = time.monotonic() + 30
        while self.log.read_text().count("Starting from") == seen:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"demo: sdl run did not start; its log says:\n{self.log.read_text()}")
            time.sleep(0.02)

    def show(self, first):
        """Prints the messages of the log from a line on, without what follows them."""
        for row in self.log.read_text().splitlines()[first:]:
            print("  " + paint("2", row[:140]), flush=True)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        (FOLDER / "pid").unlink()
        if code != 0:
            raise SystemExit(f"demo: sdl run ended with exit code {code}; its log says:\n{self.log.read_text()}")


class Viewer(threading.Thread):
    """Prints each document when it is there."""

    def __init__(self, changes):
        super().__init__(daemon=True)
        self.changes = changes
        self.seen = set()
        self.delays = []
        self.since = None
        self.is_over = threading.Event()

    def run(self):
        while not self.is_over.is_set():
            self.look()
            time.sleep(0.05)

    def look(self):
        query = {"ts": {"$gte": self.since}} if self.since else {}
        for document in self.changes.find(query).sort([("ts", 1), ("_id", 1)]):
            if document["_id"] in self.seen:
                continue
            self.seen.add(document["_id"])
            self.since = document["ts"]
            self.delays.append(time.time() - document["ts"].timestamp())
            print(line(document), flush=True)


def line(document):
    code, name = OPERATIONS.get(document["op"], ("35", document["op"]))
    meta = document["meta"]
    where = ".".join(part for part in (meta["db"], meta["tbl"]) if part)
    clock = document["tsLocal"][11:23]
    start = f"  {paint('2', clock)} {paint(code, f'{name:<6}')} {paint('1', f'{where:<14}')}"
    if "chg" not in document:
        return f"{start} {' ' * 8} {' '.join(document['sql'].split())[:70]}"
    key = meta["pk"]
    key = ", ".join(text(part) for part in key.values()) if isinstance(key, dict) else text(key)
    return f"{start} {paint('36', f'{key:<8}')} {fields(document)}"


def fields(document):
    parts = []
    for column, change in document["chg"].items():
        old, new = (paint("31", text(change["f"])) if "f" in change else "", paint("32", text(change["t"])) if "t" in change else "")
        parts.append(f"{column}: " + (f"{old} → {new}" if old and new else old or new))
    return ", ".join(parts)


def text(value):
    if isinstance(value, datetime.datetime):
        return value.strftime("%H:%M:%S")
    return "NULL" if value is None else str(value)


def trail(changes, order):
    heading(f"The trail of order {order}, out of MongoDB")
    found = changes.find({"meta.db": "shop", "meta.tbl": "orders", "meta.pk": order}).sort([("ts", 1), ("_id", 1)])
    documents = list(found)
    if not documents:
        print("  there is nothing of it")
        return
    for document in documents:
        print(line(document))
    print("\n  the last of these documents, whole:")
    print(json.dumps(documents[-1], default=str, ensure_ascii=False, indent=2).replace("\n", "\n  ").replace("{", "  {", 1))


def compare(changes):
    """What MongoDB has, against the server's own log, read once more from its start."""
    done = subprocess.run(
        [BINARY, "tail", "--start", "earliest", "--until", "current"], env={**SDL_ENVIRONMENT, "PATH": os.environ["PATH"]},
        cwd=FOLDER, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise SystemExit(f"demo: sdl tail failed: {done.stderr}")
    expected = {json.loads(row)["_id"] for row in done.stdout.splitlines()}
    stored = {document["_id"] for document in changes.find({}, {"_id": 1})}
    return len(expected), len(expected - stored), len(stored - expected)


def keep(auditor):
    heading("Everything is still running")
    host, _, port = ADDRESS.rpartition(":")
    print(
        f"""
  change a row and look for it:
    mariadb -h {host} -P {port} -u root -p{os.environ["SDL_TEST_MYSQL_ROOT_PASS"]} shop -e "UPDATE orders SET status = 'new' LIMIT 1"
    {sys.executable} -c 'import pymongo; print(*pymongo.MongoClient("{URI}").audit.row_changes.find().sort("ts", -1).limit(3), sep="\\n")'

  the log of sdl run    {auditor.log}
  MongoDB               {URI}  (database audit)

  stop it               scripts/demo stop"""
    )


def main():
    changes = pymongo.MongoClient(URI, tz_aware=True).audit.row_changes
    shop, auditor = Shop(), Auditor()
    began = time.monotonic()
    heading("sdl run follows the server")
    auditor.start()
    auditor.show(0)
    shop.sql(SCHEMA)
    heading("A shop takes orders in MySQL; this is what arrives in MongoDB")
    viewer = Viewer(changes)
    viewer.start()
    writer = threading.Thread(target=shop.write, args=(time.monotonic() + SECONDS,), daemon=True)
    writer.start()
    time.sleep(SECONDS * 0.5)
    print(paint("1;31", "  kill -9 sdl, while orders go on"), flush=True)
    auditor.kill()
    time.sleep(SECONDS * 0.15)
    auditor.start()
    print(paint("1;32", "  sdl is started again"), flush=True)
    writer.join()
    shop.close()

    deadline = time.monotonic() + 20
    while True:
        total, missing, surplus = compare(changes)
        if not missing or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    viewer.is_over.set()
    viewer.join()
    viewer.look()
    heading("The books")
    delays = sorted(viewer.delays)
    print(f"  changes in the server's log: {total}   of these not in MongoDB: {missing}   in MongoDB and not in the log: {surplus}")
    if delays:
        print(f"  from the commit in MySQL to the line above: half of them within {delays[len(delays) // 2] * 1000:.0f} ms")
    trail(changes, 1001)
    if KEEP:
        keep(auditor)
    else:
        heading("A clean stop")
        auditor.stop()
        auditor.show(-2)
    print(f"\n  {time.monotonic() - began:.0f} seconds in all")
    if missing or surplus:
        raise SystemExit(f"demo: the trail is not complete; the log of sdl run says:\n{auditor.log.read_text()}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
