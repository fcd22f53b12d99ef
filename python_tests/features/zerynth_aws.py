# In the manner of Zerynth's library for AWS IoT Core: a thing with its shadow and its jobs.
import json

import mqtt
from on_target.support import wait_until


class ThingClient(mqtt.Client):
    """Publishes dictionaries as JSON, and connects to the endpoint that it was made for."""

    def __init__(self, thing_name, endpoint, port, ssl_ctx=None):
        mqtt.Client.__init__(self, thing_name, clean_session=True, command_timeout=10000)
        self.thing_name = thing_name
        self.endpoint = endpoint
        self.port = port
        self.ssl_ctx = ssl_ctx

    def connect(self, aconnect_cb):
        return mqtt.Client.connect(self, self.endpoint, 60, port=self.port, ssl_ctx=self.ssl_ctx, aconnect_cb=aconnect_cb)

    def publish(self, topic, payload="", qos=0):
        if isinstance(payload, dict):
            payload = json.dumps(payload)
        mqtt.Client.publish(self, topic, payload, qos=qos)


class Thing:
    def __init__(self, thing_name, endpoint, port):
        self.topic = "$aws/things/" + thing_name
        self.mqtt = ThingClient(thing_name, endpoint, port)
        self.mqtt.thing = self
        self.reported = {"led": "off"}
        self.jobs = []
        self.accepted = []

    def connect(self):
        return self.mqtt.connect(self._connected)

    def _connected(self, client):
        client.subscribe(client.thing.topic + "/shadow/update/delta", self._delta, qos=1)
        client.subscribe(client.thing.topic + "/shadow/update/accepted", self._accepted, qos=1)
        client.subscribe(client.thing.topic + "/jobs/notify-next", self._job, qos=1)

    def update_shadow(self):
        self.mqtt.publish(self.topic + "/shadow/update", {"state": {"reported": self.reported}}, 1)

    def _delta(self, client, payload, topic):
        client.thing.reported.update(json.loads(payload)["state"])
        client.thing.update_shadow()

    def _accepted(self, client, payload, topic):
        self.accepted.append(json.loads(payload)["state"]["reported"])

    def _job(self, client, payload, topic):
        execution = json.loads(payload).get("execution")
        if execution:
            job_id = execution["jobId"]
            client.publish("%s/jobs/%s/update" % (client.thing.topic, job_id), {"status": "SUCCEEDED"}, qos=1)
            client.thing.jobs.append((job_id, execution["jobDocument"]["operation"]))


thing = Thing(THING, HOST, PORT)
assert thing.connect() == mqtt.RC_ACCEPTED
thing.mqtt.publish("telemetry/" + THING, {"temperature": 21.5})
thing.update_shadow()
wait_until(lambda: len(thing.accepted) == 2 and thing.jobs)
assert thing.accepted == [{"led": "off"}, {"led": "on"}], thing.accepted
assert thing.jobs == [("job-1", "reboot")], thing.jobs
thing.mqtt.disconnect()
print("OK")
