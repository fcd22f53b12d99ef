"""The class of mqtt_as, on top of this module."""

import asyncio
from typing import Any, AsyncIterator, Mapping, TypeAlias

from typing_extensions import Buffer

_Text: TypeAlias = str | Buffer

VERSION: tuple[int, int, int]
"""The version of mqtt_as whose documentation this package follows."""
config: dict[str, Any]
"""The settings that a program changes before it makes its client, with their defaults."""

class MsgQueue:
    """The messages that wait for the program: topic, message, and whether it was retained."""

    discards: int
    """The number of messages that gave way to newer ones."""

    def __aiter__(self) -> AsyncIterator[tuple[bytes, bytes, bool]]: ...
    async def __anext__(self) -> tuple[bytes, bytes, bool]: ...

class MQTT_base:
    """The part of a client that talks with its broker, over one connection after the other."""

    REPUB_COUNT: int
    """The number of messages that the broker did not acknowledge, and that were published again."""
    DEBUG: bool
    """Whether `dprint()` prints."""
    lock: asyncio.Lock
    queue: MsgQueue
    """The messages, with `queue_len`; otherwise `None`."""
    up: asyncio.Event
    """Set at every new connection, for the program to clear; with `queue_len`."""
    down: asyncio.Event
    """Set at every loss, for the program to clear; with `queue_len`."""

    def dprint(self, *args: object) -> None:
        """Prints, if `DEBUG` is set. A class may override it."""

    def isconnected(self) -> bool:
        """Returns whether the client is connected."""

    async def publish(self, topic: _Text, msg: _Text, retain: bool = False, qos: int = 0, properties: None = None) -> None:
        """Publishes a message; with QoS 1 and 2 it returns when the broker has acknowledged the message.

        :raises OSError: ENOTCONN: before `connect()`, or after `disconnect()`
        :raises ValueError: an argument is malformed, or belongs to MQTT 5
        """

    async def subscribe(self, topic: _Text, qos: int = 0, properties: None = None) -> None:
        """Subscribes to a topic filter."""

    async def unsubscribe(self, topic: _Text, properties: None = None) -> None:
        """Ends a subscription."""

    async def broker_up(self) -> bool:
        """Asks the broker for a sign of life, and returns whether it came within `response_time`."""

    async def wan_ok(self, packet: bytes = ...) -> bool:
        """Returns whether a name server on the internet answers this question."""

class MQTTClient(MQTT_base):
    """An MQTT client for asyncio that keeps its WiFi and its connection to the broker up."""

    def __init__(self, config: Mapping[str, Any] = ...) -> None:
        """Makes a client.

        :raises ValueError: a setting is missing, or belongs to MQTT 5 or to a gateway of ESP-NOW
        """

    async def connect(self, *, quick: bool = False) -> None:
        """Connects for the first time.

        :param quick: without the test whether the WiFi is stable
        :raises OSError: no connection; with the arguments 0x2002 and a return code: the broker refuses it
        """

    async def disconnect(self) -> None:
        """Disconnects. The broker does not publish the will."""

    def close(self) -> None:
        """Ends the connection without a DISCONNECT, and switches the WiFi off."""
