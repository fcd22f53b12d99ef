"""A broker that follows a test's script, right or wrong.

A script is a function. It runs in a thread, gets the broker, and talks to the client:

    def script(broker):
        link = broker.accept()
        link.expect(mqtt_packets.connect("id"))         # these very bytes
        link.send(mqtt_packets.connack(), pieces=1)     # byte by byte
        packet = link.expect_packet("PUBLISH", qos=1)   # one of these
        link.reset()                                    # or drop(), for a FIN
        link = broker.accept()
        ...

    with FakeBroker(script) as broker:
        run_script("some_client", PORT=broker.port)

A failure of the script is raised where the `with` ends, with the conversation up to then.
Every wait has a deadline. Connections that the script leaves open stay so until the `with` ends.
Strangers, whose first bytes are no CONNECT of the test's clients, are turned away, and the script does
not hear of them.

A connection is a `Link` (link.py). A script with a memory is `SmallBroker` (small_broker.py).
"""

import select
import socket
import threading
import time
import traceback

from harness import loopback
from harness.link import PERIOD, Aborted, Link, ScriptFailure
from harness.packet_texts import hexdump

# For one step of a script, in seconds. Only failures take so long.
PATIENCE = 60
LOGGED = 60


class FakeBroker:
    """Listens on a port of loopback for as long as the `with` lasts.

    `clients` are the client identifiers that the test's clients have; None: any client of MQTT counts.
    `patience` is how long each step may take; `result` is the value that the script returned. With `buffer` the
    kernel keeps so many bytes of a connection for us, and no more.
    """

    host = loopback.HOST

    def __init__(self, script, patience=PATIENCE, buffer=None, clients=None):
        self.script = script
        self.clients = clients
        self.patience = patience
        self.buffer = buffer
        self.result = None
        self.port = None
        self.links = []
        self._listener = None
        self._thread = None
        self._failure = None
        self._aborted = False
        self._log = []
        # Connections of which it is not known yet whose they are, and clients that the script has not
        # taken yet.
        self._unknown = []
        self._known = []

    def __enter__(self):
        self._listener = loopback.listen()
        if self.buffer is not None:
            # Connections inherit it.
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.buffer)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, name="fake broker", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, _kind, error, _traceback):
        # The client is gone: the packet that the script still waits for will not come, or is here already.
        self._thread.join(2 * self.patience if error is None else 1)
        late = self._thread.is_alive()
        self._aborted = True
        self._listener.close()
        for link in self.links:
            link.abandon()
        self._thread.join(self.patience)
        for connection in [*self._unknown, *self._known]:
            connection.close()
        if self._failure is not None and not isinstance(self._failure, Aborted):
            raise ScriptFailure(self._report()) from error
        if late and error is None:
            raise ScriptFailure(f"the fake broker's script did not end\n{self.log()}")
        if error is not None:
            # pytest shows what was printed.
            print(f"the fake broker's conversation:\n{self.log()}")

    def accept(self, within=None, silent=False, anybody=False):
        """The client's next connection. With `silent` one counts, too, that ends without a word; with
        `anybody` one that says something else than MQTT.
        """
        deadline = time.monotonic() + (self.patience if within is None else within)
        while not self._known:
            left = deadline - time.monotonic()
            if left <= 0:
                raise ScriptFailure("no connection came")
            self._sort_arrivals(min(left, PERIOD), silent, anybody)
        connection = self._known.pop(0)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link = Link(self, connection, len(self.links) + 1)
        self.links.append(link)
        link.note("connected")
        return link

    def _sort_arrivals(self, seconds, silent=False, anybody=False):
        """Takes new connections, and tells clients from strangers, for so long at most."""
        poll = select.poll()
        try:
            poll.register(self._listener, select.POLLIN)
        except ValueError:  # It is closed.
            raise Aborted from None
        for connection in self._unknown:
            poll.register(connection, select.POLLIN)
        ready = [file for file, _ in poll.poll(seconds * 1000)]
        if self._aborted:
            raise Aborted
        if self._listener.fileno() in ready:
            try:
                self._unknown.append(self._listener.accept()[0])
            except OSError:
                raise Aborted from None
        for connection in list(self._unknown):
            data = loopback.peek(connection)
            if data is None:
                continue
            ours = (anybody or loopback.is_client(data, self.clients)) if data else silent
            if ours is None:
                # The rest of its first packet is on its way, and the bytes that are there already wake every poll.
                time.sleep(0.001)
                continue
            self._unknown.remove(connection)
            if ours:
                self._known.append(connection)
            else:
                self._log.append(f"  a stranger, who said {hexdump(data, 32) or 'nothing'}")
                connection.close()

    def log(self):
        """The end of the conversation."""
        lines = list(self._log)
        cut = [f"  ... {len(lines) - LOGGED} lines"] if len(lines) > LOGGED else []
        return "\n".join(cut + lines[-LOGGED:])

    def _run(self):
        try:
            self.result = self.script(self)
        except BaseException as failure:
            self._failure = failure
            # The client need not wait for its own deadlines.
            for link in self.links:
                link.abandon()
            self._listener.close()

    def _report(self):
        failure = self._failure
        frames = [
            f"  {frame.filename}:{frame.lineno}: {frame.line}" for frame in traceback.extract_tb(failure.__traceback__)
        ]
        text = str(failure) if isinstance(failure, ScriptFailure) else repr(failure)
        return "\n".join([text, "in the fake broker's script:", *frames, "after:", self.log()])
