# A device that sleeps: one wake-up with a saved session, beside one connection with a clean session. HOST and PORT
# are the broker's address.
import gc
import time

import mqtt

TOPIC = "wake/command"
NAME = "wake"
ROUNDS = 41
# At `-icount shift=0` an instruction takes a nanosecond.
NS_PER_CYCLE = 40
# Nothing is on its way any more after so many ms.
QUIET = 20

state = b""
received = 0


def on_message(client, payload, topic):
    global received
    received += 1


def send():
    """Leaves a message for the device that sleeps."""
    client = mqtt.Client("sender")
    client.connect(HOST, 0, PORT, start_loop=False)
    client.publish(TOPIC, b"open", 1)
    client.disconnect()


def restore():
    global client
    client = mqtt.Client(NAME, clean_session=False)
    client.restore(state)
    client.subscribe(TOPIC, on_message, 1)


def connect():
    client.connect(HOST, 60, PORT, start_loop=False)


def receive():
    before = received
    while received == before:
        client.wait_msg()


def save():
    global state
    state = client.save()


def disconnect():
    client.disconnect()


def make():
    global client
    client = mqtt.Client(NAME + "-clean")


def subscribe():
    client.subscribe(TOPIC, on_message, 1)


def median(values):
    return sorted(values)[len(values) // 2]


def measure(title, before, steps):
    """The instructions of all steps in a row, and of each."""
    times = [[] for _ in steps]
    wholes = []
    for _ in range(ROUNDS):
        before()
        gc.collect()
        time.sleep_ms(QUIET)
        marks = [time.ticks_cpu()]
        for step in steps:
            step()
            marks.append(time.ticks_cpu())
        for number in range(len(steps)):
            times[number].append(time.ticks_diff(marks[number + 1], marks[number]))
        wholes.append(time.ticks_diff(marks[-1], marks[0]))
    print("%s = %d" % (title, median(wholes) * NS_PER_CYCLE))
    for step, values in zip(steps, times):
        print("%s: %s = %d" % (title, step.__name__, median(values) * NS_PER_CYCLE))


# The broker gets to know the session.
client = mqtt.Client(NAME, clean_session=False)
subscribe()
connect()
save()
disconnect()
measure("saved", send, (restore, connect, receive, save, disconnect))
measure("clean", lambda: None, (make, connect, subscribe, disconnect))
