# Commands to the test, which acts on the broker and the network.
import socket
import time


def tell(line):
    """Gives the test, which listens at CONTROL, a command; returns when it has been carried out."""
    link = socket.socket()
    link.connect(socket.getaddrinfo(HOST, CONTROL)[0][-1])
    link.send(line.encode() + b"\n")
    answer = link.recv(100)
    link.close()
    assert answer == b"ok\n", answer


_asked = time.ticks_ms()


def broker_lets_wait():
    """Whether the broker has come to where it lets the call wait. It is asked every 20 ms at the most."""
    global _asked
    if time.ticks_diff(time.ticks_ms(), _asked) < 20 * SLOWNESS:
        return False
    _asked = time.ticks_ms()
    try:
        tell("waiting")
    except AssertionError:
        return False
    tell("again")
    return True
