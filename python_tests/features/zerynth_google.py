# In the manner of Zerynth's library for Google Cloud IoT: a device with a token for a password, which
# it renews before it connects again.
import binascii
import hashlib
import json

import mqtt
from on_target.support import wait_until

# The time at which the first token is made, in s.
clock = ISSUED


def base64url(data):
    return binascii.b2a_base64(data).decode().strip().rstrip("=").replace("+", "-").replace("/", "_")


def make_token(project, key, issued, lifetime):
    """A JSON Web Token (RFC 7519), signed in a simpler way than Google's."""
    claims = '{"iat":%d,"exp":%d,"aud":"%s"}' % (issued, issued + lifetime, project)
    signed = base64url(b'{"alg":"none"}') + "." + base64url(claims.encode())
    return signed + "." + base64url(hashlib.sha256((key + signed).encode()).digest())


class GoogleClient(mqtt.Client):
    def __init__(self, client_id, project, key, lifetime):
        mqtt.Client.__init__(self, client_id, cycle_timeout=50, command_timeout=10000)
        self.project = project
        self.key = key
        self.lifetime = lifetime
        self.tokens = 0

    def set_token(self):
        self.set_username_pw("unused", make_token(self.project, self.key, clock, self.lifetime))
        self.tokens += 1


class Device:
    def __init__(self, project, device, key):
        self.base = "/devices/" + device
        self.mqtt = GoogleClient("projects/" + project + self.base, project, key, 3600)
        self.mqtt.failures = []
        self.config = None
        self.commands = []

    def connect(self, host, port):
        self.mqtt.set_token()
        return self.mqtt.connect(
            host,
            60,
            port=port,
            breconnect_cb=self._renew,
            aconnect_cb=self._connected,
            loop_failure=self._recover,
        )

    def _renew(self, client):
        global clock
        clock += client.lifetime
        client.set_token()

    def _connected(self, client):
        client.subscribe(self.base + "/config", self._config, 1)
        client.subscribe(self.base + "/commands/#", self._command, 1)

    def _recover(self, client):
        try:
            code = client.reconnect()
        except OSError as error:
            client.failures.append(error)
            # It has cost a token, but no time has gone by.
            global clock
            clock -= client.lifetime
            return mqtt.RECOVERED
        return mqtt.RECOVERED if code == mqtt.RC_ACCEPTED else mqtt.BREAK_LOOP

    def _config(self, client, payload, topic):
        self.config = json.loads(payload)
        client.publish(self.base + "/state", json.dumps({"applied": self.config["version"]}), 1)

    def _command(self, client, payload, topic):
        self.commands.append((topic[len(self.base + "/commands/") :], payload))

    def publish_event(self, event):
        self.mqtt.publish(self.base + "/events", json.dumps(event), 1)


device = Device(PROJECT, DEVICE, KEY)
assert device.connect(HOST, PORT) == mqtt.RC_ACCEPTED
device.publish_event({"number": 1})
wait_until(lambda: device.config)
assert device.config == {"version": 7}
# The broker wants the next token now.
wait_until(lambda: device.mqtt.tokens > 1 and device.mqtt.connected())
device.publish_event({"number": 2})
wait_until(lambda: device.commands)
assert device.commands == [("blink", b"twice")], device.commands
device.mqtt.disconnect()
print("OK")
