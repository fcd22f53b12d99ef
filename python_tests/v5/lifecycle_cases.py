# Connections and sessions from their beginning to their end: CASE says which function below.
import mqtt
from on_target.support import expect, wait_until
from on_target.version_5 import new_client

got = []


def keep(client, payload, topic):
    got.append((topic, payload))


def subscribed(clean_session, **properties):
    c = new_client(clean_session, **properties)
    c.subscribe("t", keep, 2)
    c.subscribe("end", keep)
    assert c.connect(HOST, 0, PORT) == 0
    return c


def up_to_the_end(c):
    """Until the broker's last message has come."""
    wait_until(lambda: ("end", b"") in got)
    c.disconnect()


def much_waits_for_the_connection():
    """A filter and a message wait for it, the first one and the next."""
    c = new_client(False)
    c.subscribe("t", keep, 1)
    first = c.publish("u", "first", 1, wait=False)
    assert c.connect(HOST, 0, PORT, loop_failure=lambda c: mqtt.RECOVERED) == 0
    wait_until(first.done)
    wait_until(lambda: not c.connected())
    second = c.publish("u", "second", 1, wait=False)
    assert c.reconnect() == 0
    wait_until(second.done)
    c.disconnect()


def lost_and_connected_again():
    """A message from the program and one to it are under way when the connection is lost."""
    c = subscribed(CLEAN)
    delivery = c.publish("u", "before", 2, wait=False)
    wait_until(lambda: not c.connected())
    assert c.reconnect() == 0
    c.loop()
    if CLEAN:
        expect(OSError, delivery.wait)
    else:
        delivery.wait()
    up_to_the_end(c)
    assert got == EXPECTED, got


def session_where_there_is_none():
    c = new_client(True)
    expect(mqtt.MQTTException, c.connect, HOST, 0, PORT)
    assert not c.connected()
    # The session is a new one all the same.
    assert c.connect(HOST, 0, PORT) == 0
    c.disconnect()


def time_passes():
    """The broker takes its time, longer than the session and the messages may last."""
    c = subscribed(False, session_expiry_interval=1)
    c.publish("u", "slow", 2, properties={"message_expiry_interval": 1})
    up_to_the_end(c)
    assert got == [("t", b"once"), ("end", b"")], got


def lost_after_the_time_of_the_message():
    c = new_client(False)
    assert c.connect(HOST, 0, PORT) == 0
    delivery = c.publish("u", "late", 2, wait=False, properties={"message_expiry_interval": 1})
    wait_until(lambda: not c.connected())
    assert c.reconnect() == 0
    c.loop()
    delivery.wait()
    c.disconnect()


def goodbye_in_a_function():
    """The message of the function is not acknowledged yet, other ones wait, and a message of the program is open."""
    c = new_client(False)

    def leave(client, payload, topic):
        client.disconnect(reason=4)
        got.append(topic)

    c.subscribe("go", leave, 1)
    assert c.connect(HOST, 0, PORT) == 0
    c.publish("u", "open", 1, wait=False)
    wait_until(lambda: got)
    assert got == ["go"] and not c.connected()


globals()[CASE]()
print("OK")
