# Two clients in one program: what arrives below `TOPIC` on the first broker is published on the
# second. Ends with Ctrl-C.
#
# A message is acknowledged to the first broker after the second one has it, or this client's session
# with it. So every message crosses, whichever connection is lost meanwhile.

import errno
import time

import mqtt

FROM_HOST = "192.168.1.10"  # where messages come from
FROM_PORT = 1883
TO_HOST = "192.168.1.11"  # where they go
TO_PORT = 1883
TOPIC = "sensor/#"
PREFIX = "house-1/"


def reconnect(client: mqtt.Client) -> int:
    """Called by a read loop until its client is connected again."""
    time.sleep_ms(500)
    try:
        client.reconnect()
    except OSError as error:
        print("no connection:", error)
    return mqtt.RECOVERED


def pass_on(client: mqtt.Client, payload: bytes, topic: str) -> None:
    while True:
        try:
            target.publish(PREFIX + topic, payload, qos=1)
            return
        except OSError as error:
            if error.errno not in (errno.ENOTCONN, errno.ENOBUFS, errno.EAGAIN):
                return  # It was taken: the session keeps it, and delivers it later.
        # Without threads the other read loop stands still as long as this function runs.
        if not target.connected():
            reconnect(target)


target = mqtt.Client("bridge-to", clean_session=False, command_timeout=10000)
source = mqtt.Client("bridge-from", clean_session=False, command_timeout=10000)
source.subscribe(TOPIC, pass_on, qos=1)
target.connect(TO_HOST, 30, TO_PORT, loop_failure=reconnect)
source.connect(FROM_HOST, 30, FROM_PORT, loop_failure=reconnect)
print("bridging")
try:
    while True:
        time.sleep(1)
except KeyboardInterrupt:
    source.disconnect()
    target.disconnect()
