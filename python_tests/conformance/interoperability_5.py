# Everything that MQTT 5 adds, against any broker that speaks it.
import time

import mqtt
from on_target.checks import barrier, check, connect, run_checks
from on_target.support import stays, wait_until

# In ms. A broker that leaves a packet without its answer costs so much time.
COMMAND = 8000
MESSAGE = {
    "payload_format_indicator": 1,
    "content_type": "text/plain; charset=\u00fc",
    "response_topic": "io5/answers",
    "correlation_data": b"\x00\xff",
    "user_property": [("a", "2"), ("b", ""), ("a", "1")],
}


def new_client(client_id, clean_session=True, **properties):
    client = mqtt.Client(client_id, clean_session, command_timeout=COMMAND)
    client.set_version(5, **properties)
    client.set_username_pw(USER, PASSWORD)
    return client


def connected(client_id, clean_session=True, **properties):
    client = new_client(client_id, clean_session, **properties)
    connect(client)
    return client


def receive(client, topic, qos=2, **options):
    """Subscribes; the list of the messages that come, each with payload, topic, QoS, flag and properties."""
    messages = []

    def keep(client, payload, topic):
        messages.append((payload, topic, client.message.qos, client.message.retain, client.message.properties))

    client.subscribe(topic, keep, qos, **options)
    return messages


def payloads(messages):
    return [message[0] for message in messages]


@check
def every_qos():
    client = connected("io5-qos")
    messages = receive(client, "io5/qos")
    for qos in (0, 1, 2):
        for number in range(50):
            client.publish("io5/qos", "%d" % number, qos)
    wait_until(lambda: len(messages) >= 150, 10)
    barrier(client, "io5/qos")
    # Messages of different QoS may overtake each other.
    for qos in (0, 1, 2):
        got = payloads(each for each in messages if each[2] == qos)
        assert got == [b"%d" % number for number in range(50)], (qos, got)
    client.disconnect()


@check
def properties_of_messages():
    client = connected("io5-properties")
    messages = receive(client, "io5/properties")
    for qos in (0, 1, 2):
        client.publish("io5/properties", "x", qos, properties=MESSAGE)
        wait_until(lambda: len(messages) > qos)
        assert messages[qos] == (b"x", "io5/properties", qos, False, MESSAGE), messages[qos]
    client.disconnect()


@check
def subscription_identifiers():
    client = connected("io5-identifiers")
    messages = receive(client, "io5/identifiers", properties={"subscription_identifier": 268435455})
    client.publish("io5/identifiers", "x", 1)
    wait_until(lambda: messages)
    assert messages[0][4] == {"subscription_identifier": [268435455]}, messages
    client.disconnect()


@check
def messages_expire():
    away = connected("io5-away", False, session_expiry_interval=60)
    messages = receive(away, "io5/expiry")
    away.disconnect()
    client = connected("io5-expiry")
    client.publish("io5/expiry", "short", 1, properties={"message_expiry_interval": 1})
    client.publish("io5/expiry", "long", 1, properties={"message_expiry_interval": 600})
    client.disconnect()
    time.sleep_ms(2500)
    connect(away)
    wait_until(lambda: b"long" in payloads(messages), 5)
    assert payloads(messages) == [b"long"], messages
    # The broker counts the time that the message has waited.
    assert 500 < messages[0][4]["message_expiry_interval"] < 600, messages
    away.disconnect(properties={"session_expiry_interval": 0})


@check
def requests_and_replies():
    server, client = connected("io5-server"), connected("io5-asker")
    server.subscribe("io5/ask", lambda client, payload, topic: client.reply(b"re " + payload, qos=1), 1)
    for number in range(3):
        answer = client.request("io5/ask", "%d" % number, 5000, qos=1)
        assert answer.payload == b"re %d" % number, answer
    for each in (server, client):
        each.disconnect()


@check
def sessions_last_as_long_as_they_are_to():
    for interval, present in ((0, False), (60, True), (None, True)):
        client = connected("io5-session", False, session_expiry_interval=interval)
        client.disconnect()
        connect(client)
        assert client.session_present is present, interval
        client.disconnect(properties={"session_expiry_interval": 0} if interval else None)
    connected("io5-session").disconnect()


@check
def disconnect_ends_the_session():
    client = connected("io5-ended", False, session_expiry_interval=60)
    client.disconnect(properties={"session_expiry_interval": 0})
    connect(client)
    assert not client.session_present
    client.disconnect(properties={"session_expiry_interval": 0})


@check
def session_is_resumed():
    away = connected("io5-resumed", False, session_expiry_interval=60)
    messages = receive(away, "io5/resumed")
    away.disconnect()
    client = connected("io5-other")
    for number in range(5):
        client.publish("io5/resumed", "%d" % number, 2)
    client.disconnect()
    connect(away)
    wait_until(lambda: len(messages) >= 5)
    assert payloads(messages) == [b"%d" % number for number in range(5)], messages
    away.disconnect(properties={"session_expiry_interval": 0})


def with_will(client_id, properties, **options):
    client = new_client(client_id, **options)
    client.set_will("io5/will/" + client_id, "gone", 1, False, properties=properties)
    connect(client)
    return client


@check
def will_of_a_disconnect_that_asks_for_it():
    watcher = connected("io5-watcher")
    messages = receive(watcher, "io5/will/io5-will")
    with_will("io5-will", MESSAGE).disconnect(reason=4)
    wait_until(lambda: messages, 5)
    assert messages == [(b"gone", "io5/will/io5-will", 1, False, MESSAGE)], messages
    with_will("io5-will", MESSAGE).disconnect()
    barrier(watcher, "io5/other")
    assert len(messages) == 1, messages
    watcher.disconnect()


@check
def will_that_is_delayed():
    watcher = connected("io5-watcher")
    messages = receive(watcher, "io5/will/io5-delayed")
    client = with_will("io5-delayed", {"will_delay_interval": 2}, session_expiry_interval=60)
    client.disconnect(reason=4)
    stays(lambda: not messages, 800)
    wait_until(lambda: messages, 6)
    client.disconnect()
    watcher.disconnect()
    connected("io5-delayed").disconnect()


@check
def will_of_a_client_that_comes_back_in_time():
    watcher = connected("io5-watcher")
    messages = receive(watcher, "io5/will/io5-back")
    client = with_will("io5-back", {"will_delay_interval": 2}, clean_session=False, session_expiry_interval=60)
    client.disconnect(reason=4)
    connect(client)
    stays(lambda: not messages, 3000)
    client.disconnect(properties={"session_expiry_interval": 0})
    watcher.disconnect()


@check
def no_local():
    client, other = connected("io5-own"), connected("io5-other")
    messages = receive(client, "io5/own", 1, no_local=True)
    client.publish("io5/own", "own", 1)
    other.publish("io5/own", "other", 1)
    wait_until(lambda: messages)
    barrier(client, "io5/else")
    assert payloads(messages) == [b"other"], messages
    for each in (client, other):
        each.disconnect()


@check
def retain_as_published():
    client, other = connected("io5-kept"), connected("io5-other")
    kept = receive(client, "io5/kept", 1, retain_as_published=True)
    plain = receive(other, "io5/kept", 1)
    client.publish("io5/kept", "x", 1, True)
    wait_until(lambda: kept and plain)
    client.publish("io5/kept", "", 1, True)
    assert (kept[0][3], plain[0][3]) == (True, False), (kept, plain)
    for each in (client, other):
        each.disconnect()


@check
def retain_handling():
    client = connected("io5-handling")
    client.publish("io5/handling", "kept", 1, True)
    counts = []
    for handling in (2, 1, 1, 0):
        # 1 is for a subscription that is new.
        messages = receive(client, "io5/handling" if handling else "io5/handling/#", 1, retain_handling=handling)
        barrier(client, "io5/other")
        counts.append(len(messages))
        if handling == 2:
            client.unsubscribe("io5/handling")
    client.publish("io5/handling", "", 1, True)
    client.disconnect()
    assert counts == [0, 1, 0, 1], counts


@check
def shared_subscriptions():
    clients = [connected("io5-shared-%d" % number) for number in range(2)]
    messages = [receive(client, "$share/group/io5/shared") for client in clients]
    for number in range(20):
        clients[0].publish("io5/shared", "%d" % number, 2)
    wait_until(lambda: sum(map(len, messages)) >= 20)
    got = sorted(int(payload) for each in messages for payload in payloads(each))
    assert got == list(range(20)), messages
    for client in clients:
        client.disconnect()


def many_topics(client_id, **properties):
    """More topics than there are aliases, again and again."""
    client = connected(client_id, **properties)
    messages = receive(client, "io5/aliases/#", 1)
    expected = []
    for number in range(60):
        topic = "io5/aliases/%d" % (number * number % 23)
        client.publish(topic, "%d" % number, 1)
        expected.append((b"%d" % number, topic))
    wait_until(lambda: len(messages) >= 60, 5)
    assert [(payload, topic) for payload, topic, _, _, _ in messages] == expected, messages[:5]
    assert client.connected() and client.failure is None
    client.disconnect()


@check
def topic_aliases_of_the_client():
    many_topics("io5-to-the-broker")


@check
def topic_aliases_of_the_broker():
    many_topics("io5-from-the-broker", topic_alias_maximum=4)


@check
def receive_maximum_of_the_client():
    """More at once would be the end of the connection."""
    client, other = connected("io5-window", receive_maximum=1), connected("io5-other")
    got = []

    def slow(client, payload, topic):
        time.sleep_ms(20)
        got.append(payload)

    client.subscribe("io5/window", slow, 2)
    for number in range(20):
        other.publish("io5/window", "%d" % number, 2)
    wait_until(lambda: len(got) >= 20, 5)
    assert got == [b"%d" % number for number in range(20)], got
    assert client.connected() and client.failure is None
    for each in (client, other):
        each.disconnect()


@check
def maximum_packet_size_of_the_client():
    """A longer message does not come; the next one does."""
    client, other = connected("io5-small", maximum_packet_size=200), connected("io5-other")
    messages = receive(client, "io5/small", 1)
    other.publish("io5/small", bytes(1000), 1)
    other.publish("io5/small", "short", 1)
    wait_until(lambda: b"short" in payloads(messages), 5)
    assert payloads(messages) == [b"short"], payloads(messages)[0][:10]
    for each in (client, other):
        each.disconnect()


@check
def assigned_client_identifier():
    one, other = connected(""), connected("")
    names = [each.properties["assigned_client_identifier"] for each in (one, other)]
    assert all(names) and names[0] != names[1], names
    for each in (one, other):
        each.publish("io5/nameless", "x", 1)
        each.disconnect()


@check
def refused_password():
    client = new_client("io5-intruder")
    for name, password in ((USER, "not " + PASSWORD), ("nobody", PASSWORD)):
        client.set_username_pw(name, password)
        code = client.connect(HOST, 30, PORT)
        assert code in (134, 135) and not client.connected(), code
    connected("io5-friend").disconnect()


@check
def codes_that_are_no_failure():
    """No matching subscribers; no subscription existed; a goodbye with properties."""
    client = connected("io5-codes")
    for qos in (1, 2):
        client.publish("io5/nobody", "x", qos)
    client.unsubscribe("io5/nothing")
    assert client.connected() and client.failure is None
    client.disconnect(properties={"reason_string": "done", "user_property": [("a", "b")]})
    connect(client)
    client.disconnect()


@check
def session_taken_over():
    lost = []
    older = new_client("io5-twin")
    connect(older, loop_failure=lost.append)
    newer = connected("io5-twin")
    wait_until(lambda: lost, 6)
    assert isinstance(older.failure, mqtt.MQTTException) and older.failure.args[0] == 142, older.failure
    assert newer.connected()
    newer.disconnect()


run_checks()
print("OK")
