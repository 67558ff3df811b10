"""MongoDB's wire protocol, as far as drivers need it: OP_MSG, and OP_QUERY for the first hello."""

import itertools
import struct

import bson

OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
CHECKSUM, MORE_TO_COME = 1, 2
MAX_MESSAGE = 48_000_000

reply_ids = itertools.count(1)


class Malformed(Exception):
    pass


class Message:
    """A command: `body` and each document sequence stay BSON bytes; only the top level of the body is ever looked at."""

    def __init__(self, request_id, opcode, body, sequences, more_to_come=False):
        self.request_id, self.opcode, self.body, self.sequences, self.more_to_come = request_id, opcode, body, sequences, more_to_come

    def wrap(self, reply):
        """The reply to this message, ready to send. `reply` is a dict or BSON bytes."""
        document = reply if isinstance(reply, bytes) else bson.encode(reply)
        if self.opcode == OP_QUERY:
            head, opcode = struct.pack("<iqii", 8, 0, 0, 1), OP_REPLY
        else:
            head, opcode = b"\0\0\0\0\0", OP_MSG
        length = 16 + len(head) + len(document)
        return b"".join((struct.pack("<iiii", length, next(reply_ids), self.request_id, opcode), head, document))


class Reader:
    def __init__(self, client):
        self.client = client

    def next(self):
        """The next message, or None when the client has hung up between two."""
        header = self.exactly(16, at_start=True)
        if header is None:
            return None
        length, request_id, _, opcode = struct.unpack("<iiii", header)
        if not 16 <= length <= MAX_MESSAGE:
            raise Malformed(f"message length {length}")
        data = self.exactly(length - 16)
        try:
            if opcode == OP_MSG:
                return parse_msg(request_id, data)
            if opcode == OP_QUERY:
                return parse_query(request_id, data)
        except (struct.error, ValueError) as error:
            raise Malformed(str(error)) from error
        raise Malformed(f"opcode {opcode} is not supported")

    def exactly(self, count, at_start=False):
        data = bytearray(count)
        view, done = memoryview(data), 0
        while done < count:
            got = self.client.recv_into(view[done:])
            if got == 0:
                if at_start and done == 0:
                    return None
                raise ConnectionError("the client hung up inside a message")
            done += got
        return bytes(data)


def parse_msg(request_id, data):
    (flags,) = struct.unpack_from("<I", data)
    at, end = 4, len(data) - (4 if flags & CHECKSUM else 0)  # the checksum is skipped, not checked
    body, sequences = None, {}
    while at < end:
        kind = data[at]
        (size,) = struct.unpack_from("<i", data, at + 1)
        first, at = at + 1, at + 1 + size
        if size < 5 or at > end:
            raise Malformed("a section is longer than its message")
        if kind == 0:
            body = data[first:at]
        elif kind == 1:
            name_end = data.index(b"\0", first + 4)
            sequences[data[first + 4 : name_end].decode()] = data[name_end + 1 : at]
        else:
            raise Malformed(f"section kind {kind}")
    if body is None:
        raise Malformed("a message without a body")
    return Message(request_id, OP_MSG, body, sequences, bool(flags & MORE_TO_COME))


def parse_query(request_id, data):
    name_end = data.index(b"\0", 4)
    at = name_end + 9
    (size,) = struct.unpack_from("<i", data, at)
    database = data[4:name_end].partition(b".")[0].decode()
    body = bson.decode(data[at : at + size])
    body.setdefault("$db", database)
    return Message(request_id, OP_QUERY, bson.encode(body), {})
