"""The WiFi of a board, as mqtt_as brings it up and looks after it."""

import asyncio
import errno
import time

# The time that a network has to let the board in, and the time that it must then stay, in ms.
_PATIENCE = 60000
_TRIAL = 5000
# How often the station is asked, in ms.
_PERIOD = 100


def station():
    """The station of the board, or `None` where there is no WiFi."""
    try:
        import network

        return network.WLAN(network.STA_IF)
    except (ImportError, AttributeError):
        return None


class Wifi:
    """The connection of a station to its network."""

    def __init__(self, station, ssid, password):
        self._station = station
        self._credentials = () if ssid is None else (ssid, password)
        self.is_up = station.isconnected

    async def connect(self, quick):
        """Returns when the network is up, and, unless `quick`, has been so for a while."""
        if self.is_up():
            return
        self._station.active(True)
        # Without a name: the network that the board remembers.
        self._station.connect(*self._credentials)
        if not await self._changes(False, _PATIENCE):
            raise OSError(errno.ETIMEDOUT, "no connection to the WiFi")
        if not quick and await self._changes(True, _TRIAL):
            raise OSError(errno.ECONNABORTED, "the WiFi is not stable")

    def close(self):
        self._station.disconnect()
        self._station.active(False)

    async def _changes(self, state, span):
        """Whether the state changes within so many ms."""
        end = time.ticks_add(time.ticks_ms(), span)
        while self.is_up() == state:
            if time.ticks_diff(end, time.ticks_ms()) <= 0:
                return False
            await asyncio.sleep_ms(_PERIOD)
        return True
