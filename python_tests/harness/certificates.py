"""Certificates for tests, good and bad ones, made when they are asked for.

    root = authority("a root")
    server = issue("a server", root, names=["localhost", "127.0.0.1"])
    server.chain_pem, server.key_pem, server.files(folder), root.pem

Nothing here is kept: every run has its own keys.
"""

import datetime
import functools
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)
NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)

SERVER = ExtendedKeyUsageOID.SERVER_AUTH
CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH

KEYS = {
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}


class Identity:
    """A certificate, its key, and its issuer (`None`: itself)."""

    def __init__(self, cert, key, issuer):
        self.cert = cert
        self.key = key
        self.issuer = issuer

    @property
    def der(self):
        return self.cert.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self):
        return self.cert.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def chain_pem(self):
        """The certificate, and those between it and the root."""
        above, pems = self, []
        while above.issuer is not None:
            pems.append(above.pem)
            above = above.issuer
        return "".join(pems or [self.pem])

    @property
    def key_pem(self):
        return self._key(serialization.Encoding.PEM).decode()

    @property
    def key_der(self):
        return self._key(serialization.Encoding.DER)

    def _key(self, encoding):
        return self.key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())

    def files(self, folder):
        """Writes chain and key; their paths."""
        chain, key = Path(folder, f"{id(self)}.crt"), Path(folder, f"{id(self)}.key")
        chain.write_text(self.chain_pem)
        key.write_text(self.key_pem)
        return chain, key


def _name(common_name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general_name(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def issue(
    common_name,
    issuer=None,
    *,
    kind="p256",
    names=(),
    ca=False,
    basic_constraints=True,
    usages=(SERVER,),
    begin=NOW - DAY,
    end=NOW + 30 * DAY,
):
    """A certificate. Without `issuer` it is self-signed.

    `names` may be DNS names and IP addresses. `usages` are those of the extended key usage.
    """
    key = KEYS[kind]()
    signer = issuer.key if issuer else key
    public = key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(common_name))
        .issuer_name(issuer.cert.subject if issuer else _name(common_name))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False)
    )
    if basic_constraints:
        builder = builder.add_extension(x509.BasicConstraints(ca, None), True)
    sign_usage = x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False)
    builder = builder.add_extension(sign_usage, True)
    if usages and not ca:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), False)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([_general_name(n) for n in names]), False)
    algorithm = {ed25519.Ed25519PrivateKey: None, ec.EllipticCurvePrivateKey: _digest(signer)}
    digest = next((d for kind, d in algorithm.items() if isinstance(signer, kind)), hashes.SHA256())
    return Identity(builder.sign(signer, digest), key, issuer)


def _digest(key):
    return hashes.SHA384() if getattr(key, "key_size", 0) == 384 else hashes.SHA256()


def authority(common_name, issuer=None, *, kind="p256", **options):
    """A CA: a root, or an intermediate one."""
    return issue(common_name, issuer, kind=kind, ca=True, **options)


# This machine, as a script on this machine and one on an emulated board know it.
LOCAL = ("localhost", "127.0.0.1", "::1", "10.0.2.2", "10.0.0.1")


@functools.cache
def _root(kind):
    return authority(f"root {kind}", kind=kind)


def root(kind="p256"):
    """The CA that the tests trust."""
    return _root(kind)


@functools.cache
def local_server(kind="p256"):
    """A server on this machine, with one CA between it and the root."""
    return issue("a local server", authority("an intermediate", root(kind), kind=kind), kind=kind, names=LOCAL)


def encrypted_key_pem(key):
    """As a key is kept that needs a password."""
    encryption = serialization.BestAvailableEncryption(b"password")
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption).decode()
