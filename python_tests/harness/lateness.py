"""How late this machine is."""

import threading
import time


class Lateness(threading.Thread):
    """How much later than it should this machine lets processes run, as long as the `with` lasts:
    measurements in seconds must allow for that."""

    PERIOD = 0.01

    def __init__(self):
        super().__init__(daemon=True)
        self.seconds = 0
        self._ended = threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self.join()

    def run(self):
        begin = time.monotonic()
        while not self._ended.wait(self.PERIOD):
            now = time.monotonic()
            self.seconds += max(0, now - begin - 2 * self.PERIOD)
            begin = now
