"""A panic in other people's code, on the interpreter of `make unix-panic`."""

import pytest
from harness.certificates import local_server
from harness.tls_front import TlsFront, server_context

pytestmark = [pytest.mark.plain, pytest.mark.panic]


def test_a_panic_in_tls_ends_the_connection(run_script, broker):
    with TlsFront((broker.host, broker.port), server_context(local_server())) as front:
        run_script("panics", PORT=front.port)
