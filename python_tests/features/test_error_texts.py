"""Texts of errors: they name the cause."""

from harness import mqtt_packets
import pytest
from harness.fake_broker import FakeBroker
from harness.obliging import ObligingBroker

# An alert of TLS 1.2, handshake_failure, as servers send it when something else than TLS comes.
TLS_ALERT = bytes.fromhex("15 03 03 00 02 02 28")
HTTP_RESPONSE = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"


@pytest.mark.smoke
def test_the_cause_is_named(run_script):
    def script(broker):
        for answer in (TLS_ALERT, HTTP_RESPONSE):
            link = broker.accept()
            link.expect_packet("CONNECT")
            link.send(answer)
        link = broker.accept()
        link.accept_connect()
        link.expect(mqtt_packets.disconnect())

    with FakeBroker(script) as broker:
        run_script("error_texts", HOST=broker.host, PORT=broker.port)


def test_disconnect_while_connect_waits_for_connack(run_script):
    with ObligingBroker(lambda packet: None) as broker:
        run_script("disconnect_while_awaiting_connack", HOST=broker.host, PORT=broker.port)
