# A sensor that runs from a battery: wakes up, measures, sends, sleeps.
#
# Save it as main.py. Deep sleep ends in a reset, so each measurement is a run of the program, with
# a clean session. One that cannot be sent within the time limits is dropped: the battery counts for
# more. On ports without deep sleep (a PC) it runs once.

import gc
import time

import mqtt

HOST = "192.168.1.10"  # your broker
PORT = 1883
NAME = "sensor-2"
PERIOD = 300000  # ms from one measurement to the next
PATIENCE = 5000  # ms for each answer of the broker


def measure() -> int:
    """Your sensor. Here: the free memory."""
    gc.collect()
    return gc.mem_free()


def send(reading: int) -> None:
    client = mqtt.Client(NAME, command_timeout=PATIENCE)
    # No read loop: publish() itself waits for the acknowledgement.
    code = client.connect(HOST, 60, PORT, start_loop=False)
    if code != mqtt.RC_ACCEPTED:
        raise OSError("the broker refuses: code %d" % code)
    client.publish("sensor/%s/reading" % NAME, str(reading), qos=1, retain=True)
    client.disconnect()


def sleep(ms: int) -> None:
    try:
        from machine import deepsleep
    except ImportError:
        print("no deep sleep here")
    else:
        deepsleep(ms)


begin = time.ticks_ms()
try:
    send(measure())
    print("sent")
except OSError as error:
    print("not sent:", error)
sleep(max(PERIOD - time.ticks_diff(time.ticks_ms(), begin), 1))
