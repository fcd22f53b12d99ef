# Everything that MQTT 3.1.1 has, against any broker.
import errno
import gc
import time

import mqtt
from on_target.checks import COMMAND, barrier, check, connect, run_checks
from on_target.support import Record, stays, wait_until


def new_client(client_id, clean_session=True):
    client = mqtt.Client(client_id, clean_session, command_timeout=COMMAND)
    client.set_username_pw(USER, PASSWORD)
    return client


def connected(client_id, **options):
    client = new_client(client_id)
    connect(client, **options)
    return client


def find_highest_qos():
    """The highest QoS that the broker has; a missing one is to be reported at once."""
    client = connected("io-highest")
    begin = time.ticks_ms()
    try:
        client.publish("io/highest", "", 2)
        highest = 2
    except mqtt.MQTTException:
        highest = 1
    took = time.ticks_diff(time.ticks_ms(), begin)
    assert took < COMMAND // 4, took
    assert client.connected()
    client.publish("io/highest", "", 1)
    client.disconnect()
    return highest


def exchange(topic, qos, subscribed, payloads=(b"1", b"2", b"3")):
    """Publishes; the payloads have to come back, in order, once each."""
    subscriber, publisher = connected("io-subscriber"), connected("io-publisher")
    record = Record()
    subscriber.subscribe(topic, record, subscribed)
    for payload in payloads:
        publisher.publish(topic, payload, qos)
    wait_until(lambda: len(record) >= len(payloads))
    barrier(subscriber, topic)
    assert record.messages == [(topic, payload) for payload in payloads], record.messages
    subscriber.disconnect()
    publisher.disconnect()


@check
def a_missing_qos_2_is_reported_at_once():
    # RabbitMQ takes the message, and keeps the connection.
    assert find_highest_qos() == HIGHEST


@check
def qos_0():
    exchange("io/qos0", 0, 0)


@check
def qos_1():
    exchange("io/qos1", 1, 1)


@check
def qos_2():
    exchange("io/qos2", 2, 2)


@check
def published_higher_than_subscribed():
    exchange("io/down", HIGHEST, 0)
    exchange("io/down1", 1, 0)
    if HIGHEST == 2:
        exchange("io/down2", 2, 1)


@check
def published_lower_than_subscribed():
    exchange("io/up", 0, 2)


@check
def many_messages_of_qos_2():
    exchange("io/many", 2, 2, [b"%d" % number for number in range(200)])


@check
def empty_and_large_payloads():
    exchange("io/sizes", 1, 1, [b"", b"x", b"y" * 127, b"z" * 128, b"w" * 100000])


@check
def topics_in_utf_8():
    exchange("io/Grüße/温度/🌡", 1, 1)


@check
def retained_messages():
    writer = connected("io-writer")

    def retain(name, payload, qos=1):
        writer.publish("io/retained/" + name, payload, qos, True)

    def retained(end):
        """Only messages of one QoS keep their order, and a broker may acknowledge before it retains:
        one more of them ends those before. It may also send it after newer messages.
        """
        retain("end", end)
        reader = connected("io-reader")
        record = Record()
        reader.subscribe("io/retained/#", record, 1)
        wait_until(lambda: ("io/retained/end", end) in record.messages, 5)
        barrier(reader, "io/other")
        reader.disconnect()
        return sorted(message for message in record.messages if message[0] != "io/retained/end")

    retain("a", "first")
    retain("a", "second")
    retain("b", "of qos 2", HIGHEST)
    writer.publish("io/retained/c", "passing", qos=1)
    found = retained(b"1")
    assert found == [("io/retained/a", b"second"), ("io/retained/b", b"of qos 2")], found
    retain("a", "")
    found = retained(b"2")
    assert found == [("io/retained/b", b"of qos 2")], found
    retain("b", "", HIGHEST)
    assert retained(b"3") == []
    retain("end", "")
    writer.disconnect()


@check
def wildcards():
    client = connected("io-wildcards")
    for pattern, matches in (
        ("io/w/+/c", ["io/w/b/c", "io/w//c"]),
        ("io/w/#", ["io/w", "io/w/b", "io/w/b/c", "io/w//c"]),
        ("+/w", ["io/w"]),
        ("io/w/b", ["io/w/b"]),
    ):
        record = Record()
        client.subscribe(pattern, record, 1)
        for topic in ("io/w", "io/w/b", "io/w/b/c", "io/w//c", "io/ww", "io"):
            client.publish(topic, "x", qos=1)
        barrier(client, "io/other")
        client.unsubscribe(pattern)
        assert [topic for topic, _ in record.messages] == matches, (pattern, record.messages)
    client.disconnect()


@check
def wildcards_leave_the_brokers_own_topics_alone():
    client = connected("io-own")
    record = Record()
    client.subscribe("#", record, 1)
    client.publish("io/own", "x", qos=1)
    barrier(client, "io/other")
    time.sleep_ms(1500)
    assert not [topic for topic, _ in record.messages if topic.startswith("$")], record.messages
    client.disconnect()


@check
def unsubscribing():
    client = connected("io-unsubscribing")
    record = Record()
    client.subscribe("io/un", record, 2)
    client.publish("io/un", "1", qos=HIGHEST)
    wait_until(lambda: len(record))
    client.unsubscribe("io/un")
    client.publish("io/un", "2", qos=HIGHEST)
    barrier(client, "io/other")
    assert len(record) == 1
    client.disconnect()


def connected_with_will(client_id, payload, keepalive):
    """Without a loop it sends no pings."""
    client = new_client(client_id)
    client.set_will("io/will", payload, qos=1, retain=False)
    connect(client, keepalive, start_loop=False)
    return client


def watch_wills():
    watcher, record = connected("io-watcher"), Record()
    watcher.subscribe("io/will", record, 1)
    return watcher, record


@check
def will_of_a_client_whose_connection_ends():
    def clear_stack(depth):
        """Old references on the stack keep the objects that they point to."""
        return 0 if depth == 0 else 1 + clear_stack(depth - 1)

    def collected():
        clear_stack(10)
        gc.collect()
        return len(record)

    watcher, record = watch_wills()
    # Nothing refers to it: its socket is closed when it is collected.
    connected_with_will("io-lost", "lost", 30)
    wait_until(collected)
    assert record.messages == [("io/will", b"lost")]
    watcher.disconnect()


@check
def will_of_a_client_that_falls_silent():
    watcher, record = watch_wills()
    silent = connected_with_will("io-silent", "silent", 1)
    wait_until(lambda: len(record), 6)
    assert record.messages == [("io/will", b"silent")]
    watcher.disconnect()
    silent.disconnect()


@check
def no_will_after_disconnect():
    watcher, record = watch_wills()
    connected_with_will("io-polite", "polite", 30).disconnect()
    barrier(watcher, "io/other")
    assert len(record) == 0
    watcher.disconnect()


@check
def session_is_resumed():
    publisher = connected("io-session-out")
    away = new_client("io-session", clean_session=False)
    record = Record()
    away.subscribe("io/session/#", record, 2)
    connect(away)
    away.disconnect()
    for qos in range(1, HIGHEST + 1):
        for number in range(5):
            publisher.publish("io/session/%d" % qos, str(number), qos)
    assert len(record) == 0
    connect(away)
    assert away.session_present
    wait_until(lambda: len(record) >= 5 * HIGHEST)
    for qos in range(1, HIGHEST + 1):
        payloads = [payload for topic, payload in record.messages if topic == "io/session/%d" % qos]
        assert payloads == [b"0", b"1", b"2", b"3", b"4"], record.messages
    away.disconnect()
    publisher.disconnect()


@check
def clean_session_ends_the_session():
    client = new_client("io-forgotten", clean_session=False)
    connect(client)
    client.subscribe("io/forgotten", Record(), 1)
    client.disconnect()
    forgotten = connected("io-forgotten")
    assert not forgotten.session_present
    forgotten.disconnect()
    publisher = connected("io-forgotten-out")
    publisher.publish("io/forgotten", "lost", qos=1)
    publisher.disconnect()
    record = Record()
    again = new_client("io-forgotten", clean_session=False)
    connect(again)
    again.subscribe("io/forgotten", record, 1)
    barrier(again, "io/other")
    assert len(record) == 0, record.messages
    again.disconnect()
    connected("io-forgotten").disconnect()


@check
def reconnecting():
    client = connected("io-again")
    record = Record()
    client.subscribe("io/again", record, 1)
    for number in range(5):
        assert client.reconnect() == mqtt.RC_ACCEPTED
        client.publish("io/again", str(number), qos=1)
        wait_until(lambda: len(record) > number)
    client.disconnect()


@check
def keep_alive():
    lost = []
    client = connected("io-alive", keepalive=2, loop_failure=lost.append)
    stays(lambda: client.connected() and not lost, 7000)
    client.disconnect()


@check
def same_client_identifier_twice():
    lost = []
    older = connected("io-twin", loop_failure=lost.append)
    newer = connected("io-twin")
    wait_until(lambda: lost and not older.connected(), 6)
    assert newer.connected()
    newer.disconnect()


@check
def user_names_and_passwords():
    for name, password in ((None, ""), (USER, "not " + PASSWORD), ("nobody", PASSWORD)):
        client = mqtt.Client("io-intruder", command_timeout=COMMAND)
        client.set_username_pw(name, password)
        code = client.connect(HOST, 30, PORT)
        assert code in (mqtt.RC_REFUSED_BADUSRPWD, mqtt.RC_REFUSED_NOAUTH), (name, code)
        assert not client.connected() and client.get_return_code() == code
    connected("io-friend").disconnect()


@check
def empty_client_identifier():
    one, other = connected(""), connected("")
    one.publish("io/nameless", "x", qos=1)
    other.publish("io/nameless", "x", qos=1)
    assert one.connected() and other.connected()
    one.disconnect()
    other.disconnect()


@check
def mqtt_5_works_or_is_refused_at_once():
    client = mqtt.Client("io-5", command_timeout=2000)
    client.set_version(5)
    client.set_username_pw(USER, PASSWORD)
    begin = time.ticks_ms()
    try:
        client.connect(HOST, 30, PORT)
    except OSError as error:
        # Some brokers close the connection.
        assert error.errno != errno.ETIMEDOUT, error
    assert client.connected() == (client.get_return_code() == 0)
    assert time.ticks_diff(time.ticks_ms(), begin) < 1500
    client.disconnect()


HIGHEST = find_highest_qos()
run_checks()
print("OK")
