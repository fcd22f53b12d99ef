"""A client for MQTT 3.1.1 and MQTT 5 that is part of the firmware."""

from typing import Any, Callable, Final, Generator, Literal, NamedTuple, Protocol, Sequence, TypeAlias, TypedDict, overload

from typing_extensions import Buffer

__version__: Final[str]
"""The version of the module."""

RECOVERED: Final = 1
"""The value with which `loop_failure` keeps the read loop alive."""
BREAK_LOOP: Final = 0
"""The value with which `loop_failure` ends the read loop."""

PORT: Final = 1883
"""The default port."""

RC_ACCEPTED: Final = 0
"""Return code of `connect()`: the broker accepts the connection."""
RC_REFUSED_VERSION: Final = 1
"""Return code of `connect()`: the broker refuses the version of the protocol."""
RC_REFUSED_IDENTIFIER: Final = 2
"""Return code of `connect()`: the broker refuses the client identifier."""
RC_REFUSED_SERVER: Final = 3
"""Return code of `connect()`: the broker is not available."""
RC_REFUSED_BADUSRPWD: Final = 4
"""Return code of `connect()`: the broker refuses the user name or password."""
RC_REFUSED_NOAUTH: Final = 5
"""Return code of `connect()`: the broker does not authorise the client."""

CERT_NONE: Final = 1
"""Option of `create_ssl_context()`: the client does not verify the broker's certificate."""
CERT_OPTIONAL: Final = 2
"""Option of `create_ssl_context()`: the same as `CERT_REQUIRED`."""
CERT_REQUIRED: Final = 4
"""Option of `create_ssl_context()`: the client verifies the broker's certificate."""
CLIENT_AUTH: Final = 8
"""Option of `create_ssl_context()`: a server's context, which a client cannot use."""
SERVER_AUTH: Final = 16
"""Option of `create_ssl_context()`: a client's context."""

_Text: TypeAlias = str | Buffer
_Function: TypeAlias = Callable[[Client, bytes, str], object]
_PartFunction: TypeAlias = Callable[[Client, memoryview, str], object]
_Callback: TypeAlias = Callable[[Client], object]
_Authentication: TypeAlias = Callable[[Client, bytes | None], _Text | None]

class _SSLContext:
    """A context of the built-in TLS, made by `create_ssl_context()`."""

class _WrapsSockets(Protocol):
    """A TLS context of MicroPython's `tls` or `ssl`, or another object with `wrap_socket`."""

    def wrap_socket(self, sock: Any, /, *, do_handshake_on_connect: bool, server_hostname: Any) -> Any: ...

class MQTTException(OSError):
    """The broker has refused a request or violated the protocol: `args` is `(code, text)`."""

class _Message(NamedTuple):
    """The message that is being delivered."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    dup: bool
    properties: _Properties | None
    """`None` with MQTT 3.1.1."""
    offset: int
    """Where the part begins in the payload. Only with `subscribe(into=...)`."""
    size: int
    """The bytes of the payload; 0 if its rest is lost. Only with `subscribe(into=...)`."""

class _Properties(TypedDict, total=False):
    """_Properties of MQTT 5, in both directions. Which packet may have which, the standard says."""

    payload_format_indicator: int
    message_expiry_interval: int
    content_type: str
    response_topic: str
    correlation_data: bytes
    subscription_identifier: int | list[int]
    """A number in a call, a list of numbers with a message."""
    session_expiry_interval: int
    assigned_client_identifier: str
    server_keep_alive: int
    authentication_method: str
    authentication_data: bytes
    will_delay_interval: int
    response_information: str
    server_reference: str
    reason_string: str
    receive_maximum: int
    topic_alias_maximum: int
    maximum_qos: int
    retain_available: int
    user_property: Sequence[tuple[str, str]]
    maximum_packet_size: int
    wildcard_subscription_available: int
    subscription_identifiers_available: int
    shared_subscription_available: int

class Client:
    """An MQTT client with its own connection.

    It takes attributes, and classes can derive from it. Callbacks get the object itself.
    """

    def __init__(
        self,
        client_id: _Text,
        clean_session: bool = True,
        cycle_timeout: int = 500,
        command_timeout: int = 60000,
    ) -> None:
        """Makes a client.

        :param client_id: the client identifier; may be empty only with `clean_session`
        :param clean_session: whether the broker forgets the session when the connection ends
        :param cycle_timeout: the longest cycle of the read loop, and the pause between two calls of
            `loop_failure`, in ms
        :param command_timeout: the longest time that a call waits for the broker, in ms
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

        :param host: the broker's name or IP address
        :param keepalive: the longest silence of the client, in s, 0 to 65535; 0 for no pings
        :param port: TCP port, 1 to 65535
        :param ssl_ctx: a TLS context, or `None` for plain TCP
        :param breconnect_cb: a function that `reconnect()` calls first
        :param aconnect_cb: a function that the client calls after each accepted connection
        :param loop_failure: a function that the read loop calls when the connection is lost; it
            returns `RECOVERED` to keep the loop alive
        :param start_loop: whether to start the read loop
        :return: `RC_ACCEPTED`, or the code of the broker's refusal
        :raises OSError: there is no connection
        """

    def reconnect(self) -> int:
        """Connects again with the arguments of the last `connect()`; returns and raises as it does."""

    def connected(self) -> bool:
        """Returns whether the client is connected. Never waits."""

    def get_return_code(self) -> int | None:
        """Returns the code of the last CONNACK; -1 if the last attempt got none, `None` before the first."""

    def loop(self) -> None:
        """Starts the read loop, if it is not running."""

    def ping(self) -> None:
        """Sends a PINGREQ; `wait_msg()` tells of the answer.

        :raises OSError: ENOTCONN, or the end of the connection
        """

    def wait_msg(self, timeout: int | None = None) -> int | None:
        """Waits for one message and calls its functions, for a client whose read loop does not run.

        :param timeout: the longest wait, in ms; 0 takes in a packet that is there, `None` for no limit
        :return: the first byte of the packet: 0x30 to 0x3F for a message, 0xD0 for the answer to a
            PINGREQ; `None` if none came in time, and inside the functions of `subscribe()`
        :raises OSError: the connection has ended
        """

    def set_callback(self, function: _Function | None) -> None:
        """Sets the function for messages that no function of `subscribe()` gets; `None` removes it."""

    def set_version(
        self,
        version: Literal[4, 5],
        *,
        session_expiry_interval: int | None = None,
        receive_maximum: int | None = None,
        maximum_packet_size: int | None = None,
        topic_alias_maximum: int | None = None,
        request_response_information: int | None = None,
        request_problem_information: int | None = None,
        user_property: Sequence[tuple[_Text, _Text]] | None = None,
        authentication_method: _Text | None = None,
        authentication_data: _Text | None = None,
    ) -> None:
        """Sets the version of the protocol for all later connections.

        :param version: 4 for MQTT 3.1.1, 5 for MQTT 5
        :param session_expiry_interval: how long the broker keeps the session after the connection, in s; without
            it, for ever if the client was made with `clean_session=False`, else not at all
        :param receive_maximum: messages of QoS 1 and 2 that the broker may send before it has the acknowledgement
            of the first
        :param maximum_packet_size: bytes of the longest packet that the broker may send
        :param topic_alias_maximum: topic names for which the broker may use a number
        :param request_response_information: 1 asks the broker for the beginning of response topics
        :param request_problem_information: 0 asks the broker for no reasons in words
        :param user_property: pairs of a name and a value
        :param authentication_method: the method of enhanced authentication
        :param authentication_data: its data
        :raises OSError: the client is connected
        """

    def set_authentication(self, method: _Text | None, function: _Authentication | None = None) -> None:
        """Sets the method of enhanced authentication, from the next connection on (MQTT 5).

        :param method: name of the method; `None` takes it back
        :param function: called with the client and the broker's data, or `None` at the beginning; it returns the
            client's data, or `None`
        :raises OSError: the client is connected
        """

    def reauthenticate(self) -> None:
        """Authenticates again on the running connection (MQTT 5).

        :raises ValueError: `set_authentication()` was not called
        :raises OSError: ETIMEDOUT: the broker has not come to an end; the connection has ended
        """

    def request(
        self,
        topic: _Text,
        payload: _Text | None = "",
        timeout: int | None = None,
        *,
        qos: int = 0,
        properties: _Properties | None = None,
    ) -> _Message:
        """Publishes a request, and waits for the answer (MQTT 5).

        :param topic: topic name
        :param payload: the request
        :param timeout: the longest wait for the answer, in ms; `None` for `command_timeout`
        :param qos: 0, 1 or 2
        :param properties: more properties of the request
        :return: the answer
        :raises OSError: ETIMEDOUT: no answer has come; otherwise as `publish()`
        """

    def reply(self, payload: _Text | None, *, qos: int = 0, message: _Message | None = None) -> None:
        """Answers a message (MQTT 5).

        :param payload: the answer
        :param qos: 0, 1 or 2
        :param message: the message; `None` for the one that is being delivered
        :raises ValueError: there is no such message, or it asks for no answer
        """

    def disconnect(self, timeout: int | None = None, *, reason: int = 0, properties: _Properties | None = None) -> None:
        """Disconnects, and waits until the read loop has ended.

        :param timeout: the longest wait, in ms; `None` for no limit
        :param reason: the reason code for a broker of MQTT 5; 4 makes it publish the will
        :param properties: those of MQTT 5
        :raises OSError: ETIMEDOUT: the loop has not ended in time
        """

    def save(self) -> bytes:
        """Returns the client's side of the session, for a memory that outlives the power.

        :raises ValueError: the client has a clean session
        """

    def restore(self, state: _Text) -> None:
        """Takes over a saved session, before the first `connect()`.

        :param state: the result of `save()`, or an argument of the function of `set_store()`
        :raises ValueError: it is damaged, from another client, or comes too late
        """

    def set_store(self, function: Callable[[bytes], object] | None) -> None:
        """Sets the function that stores the session.

        The client calls it with the bytes of `save()` whenever they have changed, before a packet leaves
        that depends on the change. An exception stops the packet.

        :raises ValueError: the client has a clean session
        """

    def set_username_pw(self, username: _Text | None, password: _Text = "") -> None:
        """Sets the user name and password for all later connections; `None` removes them."""

    def set_will(
        self,
        topic: _Text | None,
        payload: _Text | None,
        qos: int = 0,
        retain: bool = True,
        *,
        properties: _Properties | None = None,
    ) -> None:
        """Sets the will for all later connections: the broker publishes it when a connection is lost.

        :param topic: topic name; `None` removes the will
        :param payload: the message, up to 65535 bytes
        :param qos: 0, 1 or 2
        :param retain: whether the broker keeps the message
        """

    @overload
    def publish(
        self,
        topic: _Text,
        payload: _Text | None = "",
        qos: int = 0,
        retain: bool = False,
        *,
        wait: Literal[False],
        properties: _Properties | None = None,
    ) -> Delivery | Any:
        """Publishes a message without waiting for anything.

        :return: the end of the message; `None` at QoS 0
        :raises OSError: ENOBUFS: the outbox is full
        """

    @overload
    def publish(
        self,
        topic: _Text,
        payload: _Text | None = "",
        qos: int = 0,
        retain: bool = False,
        *,
        wait: Literal[True] = True,
        properties: _Properties | None = None,
    ) -> None:
        """Publishes a message; returns when the handshake of its quality of service is complete.

        :param topic: topic name
        :param payload: the message
        :param qos: 0 at most once, 1 at least once, 2 exactly once
        :param retain: whether the broker keeps the message for later subscribers
        :param wait: whether to wait for the handshake of QoS 1 or 2
        :param properties: those of MQTT 5
        :raises MQTTException: the broker of MQTT 5 refuses the message
        :raises ValueError: an argument is unusable, or breaks a limit that the broker of MQTT 5 has set
        :raises OSError: ENOTCONN, ENOBUFS, EAGAIN: the client has not accepted the message; any other:
            at QoS 1 and 2 a client without `clean_session` keeps it and delivers it later
        """

    @overload
    def subscribe(
        self,
        topic: _Text,
        function: _PartFunction,
        qos: int = 0,
        *,
        into: bytearray,
        no_local: bool = False,
        retain_as_published: bool = False,
        retain_handling: Literal[0, 1, 2] = 0,
        properties: _Properties | None = None,
    ) -> None: ...
    @overload
    def subscribe(
        self,
        topic: _Text,
        function: _Function | None,
        qos: int = 0,
        *,
        into: None = None,
        no_local: bool = False,
        retain_as_published: bool = False,
        retain_handling: Literal[0, 1, 2] = 0,
        properties: _Properties | None = None,
    ) -> None:
        """Subscribes to a topic filter; while not connected, at the next connection.

        :param topic: topic filter
        :param function: a function that the client calls as `function(client, payload, topic)` for
            every matching message; `None`: that of `set_callback()`, which comes first
        :param qos: the highest quality of service of the delivery: 0, 1 or 2
        :param into: a buffer; the client then calls the function with one part of the payload after the
            other, each a `memoryview` of the buffer
        :param no_local: whether the broker keeps this client's own messages from it (MQTT 5)
        :param retain_as_published: whether messages keep the retain flag that they were published with (MQTT 5)
        :param retain_handling: when the broker sends retained messages: 0 at every call, 1 for a new filter, 2 never
            (MQTT 5)
        :param properties: those of MQTT 5
        :raises MQTTException: the broker refuses
        """

    def unsubscribe(self, topic: _Text, *, properties: _Properties | None = None) -> None:
        """Ends a subscription.

        :param topic: the topic filter of the subscription
        :param properties: those of MQTT 5
        """

    @property
    def message(self) -> _Message | None:
        """The message that is being delivered, inside the functions of `subscribe()`; elsewhere `None`."""

    @property
    def session_present(self) -> bool:
        """Whether the broker had a session of this client, as its last CONNACK said."""

    @property
    def failure(self) -> OSError | None:
        """Why the last connection ended; `None` before any, and after `disconnect()`."""

    @property
    def properties(self) -> _Properties | None:
        """The properties of the broker's last CONNACK; `None` before the first one of MQTT 5."""

class Delivery:
    """How a message ends that `Client.publish()` did not wait for."""

    def done(self) -> bool:
        """Returns whether the message has come to its end, acknowledged or not. Never waits."""

    def wait(self, timeout: int | None = None) -> None:
        """Waits until the broker has acknowledged the message.

        :param timeout: the longest wait, in ms; `None` for `command_timeout`
        :raises OSError: ETIMEDOUT: not yet; any other: the reason why the message was given up
        """

    def __await__(self) -> Generator[Any, Any]:
        """Waits as `wait()` does, in a coroutine."""

def auto_reconnect(first: int = 1000, most: int = 60000) -> Callable[[Client], int]:
    """Makes a function for `loop_failure` that connects again until it succeeds.

    :param first: the first pause between two attempts, in ms; each one is twice as long as the last
    :param most: the longest pause, in ms
    """

def create_ssl_context(
    cacert: _Text = "",
    clicert: _Text = "",
    pkey: _Text = "",
    hostname: _Text = "",
    options: int = 20,
    *,
    alpn: Sequence[_Text] | None = None,
) -> _SSLContext:
    """Makes a context of the built-in TLS 1.3, for `Client.connect()`.

    :param cacert: certificates of the trusted authorities, PEM or DER
    :param clicert: the client's certificate
    :param pkey: the private key of that certificate
    :param hostname: the name in the broker's certificate, if it differs from the `host` of `connect()`
    :param options: `CERT_REQUIRED`, or `CERT_NONE` if anybody may pose as the broker
    :param alpn: names of application protocols to offer the broker (ALPN): at most 8, of 1 to 255 bytes
    :raises ValueError: an argument is unusable; the text names it
    """
