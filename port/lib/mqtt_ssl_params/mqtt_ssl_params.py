"""The TLS of `ssl=True` and `ssl_params`, the parameters that `ssl.wrap_socket()` had, for the drop-ins."""

import tls


class Context:
    """A TLS context of the port, with these parameters."""

    def __init__(self, params):
        self._hostname = params.get("server_hostname")
        self._context = context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
        # As wrap_socket() did: without a request no certificate is verified.
        context.verify_mode = params.get("cert_reqs", tls.CERT_NONE)
        if "key" in params:
            context.load_cert_chain(params["cert"], params["key"])
        if "cadata" in params:
            context.load_verify_locations(params["cadata"])

    def wrap_socket(self, sock, server_hostname=None, **named):
        return self._context.wrap_socket(sock, server_hostname=self._hostname or server_hostname, **named)
