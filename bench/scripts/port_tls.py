# MicroPython's own TLS, as the clients of the benchmark use it.
import binascii
import tls


def context(ca):
    """A context that trusts this CA (PEM)."""
    made = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    # Not every build of MicroPython takes PEM.
    made.load_verify_locations(binascii.a2b_base64("".join(ca.strip().split("\n")[1:-1])))
    return made


class Ussl:
    """The module that umqtt.simple imports, and that MicroPython had formerly."""

    def __init__(self, context, host):
        self.context = context
        self.host = host

    def wrap_socket(self, sock):
        return self.context.wrap_socket(sock, server_hostname=self.host)
