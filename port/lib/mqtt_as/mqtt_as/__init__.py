"""The class of mqtt_as, by its documentation, on top of the module mqtt_aio."""

import asyncio
import errno
import os
import socket
import sys
import time
from binascii import hexlify

import mqtt
import mqtt_aio

from . import wifi

VERSION = (0, 8, 3)

# The first number of the OSError of a refused connection: the header of the CONNACK.
_CONNACK = 0x2002
# The pauses between two attempts to connect again, in ms.
_FIRST_PAUSE = 1000
_LONGEST_PAUSE = 60000
# How often the WiFi is looked at, and how soon a full outbox is tried again, in ms.
_LOOK = 1000
_CROWD = 20
# The broker answers the end of a subscription that never was, and does nothing else.
_PROBE = "mqtt_as"
# The server that `wan_ok()` asks, and the question: for the name servers of the root.
_DNS = "8.8.8.8", 53
_QUERY = b"\x00\x35\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01"


def _unique_id():
    try:
        from machine import unique_id

        return hexlify(unique_id())
    except ImportError:
        return hexlify(os.urandom(8))


def _text(topic):
    """The topic as a string: a set warns of strings beside bytes."""
    return topic if isinstance(topic, str) else str(topic, "utf-8")


async def _nothing(*_):
    pass


config = {
    "client_id": _unique_id(),
    "server": None,
    "port": 0,
    "user": "",
    "password": "",
    "keepalive": 60,
    "ping_interval": 0,
    "ssl": False,
    "ssl_params": {},
    "response_time": 10,
    "clean_init": True,
    "clean": True,
    "max_repubs": 4,
    "will": None,
    "subs_cb": lambda *_: None,
    "wifi_coro": _nothing,
    "connect_coro": _nothing,
    "ssid": None,
    "wifi_pw": None,
    "queue_len": 0,
    "gateway": False,
    "mqttv5": False,
    "mqttv5_con_props": None,
}


class MsgQueue:
    """The messages that wait for the program. One that finds no room takes the place of the oldest."""

    def __init__(self, size):
        self.discards = 0
        self._size = max(size, 4)
        self._messages = []
        self._came = asyncio.Event()

    def put(self, *message):
        if len(self._messages) == self._size:
            self._messages.pop(0)
            self.discards += 1
        self._messages.append(message)
        self._came.set()

    def __aiter__(self):
        return self

    async def __anext__(self):
        while not self._messages:
            self._came.clear()
            await self._came.wait()
        return self._messages.pop(0)


class MQTT_base:
    """The part of a client that talks with its broker, over one connection after the other."""

    REPUB_COUNT = 0
    DEBUG = False

    def __init__(self, given):
        settings = self._settings = dict(config)
        settings.update(given)
        # The names of properties, and those of CONNECT; `None` with MQTT 3.1.1.
        self._names = None
        if settings["mqttv5"]:
            if not hasattr(mqtt.Client, "set_version"):
                raise ValueError("mqttv5: the module was built without MQTT 5 (MQTT_V5)")
            from . import properties

            self._names = properties
        self._connect_properties = self._options(settings["mqttv5_con_props"] or None).get("properties", {})
        if settings["gateway"]:
            raise ValueError("gateway: there is no ESP-NOW here")
        if not settings["server"]:
            raise ValueError("server: the address of the broker is missing")
        # Nobody holds it: a coroutine of this class can be cancelled at any time.
        self.lock = asyncio.Lock()
        self.queue = None
        if settings["queue_len"]:
            self.queue = MsgQueue(settings["queue_len"])
            self.up = asyncio.Event()
            self.down = asyncio.Event()
        self._response = int(settings["response_time"] * 1000)
        self._client = None
        # The number of the last attempt to connect.
        self._connection = 0
        # The filters of the calls of subscribe() that have succeeded.
        self._topics = set()
        # The task that looks after the connection, from connect() to disconnect().
        self._keeper = None
        # The connection is lost, or to be given up.
        self._lost = asyncio.Event()
        # Coroutines that wait for a connection are to look.
        self._changed = asyncio.Event()

    def dprint(self, *args):
        if self.DEBUG:
            print(*args)

    def isconnected(self):
        return bool(self._keeper) and not self._lost.is_set() and self._client.connected()

    @property
    def topic_alias_maximum(self):
        told = self._names and self._client and self._client.properties
        return told.get("topic_alias_maximum", 0) if told else 0

    async def publish(self, topic, msg, retain=False, qos=0, properties=None):
        options = self._options(properties)
        call = self._deliver if qos else mqtt_aio.Client.publish
        await self._insist(lambda client: call(client, topic, msg, qos, retain, **options))

    async def subscribe(self, topic, qos=0, properties=None):
        options = self._options(properties)
        await self._insist(lambda client: client.subscribe(topic, None, qos, **options))
        self._topics.add(_text(topic))

    async def unsubscribe(self, topic, properties=None):
        options = self._options(properties)
        await self._insist(lambda client: client.unsubscribe(topic, **options))
        self._topics.discard(_text(topic))

    async def broker_up(self):
        if not self.isconnected():
            return False
        try:
            await self._client.unsubscribe(_PROBE)
        except OSError as error:
            self.dprint("The broker does not answer:", error)
            return False
        return True

    async def wan_ok(self, packet=_QUERY):
        if not await self.broker_up():
            return False
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            sock.connect(socket.getaddrinfo(*_DNS)[0][-1])
            sock.send(packet)
            end = time.ticks_add(time.ticks_ms(), self._response)
            while time.ticks_diff(end, time.ticks_ms()) > 0:
                try:
                    answer = sock.recv(64)
                except OSError as error:
                    if error.errno != errno.EAGAIN:
                        raise
                    await asyncio.sleep_ms(_CROWD)
                    continue
                # The answer to this question.
                return answer[:2] == packet[:2] and len(answer) > 12 and bool(answer[2] & 0x80)
        except OSError as error:
            self.dprint("The internet is out of reach:", error)
        finally:
            sock.close()
        return False

    def _options(self, properties):
        """The arguments of mqtt_aio that stand for these properties."""
        if properties is None:
            return {}
        if not self._names:
            raise ValueError("properties belong to MQTT 5: config['mqttv5']")
        return {"properties": self._names.named(properties)}

    async def _insist(self, call):
        """Calls until a connection has lasted long enough."""
        while True:
            client = await self._online()
            connection = self._connection
            try:
                return await call(client)
            except OSError as error:
                if self._lasts(connection):
                    if isinstance(error, mqtt.MQTTException):
                        # The broker refuses, and would do so again.
                        raise
                    self._lost.set()
                self.dprint("Interrupted:", error)

    async def _online(self):
        """The client, when it is connected."""
        while not self.isconnected():
            if not self._keeper:
                raise OSError(errno.ENOTCONN, "not connected to a broker")
            await self._changed.wait()
        return self._client

    def _lasts(self, connection):
        """Whether the connection of this number is still there."""
        return connection == self._connection and self._client.connected()

    async def _deliver(self, client, topic, msg, qos, retain, **options):
        delivery = None
        while delivery is None:
            try:
                delivery = await client.publish(topic, msg, qos, retain, wait=False, **options)
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                await asyncio.sleep_ms(_CROWD)
        while not delivery.done():
            connection = self._connection
            try:
                await delivery.wait(self._response * (self._settings["max_repubs"] + 1))
            except OSError as error:
                if delivery.done():
                    self.REPUB_COUNT += 1
                    raise
                self.dprint("Not acknowledged:", error)
                if self._lasts(connection):
                    # A session has the message, and the next connection sends it again.
                    self.REPUB_COUNT += not self._settings["clean"]
                    self._lost.set()
        await delivery


class MQTTClient(MQTT_base):
    """An MQTT client for asyncio that keeps its WiFi and its connection to the broker up."""

    def __init__(self, config=config):
        super().__init__(config)
        settings = self._settings
        station = wifi.station()
        self._wifi = station and wifi.Wifi(station, settings["ssid"], settings["wifi_pw"])
        self._quick = False
        self._context = settings["ssl"] or None
        if self._context is True:
            from mqtt_ssl_params import Context

            self._context = Context(settings["ssl_params"])
        # The longest time without a word from the broker, in ms; 0: any.
        self._interval = int((settings["ping_interval"] or settings["keepalive"] / 4) * 1000)

    async def connect(self, *, quick=False):
        if self._keeper:
            raise OSError(errno.EALREADY, "connect() was called before")
        clean, clean_init = self._settings["clean"], self._settings["clean_init"]
        self._quick = quick
        self._client = self._make(clean_init)
        try:
            if clean_init and not clean:
                # The broker forgets the session of an earlier run.
                await self._link()
                await self._client.disconnect()
                self._client = self._make(False)
            await self._link()
            self._keeper = asyncio.create_task(self._keep())
        finally:
            if not self._keeper:
                await self._client.disconnect()
        self._tell(True)

    async def disconnect(self):
        self._end()
        if self._client:
            await self._client.disconnect()

    def isconnected(self):
        return super().isconnected() and (not self._wifi or self._wifi.is_up())

    def close(self):
        self._end()
        if self._client:
            # The finaliser closes the socket, and sends no DISCONNECT: the broker publishes the will.
            getattr(self._client, "__del__", bool)()
            # For an event loop that goes on: the end of the client's tasks.
            asyncio.create_task(self._client.disconnect())
        if self._wifi:
            self._wifi.close()

    def _end(self):
        keeper, self._keeper = self._keeper, None
        if keeper:
            keeper.cancel()
        self._notify()

    def _notify(self):
        self._changed.set()
        self._changed.clear()

    def _make(self, clean):
        settings = self._settings
        self._topics.clear()
        client = mqtt_aio.Client(settings["client_id"], clean, command_timeout=self._response)
        client.set_username_pw(settings["user"] or None, settings["password"] or "")
        client.set_callback(self._take)
        if self._names:
            client.set_version(5, **self._connect_properties)
        if settings["will"]:
            topic, msg, retain, qos = settings["will"]
            client.set_will(topic, msg, qos, retain)
        return client

    async def _link(self):
        """Makes a connection, over a WiFi that is up."""
        if self._wifi:
            await self._wifi.connect(self._quick)
        settings, client = self._settings, self._client
        self._connection += 1
        self._lost.clear()
        if client.get_return_code() is None:
            port = settings["port"] or (8883 if self._context else mqtt.PORT)
            code = await client.connect(
                settings["server"], settings["keepalive"], port, self._context, loop_failure=lambda _: self._lost.set()
            )
        else:
            # The session goes on.
            code = await client.reconnect()
        if code:
            raise OSError(_CONNACK, code)
        self.dprint("Connected to the broker.")

    async def _keep(self):
        while True:
            try:
                await self._loss()
                self.dprint("The connection is lost.")
                self._tell(False)
                await self._recover()
                self._tell(True)
            except Exception as error:
                # A full heap, for example: the next round finds the connection as it is.
                sys.print_exception(error)
                await asyncio.sleep_ms(_LOOK)

    async def _loss(self):
        """Returns when the connection is lost, or of no more use."""
        asked = time.ticks_ms()
        look = min(self._interval or _LOOK, _LOOK) if self._wifi else self._interval or None
        while not self._lost.is_set() and self._client.connected():
            try:
                await asyncio.wait_for_ms(self._lost.wait(), look)
            except asyncio.TimeoutError:
                if self._wifi and not self._wifi.is_up():
                    break
                if self._interval and time.ticks_diff(time.ticks_ms(), asked) >= self._interval:
                    asked = time.ticks_ms()
                    if not await self.broker_up():
                        break
        self._lost.set()

    async def _recover(self):
        if self._settings["clean"]:
            # The messages of the lost connection fail, and their coroutines publish them anew. The program
            # subscribes anew, too. A new client would be in the way of others in a memory full of small objects.
            await self._client.disconnect()
            while self._topics:
                await self._client.unsubscribe(self._topics.pop())
        pause = _FIRST_PAUSE
        while True:
            try:
                return await self._link()
            except OSError as error:
                self.dprint("No connection:", error)
            # Clients that lost a broker together do not come back together.
            await asyncio.sleep_ms(pause - time.ticks_us() % (pause // 4))
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _tell(self, state):
        self._notify()
        if self.queue:
            (self.up if state else self.down).set()
            return
        asyncio.create_task(self._settings["wifi_coro"](state))
        if state:
            asyncio.create_task(self._settings["connect_coro"](self))

    def _take(self, client, payload, topic):
        came = client.message
        message = topic.encode(), payload, bool(came.retain)
        if self._names:
            message += (self._names.numbered(came.properties),)
        if self.queue:
            self.queue.put(*message)
        else:
            self._settings["subs_cb"](*message)
