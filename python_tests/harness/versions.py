"""The versions of MQTT, as numbers of CONNECT: 4 for MQTT 3.1.1, and 5.

Has scripts that know nothing of MQTT 5 speak it: each object that they make by calling `Client` gets that version.
"""

import ast

from harness import mqtt5, mqtt_packets
from harness.rewriting import wrapped

# The modules that make the packets of each version.
PACKETS = {4: mqtt_packets, 5: mqtt5}
NAMES = {4: "3.1.1", 5: "5"}

_WRAPPER = '''
import mqtt
if not hasattr(mqtt.Client, "set_version"):
    print("SKIP the module was built without MQTT 5")
    raise SystemExit
def _of_version_5(make):
    def call(*args, **named):
        client = make(*args, **named)
        client.set_version(5)
        return client
    return call
'''

# The source that runs first.
PREAMBLE = f"exec({ascii(_WRAPPER)})"


def with_version_5(source):
    """The source of a script whose clients speak MQTT 5."""
    return wrapped(source, "_of_version_5", _calls_of_client)


def _calls_of_client(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "Client":
            yield node.func
