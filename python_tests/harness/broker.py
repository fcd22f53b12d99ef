#!/usr/bin/env python3
"""A private Mosquitto, on a port of its own, that ends with us.

    with Mosquitto() as broker:
        ... broker.host, broker.port ...

Run as a program, it starts one and prints its port; Ctrl-C ends it.
"""

import argparse
import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import weakref
from pathlib import Path

from harness import processes
from harness.loopback import HOST, HeldPort

PACKAGE = "mosquitto"
START_DEADLINE = 60

_running = weakref.WeakSet()


@atexit.register
def _close_all():
    for broker in list(_running):
        broker.close()


class BrokerError(Exception):
    """Mosquitto did not start. The text holds the end of its log."""


class Mosquitto:
    """One broker: `start` it, or use it as a context manager.

    users        {name: password}; without it everybody may connect
    anonymous    may clients connect without a name? (default: only if there are no users)
    persistence  sessions and messages survive `restart` (saved at a clean end)
    config       more lines of mosquitto.conf; they stand after the listener's own

    The log of all its lives is in `log_path`. The folder goes away with `close`.
    """

    host = HOST

    def __init__(self, *, users=None, anonymous=None, persistence=False, config=()):
        self.users = users or {}
        self.anonymous = not self.users if anonymous is None else anonymous
        self.persistence = persistence
        self.config = list(config)
        self.port = None
        self._held_port = None
        self.process = None
        self.folder = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    @property
    def log_path(self):
        return self.folder / "mosquitto.log"

    def log(self):
        """The lines that it has logged so far."""
        if self.folder is None or not self.log_path.exists():
            return ""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def start(self):
        """Starts it; returns when it accepts connections. The second start keeps the port, which is
        nobody else's in between.
        """
        if self.process is not None:
            raise RuntimeError("this broker is running")
        if self.folder is None:
            self.folder = Path(tempfile.mkdtemp(prefix="mqtt-broker-"))
            self._held_port = HeldPort()
            self.port = self._held_port.number
            _running.add(self)
        try:
            self._write_passwords()
            self._start_process()
        except BaseException:
            self.close()
            raise
        return self

    def stop(self):
        """A clean end: clients are disconnected, the state is saved if it is to persist."""
        process, self.process = self.process, None
        if process is not None:
            processes.end(process)

    def kill(self):
        """SIGKILL: connections break, nothing is saved."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait()

    def restart(self):
        """Ends it and starts it again, on the same port."""
        self.stop()
        self.start()

    def close(self):
        """Ends it and removes its folder."""
        self.stop()
        _running.discard(self)
        folder, self.folder = self.folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
            self._held_port.close()

    def _write_passwords(self):
        self._passwords.unlink(missing_ok=True)
        for name, password in self.users.items():
            create = [] if self._passwords.exists() else ["-c"]
            tool = processes.find_tool("mosquitto_passwd", PACKAGE)
            subprocess.run([tool, *create, "-b", str(self._passwords), name, password], check=True, timeout=START_DEADLINE)

    @property
    def _passwords(self):
        return self.folder / "passwords"

    def _config_text(self, port):
        lines = [
            "log_dest stderr",
            "log_type all",
            "connection_messages true",
            # No limit: any loss must be our fault.
            "max_queued_messages 0",
            # Its second small packet in a row would wait for our delayed TCP acknowledgement.
            "set_tcp_nodelay true",
            f"persistence {'true' if self.persistence else 'false'}",
            f"persistence_location {self.folder}/",
            f"allow_anonymous {'true' if self.anonymous else 'false'}",
        ]
        if os.geteuid() == 0:
            lines.append("user root")
        if self.users:
            lines.append(f"password_file {self._passwords}")
        lines.append(f"listener {port} {self.host}")
        return "\n".join([*lines, *self.config, ""])

    def _start_process(self):
        config = self.folder / "mosquitto.conf"
        config.write_text(self._config_text(self.port), encoding="utf-8")
        command = [processes.find_tool("mosquitto", PACKAGE), "-c", str(config)]
        with open(self.log_path, "ab") as log:
            before = log.tell()
            self.process = processes.start(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder
            )
        deadline = time.monotonic() + START_DEADLINE
        while True:
            said = self.log_path.read_bytes()[before:].decode("utf-8", "replace")
            if " running\n" in said and self._accepts():
                return
            if self.process.poll() is not None:
                self.process = None
                raise BrokerError(f"mosquitto ended at once:\n{said[-2000:]}")
            if time.monotonic() > deadline:
                raise BrokerError(f"mosquitto does not accept connections:\n{said[-2000:]}")
            time.sleep(0.01)

    def _accepts(self):
        try:
            socket.create_connection((self.host, self.port), 1).close()
        except OSError:
            return False
        return True


def main():
    parser = argparse.ArgumentParser(description="Run a private Mosquitto until Ctrl-C.")
    parser.add_argument("--user", metavar="NAME:PASSWORD", action="append", default=[])
    parser.add_argument("--persistence", action="store_true")
    parser.add_argument("--config", metavar="LINE", action="append", default=[], help="a line for mosquitto.conf")
    options = parser.parse_args()
    users = dict(user.partition(":")[::2] for user in options.user)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with Mosquitto(users=users, persistence=options.persistence, config=options.config) as broker:
            print(broker.port, flush=True)
            broker.process.wait()
            print(broker.log()[-2000:], file=sys.stderr)
            return 1
    except (BrokerError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
