# A function is at work on the first message for longer than command_timeout, while the others fill the inbox and the
# client leaves the rest unread: the connection stays, and every message comes, in order.
import time

import mqtt
from on_target.support import wait_until

COMMAND_TIMEOUT = 1000 * SLOWNESS
got = []


def take(client, payload, topic):
    if not got:
        time.sleep_ms(3 * COMMAND_TIMEOUT)
    got.append(int(payload[:6]))


client = mqtt.Client("full-inbox", command_timeout=COMMAND_TIMEOUT)
client.connect(HOST, 0, PORT)
client.subscribe("m", take)
wait_until(lambda: len(got) == COUNT or not client.connected(), 60)
assert client.failure is None, (client.failure, len(got))
assert got == list(range(COUNT)), got
client.disconnect()
print("OK")
