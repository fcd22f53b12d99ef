"""MQTT 3.1.1 client, part of the firmware."""

from typing import Any, Callable, Final, Protocol, TypeAlias

from typing_extensions import Buffer

__version__: Final[str]
"""The version of the module."""

RECOVERED: Final = 1
"""What `loop_failure` returns to keep the read loop."""
BREAK_LOOP: Final = 0
"""What `loop_failure` returns to end the read loop."""

PORT: Final = 1883
"""The default port."""

RC_ACCEPTED: Final = 0
"""Return code of `connect()`: the broker accepts."""
RC_REFUSED_VERSION: Final = 1
"""The broker refuses the version of the protocol."""
RC_REFUSED_IDENTIFIER: Final = 2
"""The broker refuses the client identifier."""
RC_REFUSED_SERVER: Final = 3
"""The broker is not available."""
RC_REFUSED_BADUSRPWD: Final = 4
"""The broker refuses user name or password."""
RC_REFUSED_NOAUTH: Final = 5
"""The broker does not authorise the client."""

CERT_NONE: Final = 1
"""Option of `create_ssl_context()`: the broker's certificate is not verified."""
CERT_OPTIONAL: Final = 2
"""Option of `create_ssl_context()`: as `CERT_REQUIRED`."""
CERT_REQUIRED: Final = 4
"""Option of `create_ssl_context()`: the broker's certificate is verified."""
CLIENT_AUTH: Final = 8
"""Option of `create_ssl_context()`: a server's context, which is no use to a client."""
SERVER_AUTH: Final = 16
"""Option of `create_ssl_context()`: a client's context."""

_Text: TypeAlias = str | Buffer
_Function: TypeAlias = Callable[[Client, bytes, str], object]
_Callback: TypeAlias = Callable[[Client], object]

class _SSLContext:
    """What `create_ssl_context()` makes."""

class _WrapsSockets(Protocol):
    """A TLS context of MicroPython's `tls` or `ssl`, or whatever else has `wrap_socket`."""

    def wrap_socket(self, sock: Any, /, *, do_handshake_on_connect: bool, server_hostname: Any) -> Any: ...

class MQTTException(OSError):
    """What the broker refuses or does wrong: `args` is `(code, text)`."""

class Client:
    """An MQTT client, with a connection of its own."""

    def __init__(
        self,
        client_id: _Text,
        clean_session: bool = True,
        cycle_timeout: int = 500,
        command_timeout: int = 60000,
    ) -> None:
        """Makes a client.

        :param client_id: the client identifier, empty only with `clean_session`
        :param clean_session: whether the broker forgets the session at the end of the connection
        :param cycle_timeout: how long a cycle of the read loop lasts at most, and the pause
            between two calls of `loop_failure`, in ms
        :param command_timeout: how long a call may wait for the broker, in ms
        """

    def connect(
        self,
        host: _Text,
        keepalive: int,
        port: int = 1883,
        ssl_ctx: _SSLContext | _WrapsSockets | None = None,
        breconnect_cb: _Callback | None = None,
        aconnect_cb: _Callback | None = None,
        loop_failure: _Callback | None = None,
        start_loop: bool = True,
    ) -> int:
        """Connects to a broker, and starts the read loop.

        :param host: name or IP address
        :param keepalive: in s, 0 to 65535; 0 for no pings
        :param port: TCP port, 1 to 65535
        :param ssl_ctx: the context for TLS, `None` for plain TCP
        :param breconnect_cb: called by `reconnect()` before it does anything
        :param aconnect_cb: called after every accepted connection
        :param loop_failure: called when the connection is lost; returns `RECOVERED` to keep the loop
        :param start_loop: whether to start the read loop
        :return: `RC_ACCEPTED`, or the code of the broker's refusal
        :raises OSError: no connection
        """

    def reconnect(self) -> int:
        """Connects again with the arguments of the last `connect()`; returns and raises the same."""

    def connected(self) -> bool:
        """Whether the client is connected. Never waits."""

    def get_return_code(self) -> int | None:
        """The code of the last CONNACK; -1 if the last attempt got none, `None` before the first."""

    def loop(self) -> None:
        """Starts the read loop, if it does not run."""

    def disconnect(self, timeout: int | None = None) -> None:
        """Disconnects, and waits until the read loop has ended.

        :param timeout: how long at most, in ms
        :raises OSError: ETIMEDOUT: the loop has not ended in time
        """

    def set_username_pw(self, username: _Text | None, password: _Text = "") -> None:
        """Sets user name and password from the next connection on; `None` takes them back."""

    def set_will(
        self,
        topic: _Text | None,
        payload: _Text | None,
        qos: int = 0,
        retain: bool = True,
    ) -> None:
        """Sets what the broker publishes if the connection is lost, from the next one on.

        :param topic: topic name; `None` takes the will back
        :param payload: up to 65535 bytes
        :param qos: 0, 1 or 2
        :param retain: whether the broker keeps the message
        """

    def publish(
        self,
        topic: _Text,
        payload: _Text | None = "",
        qos: int = 0,
        retain: bool = False,
    ) -> None:
        """Publishes; returns when the handshake of its quality of service is complete.

        :param topic: topic name
        :param payload: the message
        :param qos: 0 at most once, 1 at least once, 2 exactly once
        :param retain: whether the broker keeps the message for later subscribers
        :raises OSError: ENOTCONN, ENOBUFS, EAGAIN: the message was not taken; any other: at QoS 1
            and 2 a client without `clean_session` has kept it, and delivers it later
        """

    def subscribe(self, topic: _Text, function: _Function, qos: int = 0) -> None:
        """Subscribes; while not connected, from the next connection on.

        :param topic: topic filter
        :param function: called as `function(client, payload, topic)` for every message that matches
        :param qos: highest quality of service of the delivery: 0, 1 or 2
        :raises MQTTException: the broker refuses
        """

    def unsubscribe(self, topic: _Text) -> None:
        """Takes a subscription back.

        :param topic: the topic filter that was subscribed to
        """

def create_ssl_context(
    cacert: _Text = "",
    clicert: _Text = "",
    pkey: _Text = "",
    hostname: _Text = "",
    options: int = 20,
) -> _SSLContext:
    """Makes a context of the built-in TLS 1.3, for `Client.connect()`.

    :param cacert: certificates of the authorities that are trusted, PEM or DER
    :param clicert: the client's certificate
    :param pkey: its private key
    :param hostname: the name in the broker's certificate, if it is not the `host` of `connect()`
    :param options: `CERT_REQUIRED`, or `CERT_NONE` if anybody may pose as the broker
    :raises ValueError: what cannot be used; the text names the argument
    """
