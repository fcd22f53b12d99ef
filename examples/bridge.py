# Two clients in one program: every message that arrives on `TOPIC` from the first broker goes to the
# second broker. Ctrl-C ends the program.
#
# The client acknowledges a message to the first broker only after the second broker has it, or after the
# session of the second client keeps it. So every message crosses, whichever connection breaks meanwhile.

import errno
import time

import mqtt

FROM_HOST = "192.168.1.10"  # the first broker
FROM_PORT = 1883
TO_HOST = "192.168.1.11"  # the second broker
TO_PORT = 1883
TOPIC = "sensor/#"
PREFIX = "house-1/"


def reconnect(client: mqtt.Client) -> int:
    """The read loop calls this function until its client is connected again."""
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
                return  # The session has the message and delivers it later.
        # Without threads, the other read loop stops while this function runs, so reconnect here.
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
