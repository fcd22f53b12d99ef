"""rumqttd with its listener for MQTT 5 on a port of loopback, until it is ended:

    python rumqttd_broker.py PORT USER PASSWORD

The package iotcore has it.
"""

import sys
import tempfile

import iotcore

CONFIGURATION = """\
id = 0

[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 200
max_segment_size = 10485760
max_segment_count = 10

[v5.1]
name = "interoperability"
listen = "127.0.0.1:{port}"
next_connection_delay_ms = 1

[v5.1.connections]
connection_timeout_ms = 60000
max_payload_size = 204800
max_inflight_count = 500

[v5.1.connections.auth]
{user} = "{password}"
"""


def main(port, user, password):
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        print(CONFIGURATION.format(port=port, user=user, password=password), file=file, flush=True)
        iotcore.IotCoreBroker(config_path=file.name).run_forever()


main(*sys.argv[1:])
