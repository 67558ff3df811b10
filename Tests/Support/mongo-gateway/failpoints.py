"""configureFailPoint: failCommand, as the MongoDB drivers' own tests use it."""

import threading
import time

from errors import Failure

KNOWN = {
    "failCommands", "appName", "namespace", "errorCode", "errorLabels", "closeConnection", "blockConnection", "blockTimeMS",
    "writeConcernError", "failInternalCommands", "afterCommand",
}  # fmt: skip

# What drivers send on their own; `failCommands: ["*"]` means every command but these.
OF_DRIVERS = {
    "hello", "isMaster", "ping", "endSessions", "killCursors", "saslStart", "saslContinue", "configureFailPoint",
}  # fmt: skip


class FailPoints:
    def __init__(self):
        self.lock = threading.Lock()
        self.data = None
        self.skip = self.times = self.entered = 0

    def configure(self, command):
        if command["configureFailPoint"] != "failCommand":
            raise Failure(2, f"the fail point {command['configureFailPoint']} is not imitated, only failCommand")
        mode, data = command.get("mode"), dict(command.get("data") or {})
        if unknown := set(data) - KNOWN:
            raise Failure(2, f"failCommand does not know {', '.join(sorted(unknown))}")
        skip, times = 0, None
        if mode == "off":
            data = None
        elif isinstance(mode, dict) and mode and set(mode) <= {"skip", "times"}:
            skip = int(mode.get("skip", 0))
            times = int(mode["times"]) if "times" in mode else None
        elif mode != "alwaysOn":
            raise Failure(2, "the mode of a fail point is 'off', 'alwaysOn', {times: n}, {skip: n} or {skip: n, times: m}")
        with self.lock:
            count, self.entered = self.entered, 0
            self.data, self.skip, self.times = data, skip, times
        return {"count": count, "ok": 1.0}

    def entering(self, name, namespace, app_name):
        """What to do to this command: the fail point's data, or None."""
        if self.data is None or name == "configureFailPoint":
            return None
        with self.lock:
            data = self.data
            if data is None or not self.names(data.get("failCommands", ()), name):
                return None
            if "appName" in data and data["appName"] != app_name:
                return None
            if "namespace" in data and data["namespace"] != namespace:
                return None
            if self.skip > 0:
                self.skip -= 1
                return None
            if self.times is not None:
                if self.times == 0:
                    return None
                self.times -= 1
            self.entered += 1
        return data

    @staticmethod
    def names(commands, name):
        return name in commands or ("*" in commands and name not in OF_DRIVERS)


def block(data):
    if data.get("blockConnection"):
        time.sleep(data.get("blockTimeMS", 0) / 1000)
