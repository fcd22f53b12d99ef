# The network's own ENOTCONN. publish() raises another errno: the client has taken the message, and sends it again.
import errno
import io
import select

import mqtt
from on_target.support import Record, expect_errno, wait_until


class Link(io.IOBase):
    """A socket that says, from some moment on, that it is not connected."""

    is_connected = True

    def __init__(self, socket):
        self.socket = socket
        self.poller = select.poll()
        self.poller.register(socket)

    def write(self, data):
        if not Link.is_connected:
            raise OSError(errno.ENOTCONN)
        return self.socket.write(data)

    def readinto(self, buffer):
        return self.socket.readinto(buffer)

    def ioctl(self, request, flags):
        if request == 3:
            for _, events, *_ in self.poller.poll(0):
                return events & (flags | select.POLLERR | select.POLLHUP)
        elif request == 4:
            self.socket.close()
        return 0


class Context:
    def wrap_socket(self, socket, server_hostname=None, do_handshake_on_connect=True):
        return Link(socket)


client = mqtt.Client("not-connected", clean_session=False)
record = Record()
# At QoS 0 nothing comes twice because an acknowledgement was lost.
client.subscribe("t/kept", record, 0)
assert client.connect(HOST, 60, PORT, Context()) == 0
for qos in (1, 2):
    Link.is_connected = False
    expect_errno(104, client.publish, "t/kept", b"%d" % qos, qos)
    Link.is_connected = True
    wait_until(lambda: not client.connected())
    # The loop may have ended.
    assert client.connect(HOST, 60, PORT, Context()) == 0
    wait_until(lambda: len(record) == qos)
assert record.messages == [("t/kept", b"1"), ("t/kept", b"2")], record.messages
client.disconnect()
print("OK")
