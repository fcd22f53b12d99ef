"""The class of umqtt.robust, as the package of that name in micropython-lib has it: it connects again by itself."""

import errno
import time

from . import simple

# The client has not accepted the message. After any other failure the session has it.
_NOT_ACCEPTED = (errno.ENOTCONN, errno.ENOBUFS, errno.EAGAIN)


class MQTTClient(simple.MQTTClient):
    """A client that connects again when `publish()`, `wait_msg()` or `check_msg()` finds its connection lost."""

    DELAY = 2
    DEBUG = False

    def delay(self, i):
        time.sleep(self.DELAY)

    def log(self, in_reconnect, e):
        if self.DEBUG:
            print("mqtt reconnect: %r" % e if in_reconnect else "mqtt: %r" % e)

    def reconnect(self):
        attempts = 0
        while True:
            try:
                # Of a class that derives from this one, its own.
                return self.connect(False)
            except OSError as error:
                self.log(True, error)
            attempts += 1
            self.delay(attempts)

    def publish(self, topic, msg, retain=False, qos=0):
        while True:
            try:
                return super().publish(topic, msg, retain, qos)
            except OSError as error:
                self.log(False, error)
                in_session = qos and self._keeps and error.errno not in _NOT_ACCEPTED
            self.reconnect()
            if in_session:
                # The new connection has sent the message again.
                return None

    def wait_msg(self):
        return self._insist(super().wait_msg)

    def check_msg(self, attempts=2):
        return self._insist(super().check_msg, attempts)

    def _insist(self, method, attempts=-1):
        while attempts:
            try:
                return method()
            except OSError as error:
                self.log(False, error)
            self.reconnect()
            attempts -= 1
        return None
