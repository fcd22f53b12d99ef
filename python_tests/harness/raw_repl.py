"""Scripts on a board, over the raw REPL of its console."""

import argparse
import ast
import os
import re
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness import processes

# The time limit of the board's own steps, in s. It takes a tenth of a second to a few seconds on an
# idle PC.
PATIENCE = 120
# A script that is interrupted has so long to end.
LAST_WORDS = 5

INTERRUPT, END, RAW_REPL, FRIENDLY_REPL = b"\x03", b"\x04", b"\x01", b"\x02"


class BoardError(Exception):
    """The board does not behave as every board does."""


class BoardEnded(BoardError):
    """The emulator ended: the board was reset, or met a fault."""

    def __init__(self, status, complaints):
        super().__init__(f"the emulator ended with status {status}{complaints}")
        self.status = status


class Board:
    """A board under power; as a context manager, switched off at the end.

    `command` is an emulator that has the board's console as its standard input and output.
    """

    # The source that brings the network up, for the raw REPL.
    network_up = ""

    def __init__(self, command):
        # The emulator's own messages are no output of the board's: QEMU's network warns of packets that
        # it has to send again.
        self._complaints = tempfile.TemporaryFile()
        self.process = processes.start(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._complaints, bufsize=0
        )
        self._unread = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.switch_off()

    def switch_off(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self._complaints.close()

    def _end(self):
        """The end of the emulator, as an exception with its last output."""
        status = self.process.wait()
        self._complaints.seek(0)
        complaints = self._complaints.read().decode(errors="replace").strip()
        return BoardEnded(status, complaints and f": {complaints}")

    def write(self, data):
        """Types on the console."""
        try:
            self.process.stdin.write(data)
        except BrokenPipeError:
            raise self._end() from None

    def read_until(self, marker, timeout=PATIENCE, output=None):
        """The output of the console before the marker. `output` gets it as it comes, instead."""
        deadline = None if timeout is None else time.monotonic() + timeout
        seen = self._unread
        while marker not in seen:
            if output is not None:
                # Bytes that may begin the marker wait.
                whole = len(seen) - len(marker) + 1
                if whole > 0:
                    output(seen[:whole])
                    seen = seen[whole:]
            left = None if deadline is None else max(0, deadline - time.monotonic())
            if not select.select([self.process.stdout], [], [], left)[0]:
                self._unread = seen
                raise BoardError(f"the board does not answer; it said {seen[-1000:]!r}")
            data = os.read(self.process.stdout.fileno(), 65536)
            if not data:
                self._unread = b""
                if output is not None:
                    output(seen)
                else:
                    sys.stderr.buffer.write(seen)
                raise self._end()
            seen += data
        text, _, self._unread = seen.partition(marker)
        if output is not None:
            output(text)
            return b""
        return text

    def enter_raw_repl(self):
        self.write(b"\r" + RAW_REPL)
        self.read_until(b"raw REPL; CTRL-B to exit\r\n>")

    def start(self, source):
        """Hands the source to the raw REPL, which runs it."""
        self.write(source.encode() + END)
        answer = self.read_until(b"OK")
        if answer:
            raise BoardError(f"the raw REPL says {answer!r}")

    def follow(self, timeout=None, output=None):
        """The output of the running source, and the traceback that ends it."""
        printed = self.read_until(END, timeout, output)
        traceback = self.read_until(END, timeout)
        self.read_until(b">", timeout)
        return printed.decode(errors="replace"), traceback.decode(errors="replace").replace("\r\n", "\n")

    def run(self, source, timeout=PATIENCE):
        """Runs a piece of source; returns its output. Its exceptions are ours."""
        self.start(source)
        printed, traceback = self.follow(timeout)
        if traceback:
            raise BoardError(traceback)
        return printed.replace("\r\n", "\n")


# The frame of the line that runs the script.
_OUTER_FRAME = re.compile(r'^  File "<stdin>", line \d+, in <module>\n', re.MULTILINE)


def run_script(board, name, source, args, output):
    """Runs a script with the network up; returns its traceback and its exit status."""
    board.enter_raw_repl()
    board.run(board.network_up)
    board.start(
        f"import sys\nsys.argv[:] = {ascii([name, *args])}\ndel sys\n"
        f"_exit = None\n_script = compile({ascii(source)}, {ascii(name)}, 'exec')"
    )
    _, traceback = board.follow(PATIENCE)
    if not traceback:
        board.start("try:\n exec(_script)\nexcept SystemExit as _e:\n _exit = _e.args")
        try:
            _, traceback = board.follow(output=output)
        except KeyboardInterrupt:
            board.write(INTERRUPT)
            _, traceback = board.follow(LAST_WORDS, output)
            return _OUTER_FRAME.sub("", traceback, count=1), 130
    if traceback:
        return _OUTER_FRAME.sub("", traceback, count=1), 1
    value = ast.literal_eval(board.run("print(_exit)") or "None")
    if not value or value[0] is None:
        return "", 0
    return ("", value[0] & 0xFF) if isinstance(value[0], int) else (f"{value[0]}\n", 1)


class Newlines:
    """Writes the board's output to a binary file with this machine's ends of lines."""

    def __init__(self, file):
        self.file = file
        self.held = b""

    def __call__(self, data):
        data = self.held + data
        self.held = data[-1:] if data.endswith(b"\r") else b""
        data = data[: len(data) - len(self.held)].replace(b"\r\n", b"\n")
        if data:
            self.file.write(data)
            self.file.flush()


def main(make_board, description):
    """The command line of a kind of board: the name, the image, a script and its arguments."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("board")
    parser.add_argument("image")
    parser.add_argument("script", type=Path)
    parser.add_argument("args", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    source = options.script.read_text(encoding="utf-8")
    try:
        with make_board(options.board, options.image) as board:
            output = Newlines(sys.stdout.buffer)
            traceback, status = run_script(board, options.script.name, source, options.args, output)
        sys.stderr.write(traceback)
        return status
    except BoardError as error:
        print(f"{options.board}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
