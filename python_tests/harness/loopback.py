"""Ports of loopback that are held from the moment they are chosen, and clients that are told from
strangers.

A port that is free now may be another program's a moment later, and a program that looks for its own
server may come to ours. So a test's port is held until the test is over, and a test's server looks at
the first bytes of a connection before it takes the connection for its client's.
"""

import socket

from harness import mqtt_packets

HOST = "127.0.0.1"
# The part of a client identifier that is compared: the kernel does not keep more for us to look at in every case.
LOOKED_AT = 500


class HeldPort:
    """A TCP port of loopback that stays ours until `close`, or the end of the `with`.

    Nobody listens there: a connection is refused. A server that binds the port by its `number`, with
    SO_REUSEADDR as servers do, can listen there, and end, and listen again. Nobody else is given it.
    """

    def __init__(self):
        self._socket = socket.socket()
        # Before bind(): with it the kernel lets a second socket have the port, if that one asks
        # for it by its number.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((HOST, 0))
        self.number = self._socket.getsockname()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._socket.close()


def listen(host=HOST, port=0):
    """A listening socket. 0: on a port of its own."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=64)


def is_client(data, clients=None):
    """Whether a connection that begins with `data` is a client's; None: there is too little to tell.

    `clients` are the client identifiers that count; None: all of them.
    """
    header = b"\x00\x04MQTT"
    if data[:1] != b"\x10"[: len(data)]:
        return False
    try:
        fixed = mqtt_packets.split_fixed_header(data)
    except mqtt_packets.Malformed:
        return False
    if fixed is None:
        return None
    body = data[fixed[2] :]
    if body[: len(header)] != header[: len(body)] or (len(body) > len(header) and body[len(header)] not in (4, 5)):
        return False
    # Behind the header: version, flags, keep alive, in MQTT 5 properties, and the identifier with its length.
    at = len(header) + 4
    if len(body) <= at:
        return None
    if body[len(header)] == 5:
        # Longer blocks than of one byte's length are no test's that has clients to tell apart.
        at += 1 + body[at]
    if clients is None:
        return True
    if len(body) < at + 2:
        return None
    length = min(int.from_bytes(body[at : at + 2], "big"), LOOKED_AT)
    if len(body) < at + 2 + length:
        return None
    identifier = body[at + 2 : at + 2 + length]
    return any(client.encode()[:LOOKED_AT] == identifier for client in clients)


def peek(connection):
    """The first bytes that have come, which stay to be read; b"" at the end. None: none have come."""
    try:
        return connection.recv(LOOKED_AT + 64, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return None
    except OSError:
        return b""
