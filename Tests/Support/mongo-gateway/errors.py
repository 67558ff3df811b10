"""MongoDB's error codes, and how PostgreSQL's errors become them."""

import psycopg

NAMES = {
    1: "InternalError", 2: "BadValue", 9: "FailedToParse", 11: "UserNotFound", 13: "Unauthorized", 14: "TypeMismatch",
    16: "InvalidLength", 17: "ProtocolError", 18: "AuthenticationFailed", 20: "IllegalOperation", 24: "LockTimeout", 26: "NamespaceNotFound",
    27: "IndexNotFound", 28: "PathNotViable", 40: "ConflictingUpdateOperators", 43: "CursorNotFound", 48: "NamespaceExists",
    50: "MaxTimeMSExpired", 52: "DollarPrefixedFieldName", 57: "DottedFieldName", 59: "CommandNotFound", 66: "ImmutableField",
    67: "CannotCreateIndex", 72: "InvalidOptions", 73: "InvalidNamespace", 85: "IndexOptionsConflict",
    86: "IndexKeySpecsConflict", 91: "ShutdownInProgress", 112: "WriteConflict", 115: "CommandNotSupported",
    117: "ConflictingOperationInProgress", 121: "DocumentValidationFailure", 197: "InvalidIndexSpecificationOption",
    211: "KeyNotFound", 225: "TransactionTooOld", 246: "SnapshotUnavailable", 251: "NoSuchTransaction",
    256: "TransactionCommitted", 263: "OperationNotSupportedInTransaction", 6: "HostUnreachable", 7: "HostNotFound",
    64: "WriteConcernTimeout", 79: "UnknownReplWriteConcern", 89: "NetworkTimeout", 100: "UnsatisfiableWriteConcern",
    189: "PrimarySteppedDown", 262: "ExceededTimeLimit", 9001: "SocketException", 10107: "NotWritablePrimary",
    10334: "BSONObjectTooLarge", 11000: "DuplicateKey", 11600: "InterruptedAtShutdown", 11601: "Interrupted",
    11602: "InterruptedDueToReplStateChange", 13388: "StaleConfig", 13435: "NotPrimaryNoSecondaryOk",
    13436: "NotPrimaryOrSecondary",
}  # fmt: skip

# SQLSTATE to code. The M… ones are the extension's own: numbered in the order of its list of errors.
CODES = {
    "M0000": 1, "M0001": 2, "M0003": 9, "M0004": 14, "M0006": 20, "M0008": 26, "M0009": 27, "M000A": 28, "M000D": 40,
    "M000E": 43, "M000F": 48, "M000G": 52, "M000K": 57, "M000M": 66, "M000N": 67, "M000P": 72, "M000Q": 73, "M000R": 85,
    "M000S": 86, "M000U": 115, "M0012": 197, "M0016": 263, "M001A": 10334, "M001B": 10334, "M001C": 11000, "M00CO": 121,
    "M003A": 10334, "M003B": 10334, "M00DO": 16, "M00EW": 24, "M00EX": 50, "M00EY": 59, "M00F0": 91, "M00F1": 112, "M00F2": 117,
    "23505": 11000,  # unique_violation
    "40001": 112,  # serialization_failure
    "40P01": 112,  # deadlock_detected
    "55P03": 112,  # lock_not_available: MongoDB does not wait for another transaction's document either
    "25P02": 251,  # in_failed_sql_transaction
    "57014": 11601,  # query_canceled
    "57P01": 91, "57P02": 91, "57P03": 91,  # the server goes down
}  # fmt: skip

# An insert makes its collection while another command drops it: in MongoDB a conflict that passes, here no code of its own.
CREATED_BY_ANOTHER = "Unable to create the specified collection"

RETRYABLE = {6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436}
SNAPSHOT = {117, 239, 246, 250}


class Failure(Exception):
    """A command's failure, as MongoDB would report it."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code, self.message = code, message


def from_postgres(error):
    state = error.sqlstate or ("57P01" if isinstance(error, psycopg.OperationalError) else "")  # none: the line is dead
    message = (error.diag.message_primary if error.diag else None) or str(error).strip() or type(error).__name__
    code = CODES.get(state, 1)
    if state == "M0000" and message == CREATED_BY_ANOTHER:
        code = 112
    return Failure(code, message if code != 1 else f"{message} (SQLSTATE {state})")


def unpacked(code):
    """Inside a reply the extension gives a SQLSTATE as PostgreSQL packs it: five characters of six bits in an int."""
    if code < 1 << 24:
        return code
    state = "".join(chr((code >> 6 * i & 0x3F) + ord("0")) for i in range(5))
    return CODES.get(state, 1)


def reply(code, message, labels=()):
    document = {"ok": 0.0, "errmsg": message, "code": code, "codeName": NAMES.get(code, f"Location{code}")}
    if labels:
        document["errorLabels"] = list(labels)
    return document


def labels(code, in_transaction, ends_transaction, retryable_write):
    """The labels that a replica set member puts on an error."""
    result = []
    if in_transaction or ends_transaction:
        transient = code in (24, 112, 251, 267) or code in SNAPSHOT
        if not ends_transaction:
            transient = transient or code in RETRYABLE
        if transient:
            result.append("TransientTransactionError")
    if (retryable_write or ends_transaction) and code in RETRYABLE:
        result.append("RetryableWriteError")
    return result
