"""The power fails after every single byte, and after every call of the function of `set_store()`."""

import pytest

# All handshakes in both directions take more bytes and calls than these.
BYTES = 100
CALLS = 10


@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize("version", [4, 5])
def test_every_moment(run_script, broker, version, wait):
    # The connection leads to Mosquitto, which hears nothing: the script has a broker of its own.
    *_, line = run_script("every_moment", 120, PORT=broker.port, PROTOCOL=version, WAIT=wait)
    points, calls = map(int, line.split())
    assert points > BYTES and calls > CALLS
