"""Properties of MQTT 5: a program for mqtt_as knows them by number, the module mqtt by name."""

_USER_PROPERTY = 0x26
_SUBSCRIPTION_IDENTIFIER = 0x0B
_NAMES = {
    0x01: "payload_format_indicator",
    0x02: "message_expiry_interval",
    0x03: "content_type",
    0x08: "response_topic",
    0x09: "correlation_data",
    _SUBSCRIPTION_IDENTIFIER: "subscription_identifier",
    0x11: "session_expiry_interval",
    0x15: "authentication_method",
    0x16: "authentication_data",
    0x17: "request_problem_information",
    0x19: "request_response_information",
    0x21: "receive_maximum",
    0x22: "topic_alias_maximum",
    _USER_PROPERTY: "user_property",
    0x27: "maximum_packet_size",
}


def named(properties):
    """The properties of a program, for the module mqtt, which checks the values."""
    result = {}
    for number, value in properties.items():
        if number not in _NAMES:
            raise ValueError("a program cannot set property %r" % number)
        if number == _USER_PROPERTY and isinstance(value, dict):
            value = list(value.items())
        result[_NAMES[number]] = value
    return result


def numbered(properties):
    """The properties of a message, for a program; `None` if there are none."""
    if not properties:
        return None
    result = {number: properties[name] for number, name in _NAMES.items() if name in properties}
    if _USER_PROPERTY in result:
        result[_USER_PROPERTY] = dict(result[_USER_PROPERTY])
    if _SUBSCRIPTION_IDENTIFIER in result:
        result[_SUBSCRIPTION_IDENTIFIER] = result[_SUBSCRIPTION_IDENTIFIER][-1]
    return result
