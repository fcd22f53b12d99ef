"""Has scripts that know nothing of TLS connect with it.

Every use of a method `connect` is given a context; a socket's, which takes one argument, is left
alone. Lines keep their numbers.
"""

import ast

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
    lines = source.split("\n")
    found = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr == "connect" and isinstance(node.ctx, ast.Load)
    ]
    # From behind, so that places stay true.
    for node in sorted(found, key=lambda node: (node.end_lineno, node.end_col_offset), reverse=True):
        for number, column, text in (
            (node.end_lineno, node.end_col_offset, ")"),
            (node.lineno, node.col_offset, "_with_tls("),
        ):
            # ast counts bytes.
            line = lines[number - 1].encode()
            lines[number - 1] = (line[:column] + text.encode() + line[column:]).decode()
    return "\n".join(lines)
