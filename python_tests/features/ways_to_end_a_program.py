# Gets itself into SITUATION, says so, and ends as ENDING says.
import sys
import time

import mqtt
from on_target.support import Record, payload_of, wait_until


def function(client, payload, topic):
    pass


def busy(client, payload, topic):
    try:
        client.publish("echo", payload)  # and so on
    except OSError:
        pass  # disconnected meanwhile


def slow(client, payload, topic):
    print("ready")
    while True:
        time.sleep_ms(5)


client = mqtt.Client("ending", command_timeout=60000)
if SITUATION != "connecting":
    assert client.connect(HOST, 60, PORT, start_loop=SITUATION not in ("no loop", "in callback")) == 0
if SITUATION == "traffic":
    client.subscribe("echo", busy)
    for _ in range(5):
        client.publish("echo", payload_of(100))
elif SITUATION == "in callback":
    # Without a loop it is the main program that calls it, while it waits.
    client.subscribe("echo", slow)
    client.publish("echo")


def wait():
    if SITUATION != "in callback":
        print("ready")
    if SITUATION == "publishing":
        while True:
            client.publish("other", "x", 2)
    elif SITUATION == "unanswered":
        client.publish("silence", "x", 1)
    elif SITUATION == "subscribing":
        client.subscribe("silence", function)
    elif SITUATION == "connecting":
        mqtt.Client("silence").connect(HOST, 60, PORT)
    elif SITUATION == "in callback":
        client.publish("silence", "x", 1)
    while True:
        time.sleep_ms(1000)


if ENDING not in ("wait", "catch"):
    print("ready")
if ENDING == "end":
    pass
elif ENDING == "exit":
    sys.exit()
elif ENDING == "exit 7":
    sys.exit(7)
elif ENDING == "raise":
    raise ValueError("the end")
elif ENDING == "disconnect":
    client.disconnect()
elif ENDING == "wait":
    wait()
elif ENDING == "catch":
    try:
        wait()
    except KeyboardInterrupt:
        print("caught")
    if SITUATION == "connecting":
        assert client.connect(HOST, 60, PORT) == 0
    record = Record()
    client.subscribe("after", record)
    client.publish("after", "x", 2)
    client.loop()
    wait_until(lambda: record)
    client.disconnect()
