"""Functions that scripts share: they import it, and the runner puts it in front of them."""

import errno
import time

try:
    SLOWNESS
except NameError:
    SLOWNESS = 1

try:
    # ms that a deadline has to leave to a TLS handshake; without TLS there is none.
    HANDSHAKE
except NameError:
    HANDSHAKE = 0


def wait_until(condition, seconds=20):
    """Polls; a condition that does not come true in time is a failure."""
    end = time.ticks_add(time.ticks_ms(), seconds * 1000 * SLOWNESS)
    while not condition():
        assert time.ticks_diff(end, time.ticks_ms()) > 0, "waited in vain"
        time.sleep_ms(2)


def stays(condition, ms):
    """It holds now, and for so long."""
    end = time.ticks_add(time.ticks_ms(), ms)
    while time.ticks_diff(end, time.ticks_ms()) > 0:
        assert condition(), "it did not stay so"
        time.sleep_ms(2)
    assert condition(), "it did not stay so"


def expect(_kind, _call, *args, **kwargs):
    """Calls the function; returns its exception, which must be of exactly this class."""
    try:
        result = _call(*args, **kwargs)
    except Exception as error:
        if type(error) is not _kind:
            raise
        return error
    raise AssertionError("returned %r where %s was due" % (result, _kind.__name__))


# Linux's numbers, which the tests are written in. A board's C library may have others.
_ERRNO_NAMES = {103: "ECONNABORTED", 104: "ECONNRESET", 107: "ENOTCONN", 110: "ETIMEDOUT", 111: "ECONNREFUSED"}
_EISCONN = 106 if errno.ENOTCONN == 107 else 127


def expect_errno(_number, _call, *args, **kwargs):
    """Calls; it has to raise OSError with this errno."""
    return checked(_number, expect(OSError, _call, *args, **kwargs))


def checked(number, error):
    """The error, which must have this errno."""
    number = getattr(errno, _ERRNO_NAMES[number]) if number in _ERRNO_NAMES else number
    assert error.errno == (_EISCONN if number == 106 else number), error
    return error


def has_into():
    """Whether the module was built with `subscribe(into=...)`."""
    import mqtt

    try:
        mqtt.Client("into").subscribe("t", print, into=bytearray(1))
    except NotImplementedError:
        return False
    return True


def need_into():
    """Ends a test that is about it."""
    if not has_into():
        print("SKIP the module was built without into")
        raise SystemExit


def need_version_5():
    """Ends a test that is about MQTT 5."""
    import mqtt

    if not hasattr(mqtt.Client, "set_version"):
        print("SKIP the module was built without MQTT 5")
        raise SystemExit


def speak(client, version, **properties):
    """Sets the version of the client, if it is not the default one. `properties` are those of MQTT 5."""
    if version == 5:
        need_version_5()
        client.set_version(5, **properties)


class Record:
    """A function to subscribe with: remembers the messages."""

    def __init__(self):
        self.messages = []

    def __call__(self, client, payload, topic):
        self.messages.append((topic, payload))

    def __len__(self):
        return len(self.messages)


# Payloads of 0 to 1,000 bytes by number; `peers.py` knows them, too.
POOL = bytearray(4096)
_state = 1
for _i in range(len(POOL)):
    _state = (_state * 1103515245 + 12345) & 0x7FFFFFFF
    POOL[_i] = _state >> 16 & 0xFF
POOL = bytes(POOL)


def payload_of(number):
    size = number * 389 % 1001
    start = number * 53 % (len(POOL) - 1000)
    return POOL[start : start + size]
