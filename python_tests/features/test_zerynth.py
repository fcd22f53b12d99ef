"""Programs in the manner of Zerynth's libraries for clouds, with Mosquitto in the place of the cloud."""

import base64
import contextlib
import hashlib
import json
import queue
import threading

from harness.peer import Peer


class Cloud:
    """The cloud's side, as long as the `with` lasts: `answer(topic, message)` gives the messages to
    publish, as a list of topics and objects. `messages` are all that came, each once. It keeps its
    session when the broker starts again.
    """

    def __init__(self, broker, filters, answer):
        self.peer = Peer(broker, "cloud", clean_session=False)
        self.filters = filters
        self.answer = answer
        self.messages = []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self.peer.__enter__()
        for each in self.filters:
            self.peer.subscribe(each, 1)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()
        self.peer.__exit__()

    def _serve(self):
        while not self._end.is_set():
            with contextlib.suppress(queue.Empty):
                [(topic, payload)] = self.peer.take(1, 0.05)
                message = json.loads(payload) if payload else None
                # A broker that starts again repeats the messages that it did not see acknowledged.
                if (topic, message) not in self.messages:
                    self.messages.append((topic, message))
                    for to, answer in self.answer(topic, message):
                        self.peer.publish(to, answer if isinstance(answer, str) else json.dumps(answer), 1)


@contextlib.contextmanager
def password_changes(broker, due, user, password):
    """The broker wants another password from the time on that `due` is set. Connections end then."""

    done = threading.Event()

    def change():
        if due.wait(300):
            broker.stop()
            broker.users = {user: password}
            broker.start()
        # The broker ends with the thread that has started it.
        done.wait(300)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        yield
    finally:
        due.set()
        done.set()
        thread.join()


def test_aws(run_script, new_broker):
    broker = new_broker()
    thing = "$aws/things/lamp-1"
    job = {"execution": {"jobId": "job-1", "jobDocument": {"operation": "reboot"}}}

    def answer(topic, message):
        if topic != thing + "/shadow/update":
            return []
        accepted = (topic + "/accepted", message)
        if message["state"]["reported"] == {"led": "off"}:
            return [accepted, (topic + "/delta", {"state": {"led": "on"}}), (thing + "/jobs/notify-next", job)]
        return [accepted]

    filters = ["telemetry/#", thing + "/shadow/update", thing + "/jobs/+/update"]
    with Cloud(broker, filters, answer) as cloud:
        run_script("zerynth_aws", PORT=broker.port, THING="lamp-1")
    came = dict.fromkeys(topic for topic, _ in cloud.messages)
    assert list(came) == ["telemetry/lamp-1", thing + "/shadow/update", thing + "/jobs/job-1/update"]
    assert cloud.messages[0][1] == {"temperature": 21.5}
    assert cloud.messages[-1][1] == {"status": "SUCCEEDED"}


def google_token(project, key, issued):
    def base64url(data):
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    claims = f'{{"iat":{issued},"exp":{issued + 3600},"aud":"{project}"}}'
    signed = base64url(b'{"alg":"none"}') + "." + base64url(claims.encode())
    return signed + "." + base64url(hashlib.sha256((key + signed).encode()).digest())


def test_google(run_script, new_broker):
    """The token is renewed in breconnect_cb, before loop_failure's reconnect()."""
    issued = 1700000000
    options = {"anonymous": True, "persistence": True}
    broker = new_broker(users={"unused": google_token("lamps", "secret", issued)}, **options)
    due = threading.Event()

    def answer(topic, message):
        if topic.endswith("/state"):
            due.set()
            return []
        if message["number"] == 1:
            return [("/devices/lamp-1/config", {"version": 7})]
        return [("/devices/lamp-1/commands/blink", "twice")]

    renewed = google_token("lamps", "secret", issued + 3600)
    filters = ["/devices/+/events", "/devices/+/state"]
    with Cloud(broker, filters, answer) as cloud, password_changes(broker, due, "unused", renewed):
        run_script("zerynth_google", PORT=broker.port, PROJECT="lamps", DEVICE="lamp-1", KEY="secret", ISSUED=issued)
    assert cloud.messages == [
        ("/devices/lamp-1/events", {"number": 1}),
        ("/devices/lamp-1/state", {"applied": 7}),
        ("/devices/lamp-1/events", {"number": 2}),
    ]


def azure_signature(hub, device, key, expiry):
    resource = f"{hub}%2Fdevices%2F{device}"
    digest = hashlib.sha256(f"{resource}\n{expiry}{key}".encode()).digest()
    signature = base64.b64encode(digest).decode().replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    return f"SharedAccessSignature sr={resource}&sig={signature}&se={expiry}"


def test_azure(run_script, new_broker):
    """The signature is renewed in breconnect_cb, a method of the client, and the session goes on."""
    hub, device, key, started = "lamps.azure-devices.net", "lamp-1", "secret", 1700000000
    user = f"{hub}/{device}/?api-version=2021-04-12"
    options = {"anonymous": True, "persistence": True}
    broker = new_broker(users={user: azure_signature(hub, device, key, started + 3600)}, **options)
    due = threading.Event()
    events = f"devices/{device}/messages/events/"

    def answer(topic, message):
        if topic.startswith("$iothub/twin/GET/"):
            return [("$iothub/twin/res/200/" + topic.rpartition("/")[2], {"desired": {"period": 30}})]
        if topic.startswith("$iothub/twin/PATCH/"):
            return [("$iothub/twin/res/204/" + topic.rpartition("/")[2], {})]
        if topic == events + "alert=no":
            return [("$iothub/methods/POST/reboot/?$rid=m1", {"delay": 5})]
        if topic.startswith("$iothub/methods/res/"):
            due.set()
        return []

    renewed = azure_signature(hub, device, key, started + 7200)
    filters = [events + "#", "$iothub/twin/GET/#", "$iothub/twin/PATCH/#", "$iothub/methods/res/#"]
    with Cloud(broker, filters, answer) as cloud, password_changes(broker, due, user, renewed):
        run_script("zerynth_azure", PORT=broker.port, HUB=hub, DEVICE=device, KEY=key, STARTED=started)
    assert cloud.messages == [
        ("$iothub/twin/GET/?$rid=1", None),
        ("$iothub/twin/PATCH/properties/reported/?$rid=2", {"period": 30}),
        (events + "alert=no", {"temperature": 21}),
        ("$iothub/methods/res/200/?$rid=m1", {"rebooting": True}),
        (events + "alert=yes", {"temperature": 22}),
        ("$iothub/twin/GET/?$rid=3", None),
    ]
