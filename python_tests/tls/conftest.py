"""The fixtures of the tests of TLS: scripts that get certificates, and brokers that speak TLS."""

import pytest
from harness.certificates import root


@pytest.fixture
def run_tls(run_script):
    """Runs a script with the certificates that it may need."""

    def run(name, kind="builtin", ca=None, client=None, **defines):
        ca = ca or root()
        values = {
            "KIND": kind,
            "CA": ca.pem,
            "CA_DER": ca.der,
            "HOSTNAME": "",
            "OPTIONS": 4 | 16,
            "COMMAND_TIMEOUT": 20000,
            "ROUNDS": 1,
            "GOOD": 0,
        }
        for prefix in ("CLICERT", "PKEY"):
            values[prefix] = values[f"{prefix}_DER"] = ""
        if client:
            values.update(CLICERT=client.pem, CLICERT_DER=client.der, PKEY=client.key_pem, PKEY_DER=client.key_der)
        return run_script(name, **{**values, **defines})

    return run


@pytest.fixture
def tls_broker(new_broker, tmp_path):
    """Makes a Mosquitto that speaks TLS."""

    def make(identity, *lines, clients=None):
        chain, key = identity.files(tmp_path)
        config = [f"certfile {chain}", f"keyfile {key}", *lines]
        if clients is not None:
            path = tmp_path / "clients.pem"
            path.write_text(clients.pem)
            config += [f"cafile {path}", "require_certificate true"]
        return new_broker(config=config)

    return make
