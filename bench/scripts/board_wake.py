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
    client = mqtt.Client(NAME, False)
    client.restore(state)
    # The broker has the subscription: one function for all messages is enough.
    client.set_callback(on_message)


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


class Sequence:
    """Steps in a row, and the counts of each in all rounds."""

    def __init__(self, title, before, *steps):
        self.title = title
        self.before = before
        self.steps = steps
        self.counts = [[] for _ in steps]
        self.wholes = []

    def run(self):
        self.before()
        gc.collect()
        time.sleep_ms(QUIET)
        marks = [time.ticks_cpu()]
        for step in self.steps:
            step()
            marks.append(time.ticks_cpu())
        for number, counts in enumerate(self.counts):
            counts.append(time.ticks_diff(marks[number + 1], marks[number]))
        self.wholes.append(time.ticks_diff(marks[-1], marks[0]))

    def tell(self):
        """Prints the instructions of all steps, and of each, in the best round: a packet that comes at another moment
        wakes the processor once more.
        """
        print("%s = %d" % (self.title, min(self.wholes) * NS_PER_CYCLE))
        for step, counts in zip(self.steps, self.counts):
            print("%s: %s = %d" % (self.title, step.__name__, min(counts) * NS_PER_CYCLE))


# The broker gets to know the session.
client = mqtt.Client(NAME, clean_session=False)
subscribe()
connect()
save()
disconnect()
sequences = (
    Sequence("saved", send, restore, connect, receive, save, disconnect),
    Sequence("clean", lambda: None, make, connect, subscribe, disconnect),
)
# In turn: both find the same memory and the same network.
for _ in range(ROUNDS):
    for sequence in sequences:
        sequence.run()
for sequence in sequences:
    sequence.tell()
