# A sensor on a battery: it wakes up, measures, sends the reading, and sleeps.
#
# Save it as main.py. Deep sleep ends with a reset, so the program runs once for each measurement, with a
# clean session. It drops a reading that it cannot send within the time limits, to save the battery. On a
# port without deep sleep (a PC) it runs once.

import gc
import time

import mqtt

HOST = "192.168.1.10"  # your broker
PORT = 1883
NAME = "sensor-2"
PERIOD = 300000  # ms from one measurement to the next
PATIENCE = 5000  # ms that the client waits for each answer of the broker


def measure() -> int:
    """Reads your sensor. Here: the free memory."""
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
