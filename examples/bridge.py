# Two clients in one program: every message that arrives on `TOPIC` from the first broker goes to the
# second broker, with its QoS and its retained flag. (A broker sets the flag on the messages that it had kept
# when the bridge subscribed, and not on later ones.) Ctrl-C ends the program.
#
# The client acknowledges a message of QoS 1 or 2 to the first broker only after the second broker has it, or after the
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


def reconnect(client: mqtt.Client) -> None:
    time.sleep_ms(500)
    try:
        client.reconnect()
    except OSError as error:
        print("no connection:", error)


def pass_on(client: mqtt.Client, payload: bytes, topic: str) -> None:
    message = client.message
    assert message  # in a function of subscribe() there is one
    while True:
        try:
            target.publish(PREFIX + topic, payload, message.qos, message.retain)
            return
        except mqtt.MQTTException as error:
            print("sent at QoS 1:", error)  # the second broker has no QoS 2
            return
        except OSError as error:
            if message.qos and error.errno not in (errno.ENOTCONN, errno.ENOBUFS, errno.EAGAIN):
                return  # The session has the message and delivers it later.
        # Without threads, the other read loop stops while this function runs, so reconnect here.
        if not target.connected():
            reconnect(target)


target = mqtt.Client("bridge-to", clean_session=False, command_timeout=10000)
source = mqtt.Client("bridge-from", clean_session=False, command_timeout=10000)
source.subscribe(TOPIC, pass_on, qos=2)
target.connect(TO_HOST, 30, TO_PORT, loop_failure=mqtt.auto_reconnect())
source.connect(FROM_HOST, 30, FROM_PORT, loop_failure=mqtt.auto_reconnect())
print("bridging")
try:
    while True:
        time.sleep(1)
except KeyboardInterrupt:
    source.disconnect()
    target.disconnect()
