"""Properties of MQTT 5, written and read without any help from the code under test.

A dict has the standard's names in small letters. A property that may stand more than once, a user property or
a subscription identifier, has a list.
"""

import struct

# Identifier, name and type of each property (table 2-4 of the standard).
TABLE = [
    (0x01, "payload_format_indicator", "byte"),
    (0x02, "message_expiry_interval", "four"),
    (0x03, "content_type", "text"),
    (0x08, "response_topic", "text"),
    (0x09, "correlation_data", "binary"),
    (0x0B, "subscription_identifier", "variable"),
    (0x11, "session_expiry_interval", "four"),
    (0x12, "assigned_client_identifier", "text"),
    (0x13, "server_keep_alive", "two"),
    (0x15, "authentication_method", "text"),
    (0x16, "authentication_data", "binary"),
    (0x17, "request_problem_information", "byte"),
    (0x18, "will_delay_interval", "four"),
    (0x19, "request_response_information", "byte"),
    (0x1A, "response_information", "text"),
    (0x1C, "server_reference", "text"),
    (0x1F, "reason_string", "text"),
    (0x21, "receive_maximum", "two"),
    (0x22, "topic_alias_maximum", "two"),
    (0x23, "topic_alias", "two"),
    (0x24, "maximum_qos", "byte"),
    (0x25, "retain_available", "byte"),
    (0x26, "user_property", "pair"),
    (0x27, "maximum_packet_size", "four"),
    (0x28, "wildcard_subscription_available", "byte"),
    (0x29, "subscription_identifiers_available", "byte"),
    (0x2A, "shared_subscription_available", "byte"),
]
BY_NAME = {name: (number, kind) for number, name, kind in TABLE}
BY_NUMBER = {number: (name, kind) for number, name, kind in TABLE}
NUMBERS = {"byte": ">B", "two": ">H", "four": ">I"}
REPEATED = ("user_property", "subscription_identifier")


def variable(n):
    """A Variable Byte Integer."""
    out = bytearray()
    while True:
        n, low = divmod(n, 128)
        out.append(low | (0x80 if n else 0))
        if not n:
            return bytes(out)


def prefixed(value):
    """A string or bytes with its two-byte length."""
    data = value.encode() if isinstance(value, str) else bytes(value)
    return struct.pack(">H", len(data)) + data


def encode(properties):
    """The block of these properties, with its length, in the order of the dict."""
    out = b""
    for name, value in (properties or {}).items():
        number, kind = BY_NAME[name]
        for each in value if isinstance(value, list | tuple) else [value]:
            out += bytes([number])
            if kind in NUMBERS:
                out += struct.pack(NUMBERS[kind], each)
            elif kind == "variable":
                out += variable(each)
            elif kind == "pair":
                out += prefixed(each[0]) + prefixed(each[1])
            else:
                out += prefixed(each)
    return variable(len(out)) + out


def decode(body, malformed):
    """The dict of the block at the front of `body`. `malformed` is the exception to raise."""
    body = body.part(body.variable("the length of the properties"), "the properties")
    found = {}
    while body.more():
        number = body.variable("a property identifier")
        if number not in BY_NUMBER:
            raise malformed(f"property {number:#x}")
        name, kind = BY_NUMBER[number]
        if kind in NUMBERS:
            (value,) = struct.unpack(NUMBERS[kind], body.take(struct.calcsize(NUMBERS[kind]), name))
        elif kind == "variable":
            value = body.variable(name)
        elif kind == "pair":
            value = (body.string(name), body.string(name))
        else:
            value = body.binary(name) if kind == "binary" else body.string(name)
        if name in REPEATED:
            found.setdefault(name, []).append(value)
        elif name in found:
            raise malformed(f"{name} twice")
        else:
            found[name] = value
    return found
