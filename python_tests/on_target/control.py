# Commands to the test, which acts on the broker and the network.
import socket


def tell(line):
    """Gives the test, which listens at CONTROL, a command; returns when it has been carried out."""
    link = socket.socket()
    link.connect(socket.getaddrinfo(HOST, CONTROL)[0][-1])
    link.send(line.encode() + b"\n")
    answer = link.recv(100)
    link.close()
    assert answer == b"ok\n", answer
