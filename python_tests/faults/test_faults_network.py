"""A real broker behind a network that misbehaves: see fault_proxy.py."""

import socket
import time

import pytest
from harness.fault_proxy import FaultProxy

pytestmark = pytest.mark.both_versions


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "publishing"])
def test_a_half_open_link_is_noticed_within_one_and_a_half_intervals(network, busy):
    network("half_open", BUSY=busy)


def test_a_publisher_on_a_link_that_takes_nothing(network):
    network("busy_on_a_stalled_link")


@pytest.mark.parametrize("loop", [True, False], ids=["loop", "no-loop"])
@pytest.mark.parametrize("qos", [1, 2])
def test_commands_on_a_black_link_end_in_time(network, qos, loop):
    network("waiting_on_a_black_link", QOS=qos, LOOP=loop)


@pytest.mark.parametrize("loop", [True, False], ids=["loop", "no-loop"])
def test_writes_on_a_stalled_link_end_in_time(network, loop):
    network("writing_on_a_stalled_link", LOOP=loop)


def test_a_slow_network_is_no_failure(network):
    network("connects_slowly")


def test_a_network_that_closes_connections_at_once(network):
    network("refused")


def test_loop_failure_backs_off_and_recovers(network):
    network("backing_off")


def test_loop_failure_is_asked_again_until_there_is_a_connection(network):
    network("asked_again")


def test_loop_failure_that_does_not_recover_ends_the_loop(network):
    lines = network("ways_to_end")
    assert lines.count("ValueError: as it should") == 2


@pytest.mark.parametrize("how", ["rst", "fin"])
@pytest.mark.parametrize("direction", ["up", "down"])
def test_mqtt_4_3_3_1_nothing_is_lost_or_doubled_wherever_the_link_is_cut(network, direction, how):
    network("cut_anywhere", DIRECTION=direction, HOW=how, PACKETS=12)


@pytest.mark.plain
@pytest.mark.both_versions
def test_a_network_that_says_not_connected(run_script, broker):
    run_script("network_says_not_connected", PORT=broker.port)


def test_the_proxy_itself():
    """The bytes come out as they went in, at the right times and in the right pieces."""
    with socket.create_server(("127.0.0.1", 0)) as server, FaultProxy(*server.getsockname()) as proxy:

        def pair():
            client = socket.create_connection(("127.0.0.1", proxy.port), 60)
            connection, _ = server.accept()
            connection.settimeout(60)
            return client, connection

        client, connection = pair()
        client.sendall(b"up")
        assert connection.recv(10) == b"up"
        connection.sendall(b"down")
        assert client.recv(10) == b"down"
        proxy.black()
        client.sendall(b"lost")
        deadline = time.monotonic() + 60
        while proxy.swallowed < 4:
            assert time.monotonic() < deadline
            time.sleep(0.001)
        proxy.normal()
        client.sendall(b"kept")
        assert connection.recv(10) == b"kept"
        proxy.stall("up")
        client.sendall(b"late")
        connection.settimeout(0.05)
        with pytest.raises(OSError):
            connection.recv(10)
        connection.settimeout(60)
        proxy.normal()
        assert connection.recv(10) == b"late"
        client.shutdown(socket.SHUT_WR)
        assert connection.recv(10) == b""
        connection.sendall(b"half closed")
        assert client.recv(20) == b"half closed"
        connection.close()
        assert client.recv(10) == b""
        client.close()

        for how in ("rst", "fin"):
            proxy.cut_after("up", "packets", 2, how)
            client, connection = pair()
            client.sendall(b"\xc0\x00\xc0\x00\xc0\x00")
            got = b""
            try:
                while piece := connection.recv(10):
                    got += piece
                assert how == "fin"
                assert got == b"\xc0\x00\xc0\x00"
            except ConnectionResetError:
                assert how == "rst"
            client.close()
            connection.close()

        control = socket.create_connection(("127.0.0.1", proxy.control_port), 60)
        control.sendall(b"nonsense\nrefuse\n")
        answer = control.makefile()
        assert answer.readline().startswith("error")
        assert answer.readline() == "ok\n"
        client = socket.create_connection(("127.0.0.1", proxy.port), 60)
        assert client.recv(1) == b""
        client.close()
        control.close()
