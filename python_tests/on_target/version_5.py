"""Clients of MQTT 5; a module without it ends the script."""

import mqtt
from on_target.support import need_version_5

need_version_5()


def new_client(clean_session=True, name="v5", **properties):
    """A client with these properties of CONNECT."""
    client = mqtt.Client(name, clean_session, cycle_timeout=20, command_timeout=20000)
    client.set_version(5, **properties)
    return client


def connected(clean_session=True, name="v5", **properties):
    """The same, connected."""
    client = new_client(clean_session, name, **properties)
    assert client.connect(HOST, 60, PORT) == 0
    return client
