"""An MQTT client for asyncio, for versions 3.1.1 and 5."""

import asyncio
from typing import Any, AsyncIterator, Awaitable, Callable, Generator, Literal, TypeAlias, overload

import mqtt
from typing_extensions import Buffer, Self

_Text: TypeAlias = str | Buffer
_Function: TypeAlias = Callable[[Client, bytes, str], Awaitable[object] | object]
_PartFunction: TypeAlias = Callable[[Client, memoryview, str], object]
_Callback: TypeAlias = Callable[[Client], Awaitable[object] | object]

# When it runs, it is the class of `mqtt`, whose methods wait in another way for such a client.
class Delivery:
    """How a message ends that `Client.publish()` did not wait for. It can be awaited."""

    def done(self) -> bool:
        """Returns whether the message has come to its end, acknowledged or not."""

    async def wait(self, timeout: int | None = None) -> None:
        """Waits until the broker has acknowledged the message.

        :param timeout: the longest wait, in ms; `None` for `command_timeout`
        :raises OSError: ETIMEDOUT: not yet; any other: the reason why the message was given up
        """

    def __await__(self) -> Generator[Any, Any]: ...

class Messages:
    """The messages of a filter: a context and an asynchronous iterator."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *_: object) -> None: ...
    def __aiter__(self) -> AsyncIterator[mqtt._Message]: ...
    async def __anext__(self) -> mqtt._Message: ...

# When it runs, it derives from `mqtt.Client`; a checker of types takes no coroutine for a plain method.
class Client:
    """An MQTT client that the program's event loop drives."""

    up: asyncio.Event
    """Set as long as there is a connection."""
    down: asyncio.Event
    """Set as long as there is none."""

    def __init__(
        self,
        client_id: _Text,
        clean_session: bool = True,
        cycle_timeout: int = 500,
        command_timeout: int = 60000,
        *,
        host: _Text | None = None,
        keepalive: int = 60,
        port: int = 1883,
        ssl_ctx: mqtt._SSLContext | mqtt._WrapsSockets | None = None,
        breconnect_cb: _Callback | None = None,
        aconnect_cb: _Callback | None = None,
        loop_failure: _Callback | None = None,
        reconnect: bool = True,
    ) -> None:
        """Makes a client. The parameters from `host` on are those of `connect()`, for `async with`.

        :param reconnect: whether the client connects again by itself when it has lost a connection
        """

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *_: object) -> None: ...
    async def connect(
        self,
        host: _Text,
        keepalive: int,
        port: int = 1883,
        ssl_ctx: mqtt._SSLContext | mqtt._WrapsSockets | None = None,
        breconnect_cb: _Callback | None = None,
        aconnect_cb: _Callback | None = None,
        loop_failure: _Callback | None = None,
        start_loop: bool = True,
    ) -> int:
        """Connects to a broker. See `mqtt.Client.connect()`."""

    async def reconnect(self) -> int:
        """Connects again with the arguments of the last `connect()`; returns and raises as it does."""

    async def disconnect(
        self, timeout: int | None = None, *, reason: int = 0, properties: mqtt._Properties | None = None
    ) -> None:
        """Disconnects. See `mqtt.Client.disconnect()`."""

    @overload
    async def publish(
        self,
        topic: _Text,
        payload: _Text | None = "",
        qos: int = 0,
        retain: bool = False,
        *,
        wait: Literal[False],
        properties: mqtt._Properties | None = None,
    ) -> Delivery | Any: ...
    @overload
    async def publish(
        self,
        topic: _Text,
        payload: _Text | None = "",
        qos: int = 0,
        retain: bool = False,
        *,
        wait: Literal[True] = True,
        properties: mqtt._Properties | None = None,
    ) -> None:
        """Publishes a message. See `mqtt.Client.publish()`."""

    async def request(
        self,
        topic: _Text,
        payload: _Text | None = "",
        timeout: int | None = None,
        *,
        qos: int = 0,
        properties: mqtt._Properties | None = None,
    ) -> mqtt._Message:
        """Publishes a request, and returns the answer. See `mqtt.Client.request()`."""

    async def reply(self, payload: _Text | None, *, qos: int = 0, message: mqtt._Message | None = None) -> None:
        """Answers a message (MQTT 5).

        :param payload: the answer
        :param qos: 0, 1 or 2
        :param message: the message; `None` for the one that is being delivered
        :raises ValueError: it asks for no answer
        """

    @overload
    async def subscribe(
        self,
        topic: _Text,
        function: _PartFunction,
        qos: int = 0,
        *,
        into: bytearray,
        no_local: bool = False,
        retain_as_published: bool = False,
        retain_handling: int = 0,
        properties: mqtt._Properties | None = None,
    ) -> None: ...
    @overload
    async def subscribe(
        self,
        topic: _Text,
        function: _Function,
        qos: int = 0,
        *,
        into: None = None,
        no_local: bool = False,
        retain_as_published: bool = False,
        retain_handling: int = 0,
        properties: mqtt._Properties | None = None,
    ) -> None:
        """Subscribes to a topic filter. See `mqtt.Client.subscribe()`."""

    async def unsubscribe(self, topic: _Text, *, properties: mqtt._Properties | None = None) -> None:
        """Ends a subscription."""

    def set_authentication(
        self, method: _Text | None, function: Callable[[Client, bytes | None], _Text | None] | None = None
    ) -> None:
        """Sets the method of enhanced authentication. See `mqtt.Client.set_authentication()`."""

    async def reauthenticate(self) -> None:
        """Authenticates again on the running connection. See `mqtt.Client.reauthenticate()`."""

    def messages(
        self,
        topic: _Text,
        qos: int = 0,
        size: int = 16,
        *,
        no_local: bool = False,
        retain_as_published: bool = False,
        retain_handling: int = 0,
        properties: mqtt._Properties | None = None,
    ) -> Messages:
        """The messages of a filter, for `async with` and `async for`.

        :param size: the number of messages that may wait; then the client delivers no more
        """

    def connected(self) -> bool:
        """Returns whether the client is connected."""

    def get_return_code(self) -> int | None:
        """Returns the code of the last CONNACK; -1 if the last attempt got none, `None` before the first."""

    def loop(self) -> None:
        """Does nothing while there is a connection: the event loop reads."""

    def set_username_pw(self, username: _Text | None, password: _Text = "") -> None:
        """Sets the user name and password for all later connections; `None` removes them."""

    def set_will(self, topic: _Text | None, payload: _Text | None, qos: int = 0, retain: bool = True) -> None:
        """Sets the will for all later connections. See `mqtt.Client.set_will()`."""

    @property
    def message(self) -> mqtt._Message | None:
        """The message that is being delivered, inside the functions of `subscribe()`; elsewhere `None`."""

    @property
    def session_present(self) -> bool:
        """Whether the broker had a session of this client, as its last CONNACK said."""

    @property
    def failure(self) -> OSError | None:
        """Why the last connection ended; `None` before any, and after `disconnect()`."""
