# A sensor that keeps measuring while the network or the broker fails.
#
# - `sensor/NAME/state` shows other clients whether it is online: when the connection breaks, the broker
#   publishes "offline" there.
# - When the connection is lost, the read loop connects again, with longer and longer pauses.
# - It sends each measurement at QoS 1. Once the client has accepted a message, it delivers it, even if the
#   connection breaks before the broker acknowledges. The program drops a measurement that the client did
#   not accept: the next one is more recent.

import errno
import gc
import time

import mqtt

HOST = "192.168.1.10"  # your broker
PORT = 1883
NAME = "sensor-1"
PERIOD = 10000  # ms between two measurements
LONGEST_PAUSE = 60000  # ms between two attempts to connect

STATE = "sensor/%s/state" % NAME
pause = 500  # ms before the next attempt to connect


def measure() -> int:
    """Reads your sensor. Here: the free memory."""
    gc.collect()
    return gc.mem_free()


def on_connect(client: mqtt.Client) -> None:
    global pause
    pause = 500
    client.publish(STATE, "online", qos=1, retain=True)
    print("online")


def on_failure(client: mqtt.Client) -> int:
    """The read loop calls this function until the client is connected again."""
    global pause
    time.sleep_ms(pause)
    pause = min(pause * 2, LONGEST_PAUSE)
    try:
        code = client.reconnect()
        if code != mqtt.RC_ACCEPTED:
            print("the broker refuses: code", code)
    except OSError as error:
        print("no connection:", error)
    return mqtt.RECOVERED


client = mqtt.Client(NAME, clean_session=False, command_timeout=10000)
client.set_will(STATE, "offline", qos=1, retain=True)

while not client.connected():
    try:
        client.connect(HOST, 30, PORT, aconnect_cb=on_connect, loop_failure=on_failure)
    except OSError as error:
        print("no connection:", error)
    if not client.connected():
        time.sleep_ms(pause)
        pause = min(pause * 2, LONGEST_PAUSE)

number = 0
while True:
    number += 1
    try:
        client.publish("sensor/%s/reading" % NAME, "%d %d" % (number, measure()), qos=1)
    except OSError as error:
        if error.errno in (errno.ENOTCONN, errno.ENOBUFS, errno.EAGAIN):
            print("reading %d was not sent" % number)
    time.sleep_ms(PERIOD)
