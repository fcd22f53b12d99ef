"""Programs in the manner of devices of AWS IoT Core and of Azure Event Grid, with brokers that enforce the limits of
those services: they close the connection of a client that breaks one."""

import json

from harness import mqtt5
from harness.link import ScriptFailure


class Service:
    """A connection of a broker with limits."""

    def __init__(self, link, **limits):
        self.link = link
        self.limits = limits
        self.connect = link.expect_packet("CONNECT")
        self.aliases = {}
        link.send(mqtt5.connack(**limits))

    def take(self):
        """The next packet but for a SUBSCRIBE, which is granted: (kind, topic, packet). It must keep the limits."""
        while True:
            packet = self.link.next_packet()
            if packet is None:
                raise ScriptFailure("the client ended the connection")
            if len(packet.raw) > self.limits["maximum_packet_size"]:
                raise ScriptFailure(f"{len(packet.raw)} bytes")
            if packet.kind == "SUBSCRIBE":
                if any(name.startswith("$share/") for name, _ in packet.filters):
                    raise ScriptFailure(f"{packet.filters}")
                self.link.send(mqtt5.suback(packet.packet_id, *(qos & 1 for _, qos in packet.filters)))
                continue
            if packet.kind != "PUBLISH":
                return packet.kind, None, packet
            if packet.qos > self.limits["maximum_qos"] or (packet.retain and not self.limits.get("retain_available", 1)):
                raise ScriptFailure(f"{packet}")
            alias = packet.properties.get("topic_alias")
            if alias is not None:
                if not 1 <= alias <= self.limits["topic_alias_maximum"]:
                    raise ScriptFailure(f"alias {alias}")
                if packet.topic:
                    self.aliases[alias] = packet.topic
            if packet.qos:
                self.link.send(mqtt5.puback(packet.packet_id))
            return packet.kind, packet.topic or self.aliases[alias], packet


def test_a_job_of_aws_iot(play):
    """The service answers with topic aliases of its own."""
    jobs = "$aws/things/thing-1/jobs/"
    steps = []
    sensors = []

    def script(broker):
        service = Service(broker.accept(), maximum_qos=1, topic_alias_maximum=8, maximum_packet_size=1024)
        assert service.connect.fields["properties"]["session_expiry_interval"] == 3600
        assert service.connect.fields["will_properties"] == {"will_delay_interval": 30}
        kind, topic, packet = service.take()
        assert (kind, topic, packet.properties["content_type"]) == ("PUBLISH", jobs + "start-next", "application/json")
        document = json.dumps({"execution": {"jobId": "job-7"}}).encode()
        service.link.send(
            mqtt5.publish(jobs + "start-next/accepted", document, 1, 1, topic_alias=1)
            + mqtt5.publish(jobs + "notify-next", b"{}", 1, 2, topic_alias=2)
        )
        while True:
            kind, topic, packet = service.take()
            if kind == "DISCONNECT":
                break
            if kind == "PUBLISH" and topic == jobs + "job-7/update":
                steps.append(json.loads(packet.payload))
            elif kind == "PUBLISH":
                sensors.append((topic, packet.payload))
        service.link.expect_end()

    play("service_programs", script, CASE="aws_job")
    assert [step["status"] for step in steps] == ["IN_PROGRESS"] * 5 + ["SUCCEEDED"]
    assert sensors == [
        (f"things/thing-1/sensor-{sensor}", b"%d" % step) for step in range(5) for sensor in range(10)
    ]


def test_a_device_of_event_grid(play):
    answers = []

    def script(broker):
        service = Service(
            broker.accept(),
            maximum_qos=1,
            retain_available=0,
            shared_subscription_available=0,
            topic_alias_maximum=10,
            maximum_packet_size=512 * 1024,
            server_keep_alive=1160,
        )
        assert service.connect.fields["username"] == "device-1-authn"
        telemetry = 0
        while True:
            kind, topic, packet = service.take()
            if kind == "DISCONNECT":
                break
            if kind != "PUBLISH":
                continue
            if topic == "answers":
                answers.append((packet.payload, packet.properties["correlation_data"]))
            elif topic == "devices/device-1/ready":
                for number in range(3):
                    asked = {"response_topic": "answers", "correlation_data": bytes([number])}
                    command = mqtt5.publish("devices/device-1/commands/turn", b"%d" % number, 1, number + 1, **asked)
                    service.link.send(command)
            else:
                assert topic.startswith("devices/device-1/telemetry/")
                telemetry += 1
        assert telemetry == 30
        service.link.expect_end()

    play("service_programs", script, CASE="event_grid_device")
    assert answers == [(b"done %d" % number, bytes([number])) for number in range(3)]
