"""A page in Chromium, without a window. Chromium takes commands (of its DevTools protocol) through a pipe."""

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time

from harness import processes

# The time limit of a command and of a condition, in s.
PATIENCE = 60
# A command ends with a zero.
END = b"\0"
# Chromium reads from descriptor 3, and writes to 4.
RENUMBER = """
import fcntl, os, sys
commands, answers = (fcntl.fcntl(int(number), fcntl.F_DUPFD_CLOEXEC, 10) for number in sys.argv[1:3])
os.dup2(commands, 3)
os.dup2(answers, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Page:
    """A page that is open, as wide as `width` pixels."""

    def __init__(self, url, width=1280, height=900):
        self._numbers = 0
        self._read = b""
        self._folder = tempfile.mkdtemp(prefix="mqtt-chromium-")
        theirs, self._commands = os.pipe()
        self._answers, theirs_too = os.pipe()
        command = [processes.find_tool("chromium", "chromium"), "--headless", "--no-sandbox", "--disable-gpu"]
        command += ["--remote-debugging-pipe", f"--user-data-dir={self._folder}", f"--window-size={width},{height}"]
        numbers = (str(theirs), str(theirs_too))
        options = {"pass_fds": (theirs, theirs_too), "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = processes.start([sys.executable, "-c", RENUMBER, *numbers, *command, "about:blank"], **options)
        os.close(theirs)
        os.close(theirs_too)
        self._session = None
        targets = self.call("Target.getTargets")["targetInfos"]
        (target,) = [target["targetId"] for target in targets if target["type"] == "page"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        self.call("Page.navigate", url=url)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        processes.end(self._process)
        os.close(self._commands)
        os.close(self._answers)
        shutil.rmtree(self._folder, ignore_errors=True)

    def call(self, method, **parameters):
        """The result of a command."""
        self._numbers += 1
        command = {"id": self._numbers, "method": method, "params": parameters}
        if self._session:
            command["sessionId"] = self._session
        os.write(self._commands, json.dumps(command).encode() + END)
        while True:
            message = self._next()
            if message.get("id") == self._numbers:
                assert "error" not in message, message
                return message["result"]

    def value(self, expression):
        """The value of an expression of JavaScript."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def wait_for(self, expression):
        """The value of the expression, once that is not false."""
        deadline = time.monotonic() + PATIENCE
        while not (value := self.value(expression)):
            assert time.monotonic() < deadline, f"waited in vain for {expression}"
            time.sleep(0.05)
        return value

    def _next(self):
        while END not in self._read:
            ready, _, _ = select.select([self._answers], [], [], PATIENCE)
            assert ready, "Chromium does not answer"
            chunk = os.read(self._answers, 1 << 16)
            assert chunk, "Chromium has ended"
            self._read += chunk
        message, _, self._read = self._read.partition(END)
        return json.loads(message)
