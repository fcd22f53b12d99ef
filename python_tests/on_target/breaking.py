# A link that breaks again and again, and the numbers that go over it: for the soak tests of every driver of the loop.
import errno
import socket

# Milliseconds without which a broken link would be noticed too late for a soak.
CYCLE = 100
COMMAND = 1000
KEEPALIVE = 1
# Not taken: to be published again. After any other error the client has kept the message.
NOT_TAKEN = (errno.ENOTCONN, errno.ENOBUFS, errno.EAGAIN)

_FAULTS = (
    "cut rst",
    "cut fin",
    "cut_after up bytes %d",
    "cut_after down bytes %d",
    "cut_after up bytes %d fin",
    "cut_after down bytes %d fin",
    "refuse; cut rst",
    "slow 0.2; cut fin",
    "drip 0.001",
    "swallow up",
    "swallow down",
    "black",
)

_control = socket.socket()
_control.connect(socket.getaddrinfo(HOST, CONTROL)[0][-1])


def proxy(lines):
    """Gives the proxy commands."""
    for line in lines.split(";"):
        _control.write(line + "\n")
        assert _control.readline() == b"ok\n", line


class Breaking:
    """Breaks the link after every so many messages."""

    def __init__(self, every, numbers):
        self._every = every
        self._counts = numbers.counts
        self._seed = 1

    def after(self, index):
        if index % self._every == self._every - 1:
            self._seed = (self._seed * 1103515245 + 12345) & 0x7FFFFFFF
            fault = _FAULTS[self._counts["faults"] % len(_FAULTS)]
            if "%d" in fault:
                fault = fault % (1 + self._seed % 400)
            self._counts["faults"] += 1
            proxy(fault)
        if index % self._every == 50:
            # One that only makes the link slow has lasted long enough.
            proxy("normal")


class Numbers:
    """The numbers of each QoS. At QoS 1 every number must come, in order but for repetitions; at QoS 2 exactly once, in
    order.
    """

    def __init__(self):
        self.counts = {"published": 0, "faults": 0, "failures": 0, "reconnects": 0, "in vain": 0, "repeated": 0, "kept": 0}
        self._sent = [0, 0, 0]
        self._due = [0, 0, 0]
        self._wrong = []

    def next(self, index):
        """The QoS and the number of the next message."""
        qos = (1, 2, 1, 2, 0)[index % 5]
        self._sent[qos] += 1
        self.counts["published"] += 1
        return qos, self._sent[qos] - 1

    def take(self, payload, topic):
        """Notes a message that has come."""
        qos = int(topic[-1])
        number = int(payload)
        due = self._due[qos]
        if number == due or qos == 0:
            self._due[qos] += 1
        elif qos == 1 and number < due:
            self.counts["repeated"] += 1
        else:
            self._wrong.append("QoS %d: %d where %d was due" % (qos, number, due))
            self._due[qos] = number + 1

    def check(self):
        assert not self._wrong, self._wrong

    def have_come(self):
        return self._due[1:] == self._sent[1:]

    def show(self):
        for name in self.counts:
            print(name, self.counts[name])
        for qos in range(3):
            print("QoS %d: published %d, received %d" % (qos, self._sent[qos], self._due[qos]))
