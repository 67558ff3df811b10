"""SCRAM-SHA-256 (RFC 5802, 7677), the server's side, for one user."""

import base64
import hashlib
import hmac
import os
import secrets

from errors import Failure

ITERATIONS = 4096


def sha(key, text):
    return hmac.digest(key, text, "sha256")


class Account:
    """What a server keeps of a password: enough to check a proof, not enough to make one."""

    def __init__(self, user, password):
        self.user, self.salt = user, os.urandom(28)  # the length that MongoDB uses, and that its drivers insist on
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), self.salt, ITERATIONS)
        self.stored_key = hashlib.sha256(sha(salted, b"Client Key")).digest()
        self.server_key = sha(salted, b"Server Key")


class Conversation:
    def __init__(self, account):
        self.account = account
        self.first = self.nonce = None
        self.proven = False

    def answer(self, payload):
        """The server's next message; Failure 18 for anything that does not fit, without saying what."""
        try:
            if self.first is None:
                return self.challenge(payload.decode())
            return b"" if self.proven else self.verdict(payload.decode())
        except (ValueError, KeyError) as error:
            raise Failure(18, "Authentication failed.") from error

    def challenge(self, text):
        bare = text.split(",", 2)[2]
        wanted = fields(bare)
        if wanted["n"].replace("=2C", ",").replace("=3D", "=") != self.account.user:
            raise Failure(18, "Authentication failed.")
        self.nonce = wanted["r"] + secrets.token_urlsafe(18)
        reply = f"r={self.nonce},s={base64.b64encode(self.account.salt).decode()},i={ITERATIONS}"
        self.first = f"{bare},{reply}"
        return reply.encode()

    def verdict(self, text):
        final = fields(text)
        signed = f"{self.first},{text.rpartition(',p=')[0]}".encode()
        proof = base64.b64decode(final["p"], validate=True)
        client_key = bytes(a ^ b for a, b in zip(proof, sha(self.account.stored_key, signed)))
        proven = hmac.compare_digest(hashlib.sha256(client_key).digest(), self.account.stored_key)
        if final["r"] != self.nonce or len(proof) != 32 or not proven:
            raise Failure(18, "Authentication failed.")
        self.proven = True
        return b"v=" + base64.b64encode(sha(self.account.server_key, signed))


def fields(text):
    return dict(part.split("=", 1) for part in text.split(","))
