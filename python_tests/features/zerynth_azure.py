# In the manner of Zerynth's library for Azure IoT Hub: a device with a signature for a password, its
# twin and its methods.
import binascii
import hashlib
import json

import mqtt
from on_target.support import wait_until

# The time, in s.
clock = STARTED


def make_signature(resource, key, expiry):
    """A shared access signature, with a plain hash where Azure has an HMAC."""
    digest = hashlib.sha256(("%s\n%d%s" % (resource, expiry, key)).encode()).digest()
    signature = binascii.b2a_base64(digest).decode().strip()
    for character, code in (("+", "%2B"), ("/", "%2F"), ("=", "%3D")):
        signature = signature.replace(character, code)
    return "SharedAccessSignature sr=%s&sig=%s&se=%d" % (resource, signature, expiry)


class AzureClient(mqtt.Client):
    def __init__(self, hub, device, key):
        self.hub = hub
        self.device = device
        self.key = key
        super().__init__(device, clean_session=False, cycle_timeout=50, command_timeout=10000)

    def renew(self, client):
        """A method as callback: both of its arguments are the client."""
        assert client is self
        username = "%s/%s/?api-version=2021-04-12" % (self.hub, self.device)
        resource = "%s%%2Fdevices%%2F%s" % (self.hub, self.device)
        super().set_username_pw(username, make_signature(resource, self.key, clock + 3600))

    def connect(self, host, port):
        self.renew(self)
        return super().connect(host, 60, port=port, breconnect_cb=self.renew)


class Device(AzureClient):
    def __init__(self, hub, device, key):
        super().__init__(hub, device, key)
        self.rid = 0
        self.twin = None
        self.acknowledged = []
        self.methods = {}
        self.subscribe("$iothub/twin/res/#", self._twin_answer)
        self.subscribe("$iothub/methods/POST/#", self._method)

    def publish_event(self, event, **properties):
        bag = "&".join("%s=%s" % item for item in sorted(properties.items()))
        self.publish("devices/%s/messages/events/%s" % (self.device, bag), json.dumps(event), 1)

    def get_twin(self):
        self._request("GET", "")

    def report_twin(self, reported):
        self._request("PATCH/properties/reported", json.dumps(reported))

    def _request(self, verb, body):
        self.rid += 1
        self.publish("$iothub/twin/%s/?$rid=%d" % (verb, self.rid), body, 1)

    def _twin_answer(self, client, payload, topic):
        status = int(topic.split("/")[3])
        if status == 200:
            client.twin = json.loads(payload)
        else:
            client.acknowledged.append((status, topic.split("$rid=")[1]))

    def on_method(self, name, function):
        self.methods[name] = function

    def _method(self, client, payload, topic):
        _, _, _, name, query = topic.split("/")
        status, answer = client.methods[name](client, json.loads(payload))
        client.publish("$iothub/methods/res/%d/%s" % (status, query), json.dumps(answer))


device = Device(HUB, DEVICE, KEY)
device.calls = []


def reboot(client, arguments):
    client.calls.append(arguments)
    return 200, {"rebooting": True}


device.on_method("reboot", reboot)
assert device.connect(HOST, PORT) == mqtt.RC_ACCEPTED
device.get_twin()
wait_until(lambda: device.twin)
assert device.twin == {"desired": {"period": 30}}
device.report_twin({"period": 30})
wait_until(lambda: device.acknowledged)
assert device.acknowledged == [(204, "2")], device.acknowledged
device.publish_event({"temperature": 21}, alert="no")
wait_until(lambda: device.calls)
assert device.calls == [{"delay": 5}]

# The signature has expired: Azure ends the connection, and with no loop_failure the loop ends.
wait_until(lambda: not device.connected())
clock += 3600
while not device.connected():
    try:
        assert device.reconnect() == mqtt.RC_ACCEPTED
    except OSError:
        pass
device.loop()
device.publish_event({"temperature": 22}, alert="yes")
device.twin = None
device.get_twin()
wait_until(lambda: device.twin)
device.disconnect()
print("OK")
