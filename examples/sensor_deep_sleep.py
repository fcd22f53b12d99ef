# A sensor on a battery: it wakes up, measures, sends the reading, receives its messages, and sleeps.
#
# Save it as main.py. Deep sleep ends with a reset, so the program runs once for each measurement. The broker
# keeps its session and the messages for it, and the memory of the real-time clock keeps the client's side. A
# reading that it cannot send within the time limits, which save the battery, goes out the next time. On a port
# without deep sleep (a PC) it runs once.

import gc
import time

import mqtt

HOST = "192.168.1.10"  # your broker
PORT = 1883
NAME = "sensor-2"
PERIOD = 300000  # ms from one measurement to the next
PATIENCE = 5000  # ms that the client waits for each answer of the broker
ROOM = 2000  # bytes of the memory of the real-time clock


def measure() -> int:
    """Reads your sensor. Here: the free memory."""
    gc.collect()
    return gc.mem_free()


def on_command(client: mqtt.Client, payload: bytes, topic: str) -> None:
    print("command:", payload)


def memory(state: bytes | None = None) -> bytes:
    """Reads the memory that survives deep sleep, or writes to it. A session that is too large for it is lost."""
    try:
        from machine import RTC
    except ImportError:
        return b""
    if not hasattr(RTC, "memory"):
        return b""
    if state is not None:
        RTC().memory(state if len(state) <= ROOM else b"")
    return RTC().memory()


def send(client: mqtt.Client, reading: int) -> None:
    client.subscribe("sensor/%s/command" % NAME, on_command, qos=2)
    # It belongs to the session from here on, connected or not.
    delivery = client.publish("sensor/%s/reading" % NAME, str(reading), qos=1, retain=True, wait=False)
    code = client.connect(HOST, 60, PORT, start_loop=False)
    if code != mqtt.RC_ACCEPTED:
        raise OSError("the broker refuses: code %d" % code)
    # No read loop: wait() reads messages, and calls on_command().
    delivery.wait()
    client.disconnect()


def sleep(ms: int) -> None:
    try:
        from machine import deepsleep
    except ImportError:
        print("no deep sleep here")
    else:
        deepsleep(ms)


begin = time.ticks_ms()
sensor = mqtt.Client(NAME, clean_session=False, command_timeout=PATIENCE)
try:
    sensor.restore(memory())
except ValueError:
    pass  # it is the first time, or the power was gone
try:
    send(sensor, measure())
    print("sent")
except OSError as error:
    print("not sent:", error)
memory(sensor.save())
sleep(max(PERIOD - time.ticks_diff(time.ticks_ms(), begin), 1))
