# heap: 8M
# One client against a broker that follows a script: CASE says which function below.
import sys
import time
from errno import ECONNRESET, ENOBUFS, ENOTCONN, ETIMEDOUT

import mqtt
from on_target.support import Record, expect, expect_errno, stays, wait_until

EPIPE = 32


def client(client_id="id", clean_session=True, **options):
    options.setdefault("command_timeout", 10000)
    return mqtt.Client(client_id, clean_session, **options)


def connect_settings():
    """CONNECT for every row of SETTINGS: (id, clean, keepalive, user, password, will)."""
    for client_id, clean, keepalive, username, password, will in SETTINGS:
        c = client(client_id, clean)
        if username is not None:
            if password is None:
                c.set_username_pw(username)
            else:
                c.set_username_pw(username, password)
        if will is not None:
            c.set_will(*will)
        assert c.connect(HOST, keepalive, PORT) == 0
        c.disconnect()


def settings_taken_back():
    c = client()
    c.set_username_pw("user", "password")
    c.set_will("will", b"gone", 1, True)
    assert c.connect(HOST, 0, PORT) == 0
    c.set_username_pw(None)
    c.set_will(None, None)
    assert c.reconnect() == 0
    c.disconnect()


def last_words():
    """Nothing follows the DISCONNECT, whatever else goes on."""
    for i in range(20):
        c = client()
        c.subscribe("t", lambda c, payload, topic: None, 2)
        c.connect(HOST, 1, PORT)
        c.publish("t", b"x")
        c.disconnect()
        assert not c.connected()


def publish_sizes():
    """PUBLISH with the remaining lengths of LENGTHS, at each of QOSES."""
    c = client(command_timeout=30000)
    c.connect(HOST, 0, PORT)
    for qos in QOSES:
        for length in LENGTHS:
            size = length - 2 - len(TOPIC) - (2 if qos else 0)
            c.publish(TOPIC, bytes([length & 255]) * size, qos)
    c.disconnect()


def topic_sizes():
    c = client(command_timeout=30000)
    c.connect(HOST, 0, PORT)
    for size in SIZES:
        # Made once: a board has no room for many of the longest.
        topic = "t" * size
        c.publish(topic, b"p", 1)
        c.subscribe(topic, print, 1)
        c.unsubscribe(topic)
        topic = None
    c.disconnect()


def payload_kinds():
    c = client()
    c.connect(HOST, 0, PORT)
    for payload in (b"bytes", "str", bytearray(b"array"), memoryview(b"view")[1:3], "", b"", None, "\u00e9\u4f60\U0001f600"):
        for retain in (False, True):
            c.publish("t/\u00e9", payload, 0, retain)
    c.publish("t")
    c.publish(b"bytes/topic", b"x")
    c.disconnect()


def receive_all():
    """Takes in COUNT messages on every topic; prints a checksum of the messages, in order."""
    import binascii

    for round in range(ROUNDS):
        state = [0, 0]

        def take(c, payload, topic):
            state[0] += 1
            state[1] = binascii.crc32(payload, binascii.crc32(topic.encode(), state[1]))

        c = client("round%d" % round, command_timeout=20000)
        c.subscribe("#", take, 2)
        c.connect(HOST, 0, PORT)
        wait_until(lambda: state[0] == COUNT)
        c.publish("done", b"", 1)
        c.disconnect()
        print(state[1])


def suback_refusal():
    c = client()
    c.connect(HOST, 0, PORT)
    got = Record()
    error = expect(mqtt.MQTTException, c.subscribe, "refused", got, 1)
    assert error.args[0] == 128 and error.args[1], error.args
    assert isinstance(error, OSError)
    c.publish("now", b"", 1)
    # Registered nothing.
    later = Record()
    c.subscribe("end", later)
    wait_until(lambda: len(later) == 1)
    assert got.messages == []
    # And nothing is subscribed again.
    c.reconnect()
    c.publish("now", b"", 1)
    c.disconnect()


def suback_refusal_of_a_replacement():
    c = client()
    c.connect(HOST, 0, PORT)
    old, new = Record(), Record()
    c.subscribe("t", old, 0)
    error = expect(mqtt.MQTTException, c.subscribe, "t", new, 2)
    assert error.args[0] == 128
    c.publish("now", b"", 1)
    wait_until(lambda: old.messages == [("t", b"x")])
    assert new.messages == []
    c.disconnect()


def suback_refusal_on_reconnection():
    """Nobody called for it: a line on the console, and the connection is used."""
    c = client()
    got = Record()
    c.subscribe("refused", got, 1)
    c.subscribe("granted", got, 1)
    assert c.connect(HOST, 0, PORT) == 0
    wait_until(lambda: got.messages == [("granted", b"x")])
    c.disconnect()


def subscribe_waits_for_its_own_suback():
    c = client()
    c.connect(HOST, 0, PORT)
    got = Record()
    c.subscribe("t", got, 1)
    c.unsubscribe("t")
    c.disconnect()


def overtaking_message():
    """The message comes before the SUBACK."""
    c = client()
    c.connect(HOST, 0, PORT)
    got = Record()
    c.subscribe("retained/+", got, 1)
    wait_until(lambda: got.messages == [("retained/1", b"early")])
    c.disconnect()


def without_loop():
    """Only a caller that waits for an answer reads."""
    c = client()
    got = Record()
    c.connect(HOST, 0, PORT, start_loop=False)
    c.subscribe("t", got, 2)
    c.publish("go", b"", 2)
    assert got.messages == [("t", b"0"), ("t", b"1"), ("t", b"2")], got.messages
    c.disconnect()


def listen():
    """Keeps the connection until "end" comes."""
    c = client()
    failures = []
    ended = Record()
    got = Record()
    c.subscribe("end", ended)
    c.subscribe("t/#", got, 2)
    c.connect(HOST, 0, PORT, loop_failure=failures.append)
    wait_until(lambda: ended)
    assert c.connected() and not failures
    c.disconnect()
    for topic, payload in got.messages:
        print(topic, payload.decode())


def return_codes():
    for code in range(1, 6):
        failures = []
        c = client()
        assert c.get_return_code() is None
        assert c.connect(HOST, 0, PORT, loop_failure=failures.append, aconnect_cb=failures.append) == code
        assert c.get_return_code() == code
        assert not c.connected()
        expect_errno(ENOTCONN, c.publish, "t", b"x")
        c.disconnect()
        # The next attempt is a fresh one.
        assert c.reconnect() == 0
        assert c.get_return_code() == 0
        assert failures == [c]
        c.disconnect()


def no_connack():
    """BYTES of it come, no more."""
    timeout = 400 + HANDSHAKE
    c = client(command_timeout=timeout)
    began = time.ticks_ms()
    expect_errno(ETIMEDOUT, c.connect, HOST, 1, PORT)
    took = time.ticks_diff(time.ticks_ms(), began)
    assert timeout - 10 <= took <= timeout + 500, took
    assert c.get_return_code() == -1
    assert not c.connected()
    c.disconnect()


def connect_errors():
    """connect() fails, COUNT times, then succeeds."""
    failures = []
    c = client()
    for i in range(COUNT):
        try:
            c.connect(HOST, 0, PORT, loop_failure=failures.append)
            raise AssertionError("it connected")
        except OSError as error:
            assert error.errno > 0, error
        assert c.get_return_code() == -1 and not c.connected()
    assert c.connect(HOST, 0, PORT) == 0
    assert failures == []
    c.disconnect()


def half_a_packet():
    """A packet that stops in the middle is given up after command_timeout."""
    failures = []
    timeout = 400 + HANDSHAKE
    c = client(command_timeout=timeout, cycle_timeout=100)
    c.subscribe("t", print)
    c.connect(HOST, 0, PORT, loop_failure=failures.append)
    began = time.ticks_ms()
    wait_until(lambda: failures)
    took = time.ticks_diff(time.ticks_ms(), began)
    assert timeout - 10 <= took <= timeout + 600, took
    c.disconnect()


def function_before_puback():
    """The function takes its time; its publish is on the way before the PUBACK."""
    c = client()
    done = []

    def take(c, payload, topic):
        c.publish("from/function", payload)
        if payload == b"raise":
            done.append(1)
            raise ValueError("as it should")
        time.sleep_ms(50)
        c.publish("from/function", b"end of " + payload)
        done.append(1)

    c.subscribe("t", take, 2)
    c.connect(HOST, 0, PORT)
    wait_until(lambda: len(done) == 3)
    c.publish("bye", b"", 1)
    c.disconnect()


def resubscription():
    """aconnect_cb subscribes to "own", the program has registered others."""
    own, others = Record(), Record()

    def after(c):
        c.subscribe("own", own, 1)

    c = client("id", CLEAN)
    c.subscribe("before", others, 0)
    c.connect(HOST, 0, PORT, aconnect_cb=after)
    c.subscribe("later/+", others, 2)
    c.subscribe("gone", others, 2)
    c.unsubscribe("gone")
    for i in range(3):
        c.reconnect()
    wait_until(lambda: len(own) == 1 and len(others) == 2)
    c.disconnect()


def reconnect_wakes_the_loop():
    """The loop goes on with the new connection at once, however long its cycles are."""
    c = client("id", cycle_timeout=60000)
    got = Record()
    after = None
    if BY_ACONNECT:
        after = lambda c: c.subscribe("t", got)
    else:
        c.subscribe("t", got)
    c.connect(HOST, 0, PORT, aconnect_cb=after)
    for i in range(30):
        wait_until(lambda: len(got) == i + 1, 5)
        c.reconnect()
    wait_until(lambda: len(got) == 31, 5)
    c.disconnect()


def pings():
    """Stays on for 2.5 intervals of silence."""
    failures = []
    c = client()
    c.connect(HOST, 1, PORT, loop_failure=failures.append)
    stays(lambda: c.connected() and not failures, 2500)
    c.disconnect()


def pings_while_publishing():
    """QoS 0 publishes do not keep the broker from being asked whether it lives."""
    failures = []
    c = client()
    c.connect(HOST, 2, PORT, loop_failure=failures.append)
    began = time.ticks_ms()
    while not failures:
        try:
            c.publish("t", b"x")
        except OSError:
            break
        time.sleep_ms(20)
        assert time.ticks_diff(time.ticks_ms(), began) < 3300
    wait_until(lambda: failures)
    assert not c.connected()
    c.disconnect()


def no_pings():
    c = client()
    c.connect(HOST, 0, PORT)
    stays(c.connected, 1500)
    c.disconnect()


def unanswered_ping():
    failures = []
    c = client()
    c.connect(HOST, KEEPALIVE, PORT, loop_failure=failures.append)
    began = time.ticks_ms()
    wait_until(lambda: failures)
    took = time.ticks_diff(time.ticks_ms(), began)
    assert took <= KEEPALIVE * 1500 + 250, took
    assert not c.connected()
    c.disconnect()


def late_ack():
    """A PUBACK after the publisher gave up does no harm, and the identifier was not reused."""
    c = client(command_timeout=300 + HANDSHAKE)
    c.connect(HOST, 0, PORT)
    expect_errno(ETIMEDOUT, c.publish, "t", b"late", 1)
    assert c.connected()
    c.publish("t", b"next", 1)
    c.publish("t", b"last", 1)
    c.disconnect()


def broker_goes_first():
    """The broker closes while publish() waits."""
    failures = []
    c = client()
    c.connect(HOST, 0, PORT, loop_failure=failures.append, start_loop=LOOP)
    began = time.ticks_ms()
    try:
        c.publish("t", b"x", QOS)
        raise AssertionError("it was acknowledged")
    except OSError as error:
        assert error.errno in (ECONNRESET, EPIPE), error
    assert time.ticks_diff(time.ticks_ms(), began) < 1000
    assert not c.connected()
    if LOOP:
        wait_until(lambda: failures)
    c.disconnect()


def keeps_messages():
    """CLEAN or not: unacknowledged messages are forgotten, or sent again."""
    c = client("id", CLEAN, command_timeout=200 + HANDSHAKE)
    c.connect(HOST, 0, PORT)
    for i in range(3):
        expect_errno(ETIMEDOUT, c.publish, "t", str(i), QOS)
    c.reconnect()
    c.publish("end", b"", 1)
    c.disconnect()


def mixed_redelivery():
    """Messages of both QoS in every phase, over two connections that end."""
    c = client("id", False, command_timeout=300 + HANDSHAKE)
    c.connect(HOST, 0, PORT)
    for payload, qos in ((b"a", 2), (b"b", 1), (b"c", 2), (b"d", 1), (b"e", 2), (b"f", 2)):
        expect_errno(ETIMEDOUT, c.publish, "t", payload, qos)
    c.reconnect()
    # The broker says a little more, and ends it.
    wait_until(lambda: not c.connected())
    c.reconnect()
    c.publish("end", b"", 1)
    c.disconnect()


def disconnect_ends_waits():
    """disconnect() by another thread: a caller that waits for the broker gets an error at once."""
    try:
        import _thread
    except ImportError:
        print("SKIP it takes threads")
        sys.exit()
    for wait in (
        lambda c: c.publish("t", b"x", 1),
        lambda c: c.publish("t", b"x", 2),
        lambda c: c.subscribe("t", print),
        lambda c: c.unsubscribe("t"),
        lambda c: c.reconnect(),
    ):
        failures = []
        outcome = []
        c = client(cycle_timeout=10000, command_timeout=30000)
        c.connect(HOST, 0, PORT, loop_failure=failures.append)

        def run():
            try:
                outcome.append(wait(c))
            except Exception as error:
                outcome.append(error)

        got = Record()
        c.subscribe("ready", got)
        _thread.start_new_thread(run, ())
        # The broker has the packet to which the other thread awaits an answer.
        wait_until(lambda: got or not c.connected())
        if not got:
            # Of reconnect(), nobody can tell us here.
            time.sleep_ms(100)
        began = time.ticks_ms()
        c.disconnect()
        wait_until(lambda: outcome, 3)
        assert isinstance(outcome[0], OSError), outcome
        assert time.ticks_diff(time.ticks_ms(), began) < 500
        assert not c.connected() and not failures


def inbox_full_in_a_callback():
    """Messages that come while a function waits fill the inbox: its call fails, they do not."""
    # In order: how many. A table could not grow any more.
    got = [0]
    outcome = []
    ended = Record()

    def take(c, payload, topic):
        if int(payload[:6]) == got[0]:
            got[0] += 1

    def waiting(c, payload, topic):
        try:
            outcome.append(c.publish("answer", b"", 1))
        except OSError as error:
            outcome.append(error)

    failures = []
    c = client(command_timeout=20000)
    c.subscribe("go", waiting, 1)
    c.subscribe("flood", take, 1)
    c.subscribe("end", ended, 1)
    c.connect(HOST, 0, PORT, loop_failure=failures.append)
    wait_until(lambda: ended)
    assert got == [COUNT], got
    assert len(outcome) == 1 and (ENOBUFS if FULL else None) == getattr(outcome[0], "errno", None), outcome
    assert c.connected() and not failures
    c.disconnect()


globals()[CASE]()
print("OK")
