"""Servers' certificates of which no client may approve, and the words that its error has for them."""

from harness import certificates
from harness.certificates import DAY, NOW, authority, issue, root

# The errno of a server that is not to be trusted: the same on all targets that run these tests.
EACCES = 13
# The checks of the client.
NAME = "localhost"


def as_authority(common_name, **options):
    """Issues a certificate from a server's own."""
    leaf = issue("a server", root(), names=[NAME])
    return issue(common_name, leaf, **options)


BAD = {
    "expired": (lambda: issue("s", root(), names=[NAME], begin=NOW - 9 * DAY, end=NOW - DAY), ["expired"]),
    "not yet valid": (
        lambda: issue("s", root(), names=[NAME], begin=NOW + DAY, end=NOW + 9 * DAY),
        ["not valid yet", "is the clock set?"],
    ),
    "expired intermediate": (
        lambda: issue("s", authority("i", root(), begin=NOW - 9 * DAY, end=NOW - DAY), names=[NAME]),
        ["expired"],
    ),
    "unknown issuer": (lambda: issue("s", authority("another"), names=[NAME]), ["issuer"]),
    "namesake of the root": (lambda: issue("s", authority("root p256"), names=[NAME]), ["server's certificate"]),
    "self-signed": (lambda: issue("s", names=[NAME]), ["self-signed"]),
    "wrong name": (
        lambda: issue("s", root(), names=["one.example", "*.two.example", "192.0.2.1"]),
        ["another name", "one.example", "*.two.example", "192.0.2.1"],
    ),
    "address instead of name": (lambda: issue("s", root(), names=["127.0.0.1"]), ["another name", "127.0.0.1"]),
    "wildcard for more than one label": (lambda: issue("s", root(), names=["*.localhost"]), ["another name"]),
    "name in CN only": (lambda: issue(NAME, root()), ["another name"]),
    "for clients": (lambda: issue("s", root(), names=[NAME], usages=[certificates.CLIENT]), ["not for servers"]),
    "leaf as authority": (lambda: as_authority("s", names=[NAME]), ["issuer"]),
    "intermediate without basicConstraints": (
        lambda: issue("s", authority("i", root(), basic_constraints=False), names=[NAME]),
        ["issuer"],
    ),
}
