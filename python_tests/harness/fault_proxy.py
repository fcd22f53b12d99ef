#!/usr/bin/env python3
"""A network that misbehaves on command, between a client and a broker.

    with FaultProxy(broker.host, broker.port) as proxy:
        run_script("some_client", PORT=proxy.port, CONTROL=proxy.control_port)

Faults are switched on and off while it runs: by the methods below, or by lines of text to
`control_port`, each of which is answered with `ok` when it is done:

    normal                      no faults any more; bytes that were held back go on
    black                       swallows everything, both ways; new connections are accepted, and
                                that is all
    swallow up|down             swallows one direction
    stall [up|down]             takes nothing any more, so that the sender's buffers fill
    drip SECONDS [up|down] [N]  passes on byte by byte, or N at a time, with so long in between
    delay SECONDS               everything arrives so much later
    slow SECONDS                new connections are taken so much later
    refuse                      new connections are closed at once
    cut [fin|rst]               ends all connections
    cut_after up|down bytes|packets N [fin|rst]
                                ends the connection when so much has passed, counted from now on
                                (packets: of the next connection)

`up` is from the client to the broker. FIN lets everything through that was sent; RST does not.

With `clients`, a connection counts, and is passed on, when it has begun with the CONNECT of one of
these client identifiers: strangers neither reach the broker nor trip a fault. Those clients may have
another keep-alive at the broker than they think, in seconds: the broker's clock is this machine's, and
that of an emulated board falls behind when the machine has other work.
"""

import argparse
import collections
import select
import signal
import socket
import struct
import sys
import threading
import time

from harness import loopback, mqtt_packets

DIRECTIONS = ("up", "down")
# Of one direction, in the proxy's memory.
MOST_QUEUED = 1 << 18
CHUNK = 1 << 16
# The time limit of steps that take no time, in seconds. Only failures take so long.
PATIENCE = 60
# How often a thread looks whether it is to end, in seconds.
PERIOD = 0.2


class FaultProxy:
    """The proxy, running for as long as the `with` lasts. The target may change: set `target`."""

    def __init__(self, host, port, clients=None, keep_alive=None):
        self.target = (host, port)
        self.clients = clients
        self.keep_alive = keep_alive
        self.port = None
        self.control_port = None
        # Connections taken, and bytes swallowed, so far.
        self.accepted = 0
        self.swallowed = 0
        self._reset_faults()
        self._cut_rule = None
        self._connections = []
        self._controls = {}
        self._pending = collections.deque()
        self._ended = False
        self._slow_accepts = []
        # Connections of which it is not known yet whether a client has made them.
        self._unknown = []

    def __enter__(self):
        self._listener = loopback.listen()
        self._control = loopback.listen()
        self.port = self._listener.getsockname()[1]
        self.control_port = self._control.getsockname()[1]
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="fault proxy", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended = True
        try:
            self._wake_out.send(b"x")
        except OSError:
            pass  # It was awake, and has ended already.
        self._thread.join(PATIENCE)

    # ---- faults

    def normal(self):
        self._do(self._reset_faults)

    def black(self):
        def switch():
            self._swallow = set(DIRECTIONS)
            self._black = True

        self._do(switch)

    def swallow(self, direction):
        self._do(lambda: self._swallow.add(direction))

    def stall(self, direction=None):
        self._do(lambda: self._stall.update([direction] if direction else DIRECTIONS))

    def drip(self, seconds, direction=None, count=1):
        drop = (float(seconds), int(count))
        self._do(lambda: self._drip.update(dict.fromkeys([direction] if direction else DIRECTIONS, drop)))

    def delay(self, seconds):
        def switch():
            self._delay = float(seconds)

        self._do(switch)

    def slow(self, seconds):
        def switch():
            self._slow = float(seconds)

        self._do(switch)

    def refuse(self):
        def switch():
            self._refuse = True

        self._do(switch)

    def cut(self, how="rst"):
        def act():
            for connection in self._connections:
                connection.cut(how)

        self._do(act)

    def cut_after(self, direction, unit, count, how="rst"):
        def switch():
            self._cut_rule = _CutRule(direction, unit, int(count), how)

        self._do(switch)

    def command(self, line):
        """One line as from the control port."""
        name, *args = line.split()
        if name not in _COMMANDS:
            raise ValueError(f"no such command: {name}")
        getattr(self, name)(*args)

    def _reset_faults(self):
        self._swallow = set()
        self._black = False
        self._stall = set()
        self._drip = {}
        self._delay = 0
        self._slow = 0
        self._refuse = False

    def _do(self, action):
        """Has the proxy's own thread do it, and waits until it is done."""
        if threading.current_thread() is self._thread:
            action()
            return
        done = threading.Event()
        self._pending.append((action, done))
        self._wake_out.send(b"x")
        if not done.wait(PATIENCE):
            raise RuntimeError("the fault proxy hangs")

    # ---- the proxy's thread

    def _run(self):
        try:
            while not self._ended:
                self._step()
        finally:
            for connection in self._connections:
                connection.close()
            for thing in (self._listener, self._control, self._wake_in, self._wake_out, *self._controls, *self._unknown):
                thing.close()

    def _step(self):
        now = time.monotonic()
        readers = {self._wake_in: self._woken, self._listener: self._accept, self._control: self._accept_control}
        readers.update({link: lambda link=link: self._controlled(link) for link in self._controls})
        readers.update({client: lambda client=client: self._first_bytes(client) for client in self._unknown})
        writers = {}
        wake_at = [due for due, _ in self._slow_accepts]
        for connection in self._connections:
            for pipe in connection.pipes:
                if pipe.may_read():
                    readers[pipe.source] = lambda pipe=pipe: self._received(pipe)
                due = pipe.due()
                if due is None:
                    continue
                if due <= now:
                    writers[pipe.sink] = pipe
                else:
                    wake_at.append(due)
        timeout = max(0, min(wake_at) - now) if wake_at else None
        readable, writable, _ = select.select(readers, writers, [], timeout)
        for thing in writable:
            writers[thing].write()
        for thing in readable:
            if thing.fileno() >= 0:
                readers[thing]()
        now = time.monotonic()
        for due, client in list(self._slow_accepts):
            if due <= now:
                self._slow_accepts.remove((due, client))
                self._connect(client)
        for connection in self._connections:
            connection.finish()
        self._connections = [connection for connection in self._connections if not connection.closed]

    def _woken(self):
        self._wake_in.recv(100)
        while self._pending:
            action, done = self._pending.popleft()
            action()
            done.set()

    def _accept(self):
        client, _ = self._listener.accept()
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.clients is None or self._refuse:
            self._take(client)
        else:
            self._unknown.append(client)

    def _first_bytes(self, client):
        data = loopback.peek(client)
        ours = loopback.is_client(data, self.clients) if data else False
        if data is None or ours is None:
            time.sleep(0.001)  # The rest of its first packet is on its way.
            return
        self._unknown.remove(client)
        if ours:
            self._take(client)
        else:
            client.close()

    def _take(self, client):
        self.accepted += 1
        if self._refuse:
            client.close()
        elif self._slow:
            self._slow_accepts.append((time.monotonic() + self._slow, client))
        else:
            self._connect(client)

    def _connect(self, client):
        server = None
        if not self._black:
            try:
                server = socket.create_connection(self.target, 5)
            except OSError:
                # As if we were not here: the client gets no further.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.close()
                return
            server.setblocking(False)
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connections.append(_Connection(self, client, server))

    def _received(self, pipe):
        try:
            data = pipe.source.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            pipe.connection.cut("rst")
            return
        if not data:
            pipe.ended = True
            return
        if self.keep_alive is not None and pipe.direction == "up" and not pipe.has_begun:
            # Enough of it has come: the client is known.
            data = mqtt_packets.with_keep_alive(data, self.keep_alive)
        pipe.has_begun = True
        if pipe.connection.closing or pipe.direction in self._swallow or pipe.sink is None:
            self.swallowed += len(data)
            return
        rule = self._cut_rule
        if rule is not None and rule.direction == pipe.direction:
            n = rule.passes(data)
            if n is not None:
                self._cut_rule = None
                pipe.add(data[:n])
                pipe.cut_when_empty = rule.how
                return
        if pipe.cut_when_empty is None:
            pipe.add(data)

    def _accept_control(self):
        link, _ = self._control.accept()
        self._controls[link] = b""

    def _controlled(self, link):
        data = link.recv(4096)
        if not data:
            del self._controls[link]
            link.close()
            return
        *lines, rest = (self._controls[link] + data).split(b"\n")
        self._controls[link] = rest
        for line in lines:
            try:
                self.command(line.decode())
                link.send(b"ok\n")
            except Exception as error:
                link.send(f"error: {error}\n".encode())


_COMMANDS = {"normal", "black", "swallow", "stall", "drip", "delay", "slow", "refuse", "cut", "cut_after"}


class Remote:
    """Lets a script on the target do things here: `commands` are functions by name.

    The same protocol as the proxy's control port: a line with a name, answered with `ok`.
    """

    def __init__(self, **commands):
        self.commands = commands
        self.port = None

    def __enter__(self):
        self._listener = loopback.listen()
        self.port = self._listener.getsockname()[1]
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="remote", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended = True
        self._thread.join(PATIENCE)
        self._listener.close()

    def _run(self):
        # One thread for all commands: processes that they start must not outlive it.
        links = {}
        while not self._ended:
            for ready in select.select([self._listener, *links], [], [], PERIOD)[0]:
                if ready is self._listener:
                    links[ready.accept()[0]] = b""
                    continue
                # A stranger that says nothing keeps no command waiting.
                try:
                    data = ready.recv(4096)
                except OSError:
                    data = b""
                links[ready] += data
                if not data or b"\n" in links[ready]:
                    self._answer(ready, links.pop(ready).partition(b"\n")[0])
        for link in links:
            link.close()

    def _answer(self, link, line):
        with link:
            try:
                self.commands[line.decode().strip()]()
                answer = b"ok\n"
            except Exception as error:
                answer = f"error: {error!r}\n".encode()
            try:
                link.sendall(answer)
            except OSError:
                pass  # It was no client that waits.


class _Connection:
    """A client's connection and ours to the broker."""

    def __init__(self, proxy, client, server):
        self.client = client
        self.server = server
        self.closing = False
        self.closed = False
        self.pipes = [_Pipe(proxy, self, "up", client, server)]
        if server is not None:
            self.pipes.append(_Pipe(proxy, self, "down", server, client))

    def cut(self, how):
        if self.closed:
            return
        if how == "rst":
            self.close(reset=True)
            return
        self.closing = True
        for pipe in self.pipes:
            pipe.queue.clear()
        for side in (self.client, self.server):
            _shutdown(side)

    def finish(self):
        """Passes the end of a stream on; closes when both have ended."""
        for pipe in self.pipes:
            if self.closed:
                return
            if not pipe.queue:
                if pipe.cut_when_empty is not None:
                    self.cut(pipe.cut_when_empty)
                elif pipe.ended and not pipe.passed_on and not pipe.is_held():
                    pipe.passed_on = True
                    _shutdown(pipe.sink)
        if all(pipe.ended and not pipe.queue and (pipe.passed_on or self.closing) for pipe in self.pipes):
            self.close()

    def close(self, reset=False):
        self.closed = True
        for side in (self.client, self.server):
            if side is not None:
                if reset:
                    side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                side.close()


class _Pipe:
    """One direction of a connection."""

    def __init__(self, proxy, connection, direction, source, sink):
        self.proxy = proxy
        self.connection = connection
        self.direction = direction
        self.source = source
        self.sink = sink
        # (when it may go on, bytes)
        self.queue = collections.deque()
        self.queued = 0
        self.next_drip = 0
        self.has_begun = False
        self.ended = False
        self.passed_on = False
        self.cut_when_empty = None

    def may_read(self):
        return not self.ended and self.direction not in self.proxy._stall and self.queued < MOST_QUEUED

    def is_held(self):
        return self.direction in self.proxy._stall or self.direction in self.proxy._swallow

    def add(self, data):
        if data:
            self.queue.append((time.monotonic() + self.proxy._delay, data))
            self.queued += len(data)

    def due(self):
        """When there is something to write; None: never."""
        if not self.queue or self.connection.closed or self.direction in self.proxy._stall:
            return None
        if self.direction in self.proxy._drip:
            return max(self.queue[0][0], self.next_drip)
        return self.queue[0][0]

    def write(self):
        if not self.queue or self.connection.closed:
            return
        due, data = self.queue.popleft()
        drip = self.proxy._drip.get(self.direction)
        try:
            n = self.sink.send(data[: drip[1]] if drip is not None else data)
        except BlockingIOError:
            n = 0
        except OSError:
            self.connection.cut("rst")
            return
        if drip is not None:
            self.next_drip = time.monotonic() + drip[0]
        self.queued -= n
        if n < len(data):
            self.queue.appendleft((due, data[n:]))


class _CutRule:
    """Counts until it is time."""

    def __init__(self, direction, unit, count, how):
        if direction not in DIRECTIONS or unit not in ("bytes", "packets"):
            raise ValueError(f"cannot cut after {count} {unit} {direction}")
        self.direction = direction
        self.unit = unit
        self.left = count
        self.how = how
        self._data = b""

    def passes(self, data):
        """How many of these bytes are the last to pass; None: all, and more."""
        if self.unit == "bytes":
            n = self.left
            self.left -= len(data)
            return n if self.left <= 0 else None
        before = len(self._data)
        self._data += data
        at = 0
        while self.left > 0:
            try:
                header = mqtt_packets.split_fixed_header(self._data[at : at + 5])
            except mqtt_packets.Malformed:
                return None
            if header is None or at + header[1] + header[2] > len(self._data):
                self._data = self._data[at:]
                return None
            at += header[1] + header[2]
            self.left -= 1
        return at - before


def _shutdown(side):
    if side is not None:
        try:
            side.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # The other one was quicker.


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default=loopback.HOST, help="of the broker")
    parser.add_argument("--port", type=int, default=1883, help="of the broker")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with FaultProxy(options.host, options.port) as proxy:
        print(f"listening on port {proxy.port}, control on port {proxy.control_port}", flush=True)
        try:
            for line in sys.stdin:
                proxy.command(line)
                print("ok", flush=True)
            signal.pause()
        except KeyboardInterrupt:
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
