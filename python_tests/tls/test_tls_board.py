"""The built-in TLS on an emulated board (`make MPS2_AN385-tls`): a Cortex-M3 with small buffers."""

import pytest
from harness.certificates import LOCAL, authority, issue, root
from harness.openssl_server import OpensslRelay
from tls.bad_certificates import BAD, EACCES, NAME

pytestmark = [pytest.mark.plain, pytest.mark.tls_board]


def test_messages_and_the_stack(run_tls, tls_broker):
    """A chain of two, records of 2 KiB; the stack has room to spare."""
    broker = tls_broker(issue("server", authority("intermediate", root()), names=LOCAL))
    lines = run_tls("stack_of_a_board", PORT=broker.port)
    print("\n".join(lines))


@pytest.mark.parametrize("known, words", [("mqtt", ""), ("http/1.1", "the server knows none of the names in alpn")])
def test_application_protocols(run_tls, broker, known, words):
    """The longest list: the client's buffer is larger than usual."""
    offered = ["x" * 252, "mqtt"]
    with OpensslRelay(broker, issue("server", root(), names=LOCAL), "-tls1_3", "-alpn", known) as server:
        run_tls("application_protocols", PORT=server.port, ALPN=offered, WORDS=words)


@pytest.mark.parametrize("case", ["expired", "unknown issuer", "wrong name", "leaf as authority"])
def test_a_bad_certificate(run_tls, tls_broker, case):
    make, words = BAD[case]
    broker = tls_broker(make())
    run_tls("refused_connection", PORT=broker.port, HOSTNAME=NAME, ERRNO=EACCES, WORDS=words)
