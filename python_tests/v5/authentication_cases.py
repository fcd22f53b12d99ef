# set_authentication() and reauthenticate(): CASE says which function below.
import hashlib
import time

import mqtt

try:
    import _thread
except ImportError:
    _thread = None
from on_target.authentication import LATE, METHOD, Answers
from on_target.support import expect, expect_errno, wait_until

PASSWORD = b"pencil"


def hmac(key, data):
    key = key + bytes(64 - len(key))
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in key) + data).digest()
    return hashlib.sha256(bytes(b ^ 0x5C for b in key) + inner).digest()


class Login:
    """The client's side of an exchange in the manner of SCRAM: both sides prove that they know the password."""

    def __init__(self):
        self.calls = 0
        self.proved = 0

    def __call__(self, client, data):
        assert client.tag == "mine"
        self.calls += 1
        if data is None:
            self.nonce = b"nonce %d" % self.calls
            return b"user " + self.nonce
        if data.startswith(b"proof "):
            if data != b"proof " + hmac(PASSWORD, b"broker " + self.nonce):
                raise ValueError("the broker does not know the password")
            self.proved += 1
            # It counts for nothing.
            return 17
        assert data.startswith(self.nonce), data
        self.nonce = data
        return hmac(PASSWORD, b"client " + data)


def client(function, method=METHOD, command_timeout=20000, **properties):
    c = mqtt.Client("v5", command_timeout=command_timeout)
    c.tag = "mine"
    c.set_version(5, **properties)
    c.set_authentication(method, function)
    return c


def login():
    """The broker proves itself, too: with connect(), reconnect(), and on the running connection."""
    function = Login()
    c = client(function)
    assert c.connect(HOST, 60, PORT) == 0
    assert (function.calls, function.proved) == (3, 1)
    assert c.properties["authentication_method"] == METHOD
    c.publish("t", "x", 1)
    assert c.reconnect() == 0
    assert (function.calls, function.proved) == (6, 2)
    c.publish("t", "x", 1)
    assert c.reauthenticate() is None
    assert (function.calls, function.proved) == (9, 3)
    # Again, in a function.
    seen = []

    def again(client, payload, topic):
        client.reauthenticate()
        seen.append(function.proved)

    c.subscribe("again", again, 1)
    wait_until(lambda: seen)
    assert seen == [4], seen
    c.disconnect()
    assert c.failure is None
    # Without a loop.
    assert c.connect(HOST, 60, PORT, start_loop=False) == 0
    c.reauthenticate()
    assert function.proved == 6
    c.disconnect()


def rounds():
    """As many rounds as the broker likes, with every kind of data."""
    function = Answers(None, b"bytes", "str \u00fc", bytearray(b"array"), memoryview(b"view"), b"", None, b"x" * 300)
    c = client(function)
    assert c.connect(HOST, 60, PORT) == 0
    assert function.data == [None, b"", b"1", b"", b"\0\xff", b"long " + b"y" * 1000, b"6", b"7"], function.data
    assert all(data is None or type(data) is bytes for data in function.data)
    c.disconnect()


def first_data():
    """Those of set_version() come first, and its other properties stay."""
    function = Answers(b"second", b"third")
    c = client(function, authentication_method=METHOD, authentication_data=b"first", receive_maximum=7)
    for number in (1, 2):
        assert c.connect(HOST, 60, PORT) == 0
        assert function.data == [b"challenge"] * number, function.data
        c.disconnect()
    c.set_version(5, receive_maximum=8)
    function.answers = [b"mine", b"second"]
    assert c.connect(HOST, 60, PORT) == 0
    assert function.data[2:] == [None, b"challenge"], function.data
    c.disconnect()


def arguments():
    function = Answers()
    c = client(None, None)
    expect(TypeError, c.set_authentication)
    expect(TypeError, c.set_authentication, 5, function)
    expect(ValueError, c.set_authentication, "a\0b", function)
    error = expect(TypeError, c.set_authentication, METHOD, 5)
    assert str(error) == "function must be callable", error
    expect_errno(107, c.reauthenticate)
    # Taken back.
    for arguments in ((None,), (None, function), (METHOD,), (METHOD, None)):
        c.set_authentication(METHOD, function)
        c.set_authentication(*arguments)
        assert c.connect(HOST, 60, PORT) == 0
        assert "authentication_method" not in c.properties
        error = expect(ValueError, c.reauthenticate)
        assert str(error) == "reauthenticate needs set_authentication()", error
        expect_errno(106, c.set_authentication, METHOD, function)
        expect_errno(106, c.set_authentication, None)
        c.disconnect()
    # Settings that contradict each other are refused before a connection is made.
    c.set_authentication(METHOD, function)
    expect_errno(107, c.reauthenticate)
    c.set_version(4)
    error = expect(ValueError, c.connect, HOST, 60, PORT)
    assert str(error) == "set_authentication needs set_version(5)", error
    c.set_version(5, authentication_method="other")
    error = expect(ValueError, c.connect, HOST, 60, PORT)
    assert str(error) == "authentication_method is not that of set_authentication()", error
    c.set_version(5)
    for answer in (5, 1.5, [b"x"]):
        function.answers = [answer]
        expect(TypeError, c.connect, HOST, 60, PORT)
    function.answers = [bytes(65536)]
    expect(ValueError, c.connect, HOST, 60, PORT)
    function.answers = [KeyError("no key")]
    assert expect(KeyError, c.connect, HOST, 60, PORT).args == ("no key",)
    assert c.failure is None and not c.connected()
    c.set_authentication(None)
    assert c.connect(HOST, 60, PORT) == 0
    c.disconnect()


def refused():
    """connect() returns the code, whenever it comes."""
    function = Answers(b"0", b"0", b"1", b"0", b"1")
    c = client(function)
    for code in (0x8C, 0x87, 0x87):
        assert c.connect(HOST, 60, PORT) == code
        assert c.get_return_code() == code and not c.connected()
    assert function.data == [None, None, b"x", None, b"x"], function.data


def fails_to_connect():
    """connect() raises what PORT's broker makes of it; the client can connect then."""
    function = Login()
    c = client(function)
    error = expect(KINDS[KIND], c.connect, HOST, 60, PORT)
    assert TEXT in str(error), error
    assert not c.connected() and c.get_return_code() == RETURN_CODE
    c.set_authentication(None)
    assert c.connect(HOST, 60, PORT) == 0
    c.disconnect()


KINDS = {"ValueError": ValueError, "MQTTException": mqtt.MQTTException}


def raises():
    """The function raises, or has a wrong result, at each of the challenges."""
    c = client(None)
    for number in (1, 2):
        for answer, kind in ((KeyError("no key"), KeyError), (OSError(5), OSError), (1.5, TypeError)):
            c.set_authentication(METHOD, Answers(*([b"x"] * number + [answer])))
            error = expect(kind, c.connect, HOST, 60, PORT)
            assert kind is TypeError or error.args == answer.args
            assert not c.connected()
    c.set_authentication(METHOD, Answers(b"x", b"x"))
    assert c.connect(HOST, 60, PORT) == 0
    c.disconnect()


def in_vain():
    """A broker that never answers, and one that asks and asks: each deadline holds."""
    for _ in range(2):
        c = client(lambda client, data: data, command_timeout=500)
        begin = time.ticks_ms()
        error = expect_errno(110, c.connect, HOST, 60, PORT)
        assert error.args[1] == "no CONNACK within command_timeout", error
        assert 500 <= time.ticks_diff(time.ticks_ms(), begin) < 10000 * SLOWNESS
        assert not c.connected()


def silence():
    """No method gets through before the CONNACK, and no PINGREQ either."""
    errors = []

    def function(client, data):
        for call in (
            lambda: client.publish("t", "x", 1),
            lambda: client.publish("t", "x"),
            lambda: client.unsubscribe("t"),
        ):
            errors.append(expect_errno(107, call))
        errors.append(expect(OSError, client.connect, HOST, 60, PORT))
        assert client.subscribe("later", print, 1) is None
        assert not client.connected()
        if data:
            time.sleep_ms(2500)
        return data

    c = client(function)
    assert c.connect(HOST, 1, PORT) == 0
    assert len(errors) == 12, errors
    c.disconnect()


def messages_flow():
    """While the client authenticates again, messages flow in both directions."""
    got = []
    function = Login()

    def chatty(client, data):
        if function.proved:
            client.publish("out", b"%d" % function.calls, 1)
        return function(client, data)

    c = client(chatty)
    assert c.connect(HOST, 60, PORT) == 0
    c.subscribe("in", lambda client, payload, topic: got.append(payload), 2)
    c.reauthenticate()
    assert function.proved == 2
    wait_until(lambda: len(got) == 4)
    assert got == [b"0", b"1", b"2", b"3"], got
    c.publish("out", "end", 2)
    c.disconnect()


def threads():
    """A second call meanwhile, of the function itself or of another thread, is an error and changes nothing."""
    errors = []

    def function(client, data):
        if client.connected():
            errors.append(expect_errno(11, client.reauthenticate))
            if _thread:
                ended = []

                def run():
                    ended.append(expect_errno(11, client.reauthenticate))

                _thread.start_new_thread(run, ())
                wait_until(lambda: ended)
        return data

    c = client(function)
    assert c.connect(HOST, 60, PORT) == 0
    c.reauthenticate()
    assert len(errors) == 2
    c.publish("t", "x", 1)
    c.disconnect()


def nothing_sent():
    """A call that sends nothing leaves the connection as it was."""
    function = Answers(None)
    c = client(function)
    assert c.connect(HOST, 60, PORT) == 0
    for answer, kind in ((KeyError("no key"), KeyError), (1.5, TypeError), (bytes(200), ValueError)):
        function.answers = [answer]
        error = expect(kind, c.reauthenticate)
        assert c.connected(), error
    assert str(error) == "the broker does not take packets of this size", error
    function.answers = [b"short"]
    c.reauthenticate()
    c.disconnect()


def fails_to_reauthenticate():
    """The call raises the reason, and the connection ends with it."""
    lost = []

    def loop_failure(client):
        lost.append(client.failure)
        return mqtt.BREAK_LOOP

    function = Answers(None)
    # It does not take long to come to the end of a short one.
    c = client(function, command_timeout=500 if TEXT == LATE else 20000)
    assert c.connect(HOST, 60, PORT, loop_failure=loop_failure, start_loop=LOOP) == 0
    function.answers = [None] + ANSWERS
    begin = time.ticks_ms()
    try:
        c.reauthenticate()
    except Exception as error:
        raised = error
    else:
        raise AssertionError("returned")
    assert time.ticks_diff(time.ticks_ms(), begin) < 10000 * SLOWNESS
    assert type(raised).__name__ == KIND and TEXT in str(raised), raised
    assert not c.connected()
    assert CODE is None or c.failure.args[0] == CODE, c.failure
    assert TEXT in str(c.failure), c.failure
    if LOOP:
        wait_until(lambda: lost)
        assert [error.args for error in lost] == [c.failure.args], lost
    expect_errno(107, c.reauthenticate)
    c.disconnect()


def without_function():
    c = mqtt.Client("v5", command_timeout=20000)
    c.set_version(5, authentication_method=METHOD, authentication_data=b"first")
    expect(mqtt.MQTTException, c.connect, HOST, 60, PORT)
    assert not c.connected()


def not_asked():
    """Without a loop no other context writes when the client says goodbye."""
    c = client(Answers(None), CLIENT_METHOD)
    assert c.connect(HOST, 60, PORT, start_loop=False) == 0
    c.publish("go")

    def read():
        while True:
            c.wait_msg()

    expect(OSError, read)
    assert type(c.failure) is mqtt.MQTTException and c.failure.args[1] == TEXT, c.failure
    c.disconnect()


globals()[CASE]()
print("OK")
