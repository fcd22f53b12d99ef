"""MQTT 5 packets: the builders of `mqtt_packets` with properties and reason codes, and its parser.

    mqtt5.connack(receive_maximum=1)
    mqtt5.publish("t", b"x", 1, 7, content_type="text/plain")
    mqtt5.puback(7, 0x87, reason_string="not here")

The options of a subscription are its byte in SUBSCRIBE: the QoS, 4 for No Local, 8 for Retain As Published,
and Retain Handling times 16.
"""

from functools import partial

from harness import mqtt_packets
from harness.properties import encode

pingresp = mqtt_packets.pingresp
parse = partial(mqtt_packets.parse, version=5)


def connect(*args, will_properties=None, properties=None, **options):
    blocks = {"properties": encode(properties), "will_properties": encode(will_properties)}
    return mqtt_packets.connect(*args, **options, **blocks, version=5)


def connack(session_present=False, code=0, **properties):
    return mqtt_packets.connack(session_present, code, encode(properties))


def publish(topic, payload=b"", qos=0, packet_id=None, dup=False, retain=False, **properties):
    return mqtt_packets.publish(topic, payload, qos, packet_id, dup, retain, encode(properties))


def ended(code, properties):
    """A reason code and properties, which are left out where the standard allows it."""
    if properties:
        return bytes([code]) + encode(properties)
    return bytes([code]) if code else b""


def puback(packet_id, code=0, **properties):
    return mqtt_packets.puback(packet_id, ended(code, properties))


def pubrec(packet_id, code=0, **properties):
    return mqtt_packets.pubrec(packet_id, ended(code, properties))


def pubrel(packet_id, code=0, **properties):
    return mqtt_packets.pubrel(packet_id, ended(code, properties))


def pubcomp(packet_id, code=0, **properties):
    return mqtt_packets.pubcomp(packet_id, ended(code, properties))


def subscribe(packet_id, *filters, **properties):
    return mqtt_packets.subscribe(packet_id, *filters, properties=encode(properties))


def suback(packet_id, *codes, **properties):
    return mqtt_packets.suback(packet_id, *codes, properties=encode(properties))


def unsubscribe(packet_id, *filters, **properties):
    return mqtt_packets.unsubscribe(packet_id, *filters, properties=encode(properties))


def unsuback(packet_id, *codes, **properties):
    return mqtt_packets.unsuback(packet_id, encode(properties) + bytes(codes or [0]))


def disconnect(code=0, **properties):
    return mqtt_packets.disconnect(ended(code, properties))


def auth(code=0, **properties):
    return mqtt_packets.auth(ended(code, properties))
