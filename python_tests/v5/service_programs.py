# Programs in the manner of a device of a cloud service: CASE says which function below.
import json

import mqtt
from on_target.support import expect, need_version_5, wait_until

need_version_5()


def aws_job():
    """A thing asks for its next job, does it, and tells how far it is."""
    thing = mqtt.Client("v5", clean_session=False, command_timeout=20000)
    thing.set_version(5, session_expiry_interval=3600, topic_alias_maximum=2)
    jobs = "$aws/things/thing-1/jobs/"
    documents = []

    def on_job(thing, payload, topic):
        documents.append((topic, json.loads(payload)))

    thing.subscribe(jobs + "notify-next", on_job, 1)
    thing.subscribe(jobs + "start-next/accepted", on_job, 1)
    thing.set_will("things/thing-1/state", "lost", 1, False, properties={"will_delay_interval": 30})
    assert thing.connect(HOST, 60, PORT) == 0
    # The service has no QoS 2. The program learns of it before the service does.
    error = expect(ValueError, thing.publish, jobs + "start-next", "{}", 2)
    assert str(error) == "the broker does not take messages of this QoS", error
    thing.publish(jobs + "start-next", "{}", 1, properties={"content_type": "application/json"})
    wait_until(lambda: len(documents) == 2)
    assert [topic for topic, _ in documents] == [jobs + "start-next/accepted", jobs + "notify-next"], documents
    job = documents[0][1]["execution"]["jobId"]
    for step in range(5):
        thing.publish(jobs + job + "/update", json.dumps({"status": "IN_PROGRESS", "step": step}), 1)
        for sensor in range(10):
            thing.publish("things/thing-1/sensor-%d" % sensor, str(step))
    # A document that the service would not take.
    expect(ValueError, thing.publish, jobs + job + "/update", bytes(2000), 1)
    thing.publish(jobs + job + "/update", '{"status": "SUCCEEDED"}', 1)
    thing.disconnect()


def event_grid_device():
    """A device sends its measurements, and answers commands."""
    device = mqtt.Client("v5", clean_session=False, command_timeout=20000)
    device.set_version(5, session_expiry_interval=8 * 3600)
    device.set_username_pw("device-1-authn")
    answered = []

    def on_command(device, payload, topic):
        device.reply(b"done " + payload, qos=1)
        answered.append(topic)

    device.subscribe("devices/device-1/commands/#", on_command, 1)
    assert device.connect(HOST, 3600, PORT) == 0
    for call in (
        lambda: device.publish("devices/device-1/state", "on", 1, True),
        lambda: device.publish("devices/device-1/state", "on", 2),
        lambda: device.subscribe("$share/group/devices/#", on_command),
    ):
        expect(ValueError, call)
    for number in range(30):
        properties = {"content_type": "application/json", "message_expiry_interval": 60}
        device.publish("devices/device-1/telemetry/%d" % (number % 3), str(number), number % 2, properties=properties)
    device.publish("devices/device-1/ready", "", 1)
    wait_until(lambda: len(answered) == 3)
    device.disconnect()


globals()[CASE]()
print("OK")
