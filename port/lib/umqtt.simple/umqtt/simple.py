"""The class of umqtt.simple, as the package of that name in micropython-lib has it, on top of the module mqtt."""

import errno
import io

import mqtt

# MP_STREAM_POLL, and the flags of select.poll.
_POLL, _POLLIN, _POLLHUP = 3, 1, 16
_PINGRESP = 0xD0
_SUBACK_FAILURE = 0x80
# The deadline of a call without a `timeout`, in ms.
_TIMEOUT = 60000


class MQTTException(Exception):
    """The broker has refused the connection or a subscription: `args[0]` is its return code."""


class _Socket(io.IOBase):
    """Stands for the client's socket: programs poll it, or limit the next `wait_msg()`."""

    def __init__(self, client):
        self._client = client

    def ioctl(self, request, flags):
        if request != _POLL:
            return -errno.EINVAL
        ready = flags & ~_POLLIN
        if flags & _POLLIN:
            ready |= self._client._look()
        return ready

    def setblocking(self, flag):
        self._client._limit = None if flag else 0

    def settimeout(self, seconds):
        self._client._limit = None if seconds is None else int(seconds * 1000)

    def close(self):
        self._client.disconnect()


class MQTTClient:
    """An MQTT client whose program calls for each message, with `wait_msg()` or `check_msg()`."""

    def __init__(
        self, client_id, server, port=0, user=None, password=None, keepalive=0, ssl=None, ssl_params=None
    ):
        self.client_id = client_id
        self.sock = None
        self.server = server
        self.port = port or (8883 if ssl else 1883)
        self.ssl = ssl
        self.ssl_params = ssl_params or {}
        self.cb = None
        self.user = user
        self.pswd = password
        self.keepalive = keepalive
        self.lw_topic = None
        self.lw_msg = None
        self.lw_qos = 0
        self.lw_retain = False
        self._client = mqtt.Client(client_id, command_timeout=_TIMEOUT)
        # The arguments that the client was made with, and the filters that it has subscribed to.
        self._made = client_id, True, _TIMEOUT
        self._topics = set()
        # Whether the client keeps its session from one connection to the next.
        self._keeps = False
        # The limit of the next wait_msg() in ms.
        self._limit = None
        self._pings = 0
        # The message that a poll found: the next call of wait_msg() or check_msg() delivers it.
        self._found = None
        self._looks = False
        # The exception of the callback.
        self._raised = None

    def set_callback(self, f):
        self.cb = f

    def set_last_will(self, topic, msg, retain=False, qos=0):
        assert 0 <= qos <= 2, "qos must be 0, 1 or 2"
        assert topic, "the topic of the will is empty"
        self.lw_topic = topic
        self.lw_msg = msg
        self.lw_qos = qos
        self.lw_retain = retain

    def connect(self, clean_session=True, timeout=None):
        client = self._client
        client.disconnect()
        if clean_session or not self._keeps:
            limit = _TIMEOUT if timeout is None else int(timeout * 1000)
            made = self.client_id, clean_session, limit
            if made == self._made:
                # A new client would be in the way of others in a memory full of small objects. The session is gone,
                # and its subscriptions with it.
                for topic in self._topics:
                    client.unsubscribe(topic)
            else:
                client = self._client = mqtt.Client(self.client_id, clean_session, command_timeout=limit)
                self._made = made
            self._topics.clear()
            self._keeps = not clean_session
        client.set_callback(self._on_message)
        client.set_username_pw(self.user or None, self.pswd or "")
        client.set_will(self.lw_topic, self.lw_msg, self.lw_qos, self.lw_retain)
        context = self.ssl or None
        if context is True:
            from mqtt_ssl_params import Context

            context = Context(self.ssl_params)
        self._limit = self._found = None
        self._pings = 0
        code = client.connect(self.server, self.keepalive, self.port, context, start_loop=False)
        if code:
            raise MQTTException(code)
        self.sock = _Socket(self)
        self._raise()
        return int(client.session_present)

    def disconnect(self):
        self._client.disconnect()

    def ping(self):
        self._client.ping()
        self._pings += 1

    def publish(self, topic, msg, retain=False, qos=0):
        self._client.publish(topic, msg, qos, retain)
        if qos:
            self._raise()

    def subscribe(self, topic, qos=0):
        assert self.cb is not None, "Subscribe callback is not set"
        self._demand(self._topics.add, self._client.subscribe, topic, None, qos)

    def unsubscribe(self, topic):
        self._demand(self._topics.discard, self._client.unsubscribe, topic)

    def wait_msg(self):
        limit, self._limit = self._limit, None
        return self._wait(limit)

    def check_msg(self):
        self._limit = None
        return self._wait(0)

    def _wait(self, limit):
        if self._found:
            message, self._found = self._found, None
            self.cb(*message)
            return 0x30
        while True:
            packet = self._client.wait_msg(limit)
            self._raise()
            if packet == _PINGRESP and not self._pings and limit is None:
                # The answer to a PINGREQ of the client's own.
                continue
            if packet == _PINGRESP:
                self._pings = max(self._pings - 1, 0)
                return None
            if packet is None and limit:
                raise OSError(errno.ETIMEDOUT)
            return packet

    def _on_message(self, client, payload, topic):
        if self._looks:
            self._found = (topic.encode(), payload)
            return
        try:
            self.cb(topic.encode(), payload)
        except Exception as error:
            # The module would print it. The program gets it from the method that it has called.
            self._raised = error

    def _raise(self):
        if self._raised is not None:
            error, self._raised = self._raised, None
            raise error

    def _demand(self, note, method, topic, *args):
        # Without a connection the module would keep the filter for later.
        if not self._client.connected():
            raise OSError(errno.ENOTCONN)
        try:
            method(topic, *args)
            # A set warns of texts beside bytes.
            note(topic if isinstance(topic, str) else str(topic, "utf-8"))
        except mqtt.MQTTException as error:
            if error.errno != _SUBACK_FAILURE:
                raise
            self._raised = MQTTException(error.errno)
        self._raise()

    def _look(self):
        # For a poll: the flags that hold.
        if not self._found:
            self._looks = True
            try:
                self._client.wait_msg(0)
            except OSError:
                # The next call of wait_msg() or check_msg() raises it.
                return _POLLIN | _POLLHUP
            finally:
                self._looks = False
        return _POLLIN if self._found else 0
