"""Has scripts that know nothing of TLS connect with it.

Every use of a method `connect` is given a context; a socket's, which takes one argument, is left
alone.
"""

import ast

from harness.rewriting import wrapped

CONTEXTS = {
    "builtin": """
import mqtt
_context = mqtt.create_ssl_context({ca!a})
try:
    # A thread that connects needs more than the unix port gives it.
    import _thread
    _thread.stack_size(256 * 1024)
except ImportError:
    pass
""",
    # Where MicroPython takes no PEM it takes DER.
    "port": """
import binascii, tls
_context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
_context.load_verify_locations(binascii.a2b_base64("".join({ca!a}.strip().split("\\n")[1:-1])))
""",
}

_WRAPPER = '''
def _with_tls(connect):
    def call(*args, **named):
        if len(args) + len(named) > 1:
            if len(args) > 3:
                args = args[:3] + (args[3] or _context,) + args[4:]
            elif named.get("ssl_ctx") is None:
                named["ssl_ctx"] = _context
        return connect(*args, **named)
    return call
'''


def preamble(kind, ca):
    """The source that runs first. `kind`: see `CONTEXTS`; clients trust `ca` (PEM)."""
    return f"exec({ascii(CONTEXTS[kind].format(ca=ca) + _WRAPPER)})"


def with_context(source):
    """The source of a script whose clients connect with that."""
    return wrapped(source, "_with_tls", _uses_of_connect)


def _uses_of_connect(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "connect" and isinstance(node.ctx, ast.Load):
            yield node
