# A function makes a CALL whose answer comes behind COUNT messages, more than the client keeps: ENOBUFS, and the
# connection stays. They come in order afterwards, when the function has returned.
import errno
import gc

import mqtt
from on_target.support import Record, wait_until

got = 0
wrong = []
failures = []
outcome = []
ended = Record()
calls = {
    "publish_1": lambda client: client.publish("out", "", 1),
    "publish_2": lambda client: client.publish("out", "", 2),
    "subscribe": lambda client: client.subscribe("new", print),
    "unsubscribe": lambda client: client.unsubscribe("m/other"),
}


def go(client):
    gc.collect()
    before = gc.mem_alloc()
    try:
        calls[CALL](client)
        outcome.append("it returned")
    except Exception as error:
        outcome.append(error)
    gc.collect()
    outcome.append(gc.mem_alloc() - before)
    outcome.append(got)
    outcome.append(client.connected())


def take(client, payload, topic):
    global got
    if topic == "go":
        go(client)
    elif topic == "end":
        ended(client, payload, topic)
    else:
        number = int(payload[:6])
        if number != got or not outcome:
            wrong.append((number, got))
        got = number + 1


client = mqtt.Client("behind", command_timeout=20000)
assert client.connect(HOST, 60, PORT, loop_failure=failures.append, start_loop=LOOP) == 0
client.subscribe("#", take, QOS)
client.subscribe("m/other", take, QOS)
if LOOP:
    wait_until(lambda: ended, 60)
else:
    while not ended:
        client.publish("reading", "", 1)
error, more, before, connected = outcome
print(repr(error), more, "bytes more in use")
assert isinstance(error, OSError) and error.errno == errno.ENOBUFS, error
assert more <= MOST + SIZE, more
assert before == 0 and connected
assert got == COUNT and not wrong, (got, wrong[:10])
assert not failures and client.connected()
client.publish("after", "", 2)
client.disconnect()
print("OK")
