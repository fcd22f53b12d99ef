# The limits that the broker sets: CASE says which function below.
import mqtt
from on_target.support import expect, wait_until
from on_target.version_5 import connected, new_client


def refused(_text, _call, *args, **kwargs):
    error = expect(ValueError, _call, *args, **kwargs)
    assert str(error) == "the broker does not " + _text, error


def many_messages():
    """More than the broker lets be in flight, of both kinds."""
    c = connected()
    deliveries = [c.publish("t", "%d" % i, 1 + i % 2, wait=False) for i in range(COUNT)]
    wait_until(lambda: all(delivery.done() for delivery in deliveries))
    for delivery in deliveries:
        delivery.wait()
    # A refusal gives its place back, too.
    for qos in (1, 2):
        expect(mqtt.MQTTException, c.publish, "refused", "", qos)
    c.publish("end", "", 2)
    c.disconnect()


def packet_size():
    """Not a byte more than the broker takes, whatever the packet is made of."""
    c = connected()
    longest = 60 - 2 - 3 - 1
    c.publish("t", bytes(longest))
    c.publish("t", bytes(longest - 2), 1)
    c.publish("t", bytes(longest - 10), properties={"content_type": "1234567"})
    text = "take packets of this size"
    refused(text, c.publish, "t", bytes(longest + 1))
    refused(text, c.publish, "t", bytes(longest - 1), 1)
    refused(text, c.publish, "t", bytes(longest - 1), 2, wait=False)
    refused(text, c.publish, "t" * 100)
    refused(text, c.publish, "t", bytes(longest - 9), properties={"content_type": "1234567"})
    refused(text, c.subscribe, "t" * 53, print)
    c.subscribe("t" * 52, print)
    refused(text, c.unsubscribe, "t" * 54)
    c.unsubscribe("t" * 53)
    for name, value in (("reason_string", "r" * 54), ("user_property", [("name", "v" * 48)])):
        refused(text, c.disconnect, properties={name: value})
    assert c.connected()
    c.publish("end", "", 1)
    c.disconnect(properties={"reason_string": "r" * 53})
    # Another broker has other limits.
    assert c.reconnect() == 0
    c.publish("t", bytes(longest + 1), 1)
    c.disconnect()


def features():
    """Each refusal at once, and nothing sent; calls that the broker allows go on."""
    c = connected()
    refused("take messages of this QoS", c.publish, "t", "x", 2)
    refused("take messages of this QoS", c.publish, "t", "x", 2, wait=False)
    refused("keep retained messages", c.publish, "t", "x", 0, True)
    refused("take filters with wildcards", c.subscribe, "t/+", print)
    refused("take filters with wildcards", c.subscribe, "#", print, 1)
    refused("have shared subscriptions", c.subscribe, "$share/g/t", print)
    identifier = {"subscription_identifier": 1}
    refused("take subscription identifiers", c.subscribe, "t", print, properties=identifier)
    c.publish("t", "x", 1)
    c.subscribe("t", print, 2)
    c.publish("end", "", 1)
    c.disconnect()


def limits_that_shrink():
    """Messages that the session keeps, of which one alone is within the limits of the next connection."""
    c = connected(False, session_expiry_interval=600)
    for topic in ("plain", "wild/+", "l" * 60):
        c.subscribe(topic, print)

    def publish(text):
        messages = (text + "*" * 60, 1, False), (text, 2, False), (text, 1, True), (text, 1, False)
        return [c.publish("t", payload, qos, retain, wait=False) for payload, qos, retain in messages]

    deliveries = publish("kept")
    wait_until(lambda: not c.connected())
    deliveries += publish("queued")
    assert c.reconnect() == 0
    # Packet too large, QoS not supported, retain not supported.
    for delivery, code in zip(deliveries, [0x95, 0x9B, 0x9A, None] * 2):
        if code:
            assert expect(mqtt.MQTTException, delivery.wait).args[0] == code
        else:
            delivery.wait()
    assert c.connected()
    c.disconnect()


def keep_alive_of_the_broker():
    """The program asks for an hour, the broker for a second."""
    c = new_client()
    assert c.connect(HOST, 3600, PORT) == 0
    pinged = []
    c.subscribe("pinged", lambda client, payload, topic: pinged.append(1))
    wait_until(lambda: pinged)
    c.disconnect()


globals()[CASE]()
print("OK")
