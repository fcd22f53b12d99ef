"""Bytes that no broker may send: see malformed.py for the table."""

import pytest
from harness import malformed
from harness import mqtt_packets as mqtt
from harness.fake_broker import FakeBroker
from harness.link import ScriptFailure


def test_the_table_is_as_long_as_promised():
    assert len(malformed.ROWS) >= 300
    assert all(row.reason and row.data for row in malformed.ROWS)


@pytest.mark.parametrize("row", malformed.ROWS, ids=lambda row: f"{row.when}-{row.data.hex()}")
def test_every_row_is_malformed(row):
    """As `mqtt_packets`, which knows nothing of the client, sees it; or else out of place."""
    parser = mqtt.Parser()
    parser.feed(row.data)
    try:
        kinds = [packet.kind for packet in parser]
    except mqtt.Malformed:
        return
    if not parser.left():
        from_client = {"CONNECT", "SUBSCRIBE", "UNSUBSCRIBE", "PINGREQ", "DISCONNECT"}
        assert row.when == "first" or "CONNACK" in kinds or from_client & set(kinds)
    else:
        # Cut short. No byte that comes next makes sense of it: the length is wrong already.
        header = mqtt.split_fixed_header(parser.left())
        assert header is None or row.data[0] & 0xF0 == 0x30 or header[1] not in (0, 2)


@pytest.mark.parametrize("bytewise", [False, True], ids=["whole", "bytewise"])
def test_mqtt_4_8_0_1_malformed_packets_end_the_connection(run_script, bytewise):
    plan = "".join(row.when[0] for row in malformed.ROWS)

    def script(broker):
        for number, row in enumerate(malformed.ROWS):
            link = broker.accept()
            link.expect_packet("CONNECT", clean_session=True)
            data = row.data
            if row.when == "up":
                if number % 2:
                    link.send_quietly(mqtt.connack())
                else:
                    data = mqtt.connack() + data
            link.note(f"-> {data.hex(' ')} ({row.reason})")
            try:
                for i in range(0, len(data), 1 if bytewise else len(data)):
                    link.send_quietly(data[i : i + (1 if bytewise else len(data))])
            except ScriptFailure:
                assert bytewise, row  # It may be closed before we are through.
            try:
                # No DISCONNECT, no acknowledgement, nothing.
                expect_end_after_acks(link, row)
            except ScriptFailure as failure:
                raise ScriptFailure(f"{row}: {failure}") from None
        link = broker.accept()
        link.accept_connect()
        packet = link.accept_subscribe(filters=[("good", 1)])
        link.send(mqtt.publish("good", b"payload", 1, 9))
        link.expect(mqtt.puback(9))
        packet = link.expect_packet("PUBLISH", topic="better", qos=2, dup=False)
        link.send(mqtt.pubrec(packet.packet_id))
        link.expect(mqtt.pubrel(packet.packet_id))
        link.send(mqtt.pubcomp(packet.packet_id))
        link.expect_goodbye()

    def expect_end_after_acks(link, row):
        """A good packet in front of the bad one may be answered."""
        if row.reason.endswith("after a good PUBLISH") and row.data[0] & 6:
            while (packet := link.next_packet()) is not None:
                assert packet.kind in ("PUBACK", "PUBREC"), packet
        else:
            link.expect_end()

    with FakeBroker(script, clients=["malformed"]) as broker:
        run_script("malformed_packets", PORT=broker.port, PLAN=plan)
