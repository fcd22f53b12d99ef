# publish(wait=False): the memory that messages take, and that it is free afterwards, kept by the program or not.
import gc

import mqtt
from on_target.heap import used
from on_target.support import wait_until

SIZE = 1000
COUNT = 3
# A place on a stack may still refer to one message, with its topic and its Delivery.
LATE = SIZE + SIZE // 2


def publish(number):
    "A payload and a topic to which there is no other reference."
    return client.publish("outbox/%d" % number, b"%d" % number + bytes(SIZE), 1 + number % 2, wait=False)


def acknowledged():
    wait_until(lambda: all(delivery.done() for delivery in kept) and client.publish("none", qos=1) is None)


client = mqtt.Client("outbox", command_timeout=20000)
assert client.connect(HOST, 60, PORT) == 0
kept = [publish(number) for number in range(COUNT)]
acknowledged()
kept.clear()

# A Delivery takes so little, and neither topic nor payload is left.
before = used()
kept += [publish(number) for number in range(COUNT)]
acknowledged()
taken = used() - before
print(taken)
assert taken < LATE + COUNT * 300, taken

# Nothing is left of those that the program drops, and a collection in between does no harm.
kept.clear()
before = used()
for number in range(COUNT * 20):
    publish(number)
    gc.collect()
    client.publish("none", qos=1)
assert used() - before < LATE, used() - before

# Messages in the outbox are freed with the end of a clean session, kept objects or not.
client.disconnect()
before = used()
kept = [publish(number) for number in range(COUNT)]
assert used() - before > COUNT * SIZE
client.disconnect()
assert all(delivery.done() for delivery in kept)
assert used() - before < LATE + COUNT * 300, used() - before

# Clients that nothing refers to go with their outboxes, but for one.
kept = None
before = used()
for number in range(5):
    client = mqtt.Client("outbox")
    publish(number)
client = None
assert used() - before < 3 * SIZE, used() - before
print("OK")
