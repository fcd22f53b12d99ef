# What happens to the broker and the network, on command.
import socket


def tell(line):
    """Gives who listens at CONTROL a command; returns when it has been carried out."""
    link = socket.socket()
    link.connect(socket.getaddrinfo(HOST, CONTROL)[0][-1])
    link.send(line.encode() + b"\n")
    answer = link.recv(100)
    link.close()
    assert answer == b"ok\n", answer
