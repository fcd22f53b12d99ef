"""`openssl s_server`: another TLS than that of Mosquitto's users and of Python's front.

    with OpensslRelay(broker, identity, "-tls1_3") as server:       # one connection, to the broker
    with OpensslServer(identity) as server:                         # checks of the test
"""

import socket
import subprocess
import tempfile
import threading
import time

from harness import processes
from harness.loopback import HOST, HeldPort

PATIENCE = 120


class OpensslServer:
    """The server, for as long as the `with` lasts. The bytes of clients are in `said`, between the server's own
    output."""

    host = HOST

    def __init__(self, identity, *options):
        self.identity = identity
        self.options = options
        self.port = None
        self.said = b""
        self._condition = threading.Condition()

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="mqtt-openssl-")
        chain, key = self.identity.files(self._folder.name)
        self._held_port = HeldPort()
        self.port = self._held_port.number
        command = [processes.find_tool("openssl", "openssl"), "s_server", "-accept", f"{HOST}:{self.port}"]
        command += ["-cert", str(chain), "-cert_chain", str(chain), "-key", str(key), *self.options]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        self.process = processes.start(command, bufsize=0, **pipes)
        self._thread = threading.Thread(target=self._listen, name="openssl", daemon=True)
        self._thread.start()
        self._wait_for_port()
        return self

    def __exit__(self, *_):
        processes.end(self.process)
        self._thread.join(PATIENCE)
        self.process.stdin.close()
        self.process.stdout.close()
        self._folder.cleanup()
        self._held_port.close()

    def _wait_for_port(self):
        # A connection of ours would be the one that it serves: the table of the kernel tells.
        wanted = f":{self.port:04X} 00000000:0000 0A"
        deadline = time.monotonic() + PATIENCE
        while wanted not in open("/proc/net/tcp").read():
            assert time.monotonic() < deadline and self.process.poll() is None, self.said
            time.sleep(0.01)

    def _listen(self):
        while piece := self.process.stdout.read(65536):
            self.take(piece)

    def take(self, piece):
        with self._condition:
            self.said += piece
            self._condition.notify_all()

    def wait_for(self, data, count=1):
        """Returns when that has been said so often; the bytes behind the last one."""
        with self._condition:
            found = self._condition.wait_for(lambda: self.said.count(data) >= count, PATIENCE)
            assert found, (data, self.said)
            return self.said.split(data, count)[count]

    def send(self, data):
        self.process.stdin.write(data)


class OpensslRelay(OpensslServer):
    """Its one connection goes to the broker."""

    def __init__(self, broker, identity, *options):
        super().__init__(identity, "-quiet", "-naccept", "1", *options)
        self.broker = broker

    def __enter__(self):
        self._socket = socket.create_connection((self.broker.host, self.broker.port))
        self._down = threading.Thread(target=self._pump_down, name="openssl down", daemon=True)
        super().__enter__()
        self._down.start()
        return self

    def __exit__(self, *details):
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # The broker was quicker.
        self._down.join(PATIENCE)
        super().__exit__(*details)
        self._socket.close()

    def take(self, piece):
        try:
            self._socket.sendall(piece)
        except OSError:
            pass  # The broker has had a DISCONNECT already: nothing reads the bytes behind it.

    def _pump_down(self):
        try:
            while piece := self._socket.recv(65536):
                self.send(piece)
        except OSError:
            pass  # One of both has ended.
