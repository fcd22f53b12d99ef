"""Another client, of other people's making (Eclipse Paho for CPython).

    with Peer(broker) as peer:
        peer.subscribe("some/#", 2)
        run_script(...)
        assert peer.take(3) == [("some/topic", b"payload"), ...]
"""

import queue
import ssl
import tempfile
import time

from paho.mqtt import client as paho

PATIENCE = 120


class Peer:
    """Connected for as long as the `with` lasts. `qos` and `retain` of the messages: `details`; the property that
    MQTT 5 has for a text about the payload: `content_types`."""

    def __init__(self, broker, client_id="", tls=None, identity=None, **options):
        """`tls`: the CA that has signed the broker's certificate; `identity`: a certificate of ours."""
        self.broker = broker
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id, **options)
        if tls is not None:
            context = ssl.create_default_context(cadata=tls.pem)
            if identity is not None:
                with tempfile.TemporaryDirectory() as folder:
                    context.load_cert_chain(*identity.files(folder))
            self._client.tls_set_context(context)
        self._client.on_message = self._on_message
        self._client.on_subscribe = lambda *_: self._subscribed.put(True)
        self._subscribed = queue.Queue()
        self._messages = queue.Queue()
        self._on = {}
        self.details = []
        self.content_types = []

    def __enter__(self):
        self._client.connect(self.broker.host, self.broker.port)
        self._client.loop_start()
        return self

    def __exit__(self, *_):
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(self, client, userdata, message):
        then = self._on.get(message.topic)
        if then is not None:
            then()
            return
        self.details.append((message.qos, message.retain))
        self.content_types.append(getattr(message.properties, "ContentType", None))
        self._messages.put((message.topic, message.payload))

    def subscribe(self, topic, qos=0):
        """Returns when the broker has agreed."""
        self._client.subscribe(topic, qos)
        self._subscribed.get(timeout=PATIENCE)

    def on(self, topic, function, qos=0):
        """Calls `function()` when a message on this topic comes; take() does not return it."""
        self._on[topic] = function
        self.subscribe(topic, qos)

    def publish(self, topic, payload=b"", qos=0, retain=False):
        """Returns at once."""
        return self._client.publish(topic, payload, qos, retain)

    def deliver(self, topic, payload=b"", qos=0, retain=False):
        """Returns when the broker has it. Not for use inside of `on`."""
        self.publish(topic, payload, qos, retain).wait_for_publish(PATIENCE)

    def take(self, count, timeout=PATIENCE):
        """The next messages, in order."""
        deadline = time.monotonic() + timeout
        return [self._messages.get(timeout=max(0, deadline - time.monotonic())) for _ in range(count)]

    def is_empty(self):
        """Whether nothing came that was not taken."""
        return self._messages.empty()


def make_pool():
    state, pool = 1, bytearray()
    for _ in range(4096):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        pool.append(state >> 16 & 0xFF)
    return bytes(pool)


POOL = make_pool()


def payload_of(number):
    """Payloads of 0 to 1,000 bytes by number; `on_target/support.py` knows them, too."""
    start = number * 53 % (len(POOL) - 1000)
    return POOL[start : start + number * 389 % 1001]
