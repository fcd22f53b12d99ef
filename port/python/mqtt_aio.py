# MQTT for asyncio: the client of the module mqtt, driven by the program's own event loop.
#
# The native part does one step at a time, _step(), and never waits. The result tells for which readiness of the socket,
# and for how long, the next step can wait: bits, and milliseconds above them. A method that the broker has to answer
# returns a ticket. _answer() takes the ticket and gives the broker's answer.

import asyncio
import sys
import time
from asyncio import core

import mqtt

# The bits of _step()'s result, and their number.
_READS, _WRITES, _OTHER_SOCKET, _UP, _BITS = 1, 2, 4, 8, 4
# How the caller of _answer() goes on: it waits; it ends, for its time is over; it waits, and is a function of the
# client; it gives the call up; it has called aconnect_cb.
_WAITS, _LATE, _IN_FUNCTION, _GIVES_UP, _SETTLES = range(5)
_ROOM = 0  # The ticket for room to write.
_PATIENCE = 200  # The longest wait of DISCONNECT for room, in ms.
_publish = mqtt.Client.publish
_reconnecting = mqtt.auto_reconnect()


async def _call(function, client):
    result = function and function(client)
    return await result if hasattr(result, "send") else result


# The coroutine function of a method that returns a ticket, or None if there is nothing to wait for. Not every build has
# each method.
def _asks(method):
    async def ask(self, *arguments, _patience=None, **options):
        deadline = self._end_of(_patience)
        answer = True
        while answer is True:
            await self._wait(_ROOM, None, deadline)
            ticket = getattr(mqtt.Client, method)(self, *arguments, **options)
            self._turn()
            try:
                answer = await self._wait(ticket, None, deadline)
            finally:
                # The caller may have been cancelled.
                self._answer(ticket, _GIVES_UP)
        return answer
    return ask


# The messages of a filter. When `size` of them wait, the client delivers no more, and TCP holds the broker back.
class Messages:
    def __init__(self, client, topic, qos, size, options):
        self._client, self._topic, self._qos, self._options = client, topic, qos, options
        self._size, self._queue, self._is_open = size, [], False

    async def __aenter__(self):
        self._is_open = True
        try:
            await self._client.subscribe(self._topic, self._put, self._qos, **self._options)
        except BaseException:
            self._is_open = False
            raise
        return self

    async def __aexit__(self, *_):
        if self._is_open:
            self._is_open = False
            self._client._notify()
            await self._client.unsubscribe(self._topic)

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            if not self._is_open:
                await self.__aenter__()
            while not self._queue:
                if not self._client._is_open:
                    raise StopAsyncIteration
                await self._client._rest()
        except BaseException:
            # It may be a cancellation.
            await self.__aexit__()
            raise
        self._client._notify()
        return self._queue.pop(0)

    def _put(self, client, _payload, _topic):
        self._queue.append(client.message)
        client._notify()
        return self._room() if len(self._queue) >= self._size else None

    async def _room(self):
        while self._is_open and len(self._queue) >= self._size:
            await self._client._rest()


class Client(mqtt.Client):
    def __init__(self, client_id, clean_session=True, cycle_timeout=500, command_timeout=60000, *,
                 host=None, keepalive=60, port=mqtt.PORT, ssl_ctx=None, breconnect_cb=None,
                 aconnect_cb=None, loop_failure=None, reconnect=True):
        mqtt.Client.__init__(self, client_id, clean_session, cycle_timeout, command_timeout)
        self.up, self.down = asyncio.Event(), asyncio.Event()
        self.down.set()
        self._cycle, self._timeout = cycle_timeout, command_timeout
        self._endpoint = host, keepalive, port, ssl_ctx, breconnect_cb, aconnect_cb, loop_failure
        self._recovers = reconnect and _reconnecting
        self._before = self._after = self._failure = None  # The functions of connect().
        self._is_open = False  # The program wants a connection.
        self._tasks = []  # Two that wait for the socket, and one for the time.
        self._waiting = []  # The tasks that wait for the next step.
        self._work = []  # Coroutines of functions that have returned.
        self._worker = self._connector = self._recovery = None  # The tasks that do these, connect, and connect again.
        self._turn()

    async def __aenter__(self):
        code = await self.connect(*self._endpoint)
        if code:
            raise mqtt.MQTTException(code, "the broker refused the connection")
        return self

    async def __aexit__(self, *_):
        await self.disconnect()

    async def connect(self, host, keepalive, port=mqtt.PORT, ssl_ctx=None, breconnect_cb=None,
                      aconnect_cb=None, loop_failure=None, start_loop=True):
        self._before, self._after, self._failure = breconnect_cb, aconnect_cb, loop_failure or self._recovers
        # The client itself as the value of start_loop: the program drives the loop.
        return await self._connect(None, mqtt.Client.connect, host, keepalive, port, ssl_ctx, None, None, None, self)

    async def reconnect(self):
        return await self._connect(self._before, mqtt.Client.reconnect)

    async def publish(self, topic, payload="", qos=0, retain=False, *, wait=True, **options):
        if self._state & _WRITES:
            await self._wait(_ROOM)
        if qos and not wait:
            delivery = _publish(self, topic, payload, qos, retain, wait=False, **options)
            self._turn()
            return delivery
        if qos or options:
            return await self._submit(topic, payload, qos, retain, wait=wait, **options)
        # MicroPython searches memory for the next coroutine from the last object of one block on, such as this one,
        # and would otherwise search all of the heap.
        _mark = (topic,)
        ticket = _publish(self, topic, payload, qos, retain)
        if ticket is not None:
            # The network takes no more, the other tasks have waited long enough, or the connection is lost.
            self._turn()
            await asyncio.sleep_ms(0)
            await self._wait(ticket)

    async def request(self, topic, payload="", timeout=None, **options):
        return await self._request(topic, payload, timeout, _patience=timeout, **options)

    _submit, _request, reply = _asks("publish"), _asks("request"), _asks("reply")
    subscribe, unsubscribe = _asks("subscribe"), _asks("unsubscribe")
    reauthenticate = _asks("reauthenticate")

    async def disconnect(self, timeout=None, **options):
        try:
            await self._wait(_ROOM, _PATIENCE if timeout is None else min(timeout, _PATIENCE))
        except OSError:
            pass  # The broker sees the end of the connection all the same.
        finally:
            mqtt.Client.disconnect(self, **options)
            self._is_open = False
            self._stop_recovery()
            self._turn()
            while self._tasks:
                self._tasks.pop().cancel()

    def messages(self, topic, qos=0, size=16, **options):
        return Messages(self, topic, qos, size, options)

    async def _connect(self, before, method, *arguments):
        ticket = _ROOM
        self._stop_recovery()
        self._connector = core.cur_task
        try:
            await _call(before, self)
            ticket = method(self, *arguments)
            if not self._tasks:
                self._tasks = [asyncio.create_task(self._watch(bit)) for bit in (_READS, _WRITES, 0)]
            self._turn()
            code = await self._wait(ticket)
            if not code:
                await _call(self._after, self)
                # Now the client subscribes again to its filters.
                self._answer(ticket, _SETTLES)
                self._turn()
                await self._wait(ticket)
                self._is_open = True
            return code
        finally:
            if self._connector is core.cur_task:
                self._connector = None
            # The caller may have been cancelled, or its function has failed.
            self._answer(ticket, _GIVES_UP)
            self._turn()

    def _end_of(self, timeout):
        return time.ticks_add(time.ticks_ms(), self._timeout if timeout is None else timeout)

    # The answer; True if the call must be made again.
    async def _wait(self, ticket, timeout=None, deadline=None):
        deadline = deadline or self._end_of(timeout)
        while True:
            left = time.ticks_diff(deadline, time.ticks_ms())
            how = _IN_FUNCTION if core.cur_task in (self._worker, self._connector) else _WAITS
            answer = self._answer(ticket, how if left > 0 else _LATE)
            if answer is not False:
                return answer
            await self._rest(left)

    # Waits for the next step, but no longer than so many milliseconds. Whether these are over.
    async def _rest(self, span=1 << 25):
        self._waiting.append(core.cur_task)
        try:
            await asyncio.sleep_ms(span)
            return core.cur_task in self._waiting
        finally:
            if core.cur_task in self._waiting:
                self._waiting.remove(core.cur_task)

    def _notify(self):
        while self._waiting:
            task = self._waiting.pop(0)
            # One with data is cancelled, and will run anyway.
            if not task.data:
                core._task_queue.remove(task)
                core._task_queue.push(task)

    # The native part passes on the coroutine of a function, and delivers nothing more before it is done.
    def _hold(self, coroutine):
        self._work.append(coroutine)
        self._worker = self._worker or asyncio.create_task(self._finish())

    async def _finish(self):
        while self._work:
            try:
                await self._work.pop(0)
            except Exception as error:
                sys.print_exception(error)
        self._worker = None
        self._turn(True)

    # Does all that can be done without waiting. `done`: the coroutines of functions are.
    def _turn(self, done=False):
        state = self._state = self._step(done)
        if state & _OTHER_SOCKET:
            for task in core._io_queue.map.get(id(self), ())[:2]:
                if task:
                    core._io_queue.remove(task)
                    core._task_queue.push(task)
        came, went = (self.up, self.down) if state & _UP else (self.down, self.up)
        went.clear()
        came.set()
        if self._is_open and self._failure and not (self._recovery or self._connector or self.connected()):
            self._recovery = asyncio.create_task(self._recover(self._failure))
        self._notify()

    # Does a step whenever the socket is ready, or when it is time.
    def _watch(self, bit):
        queue = core._io_queue.queue_read if bit == _READS else core._io_queue.queue_write
        while True:
            if self._state & bit:
                yield queue(self)
                self._turn()
            elif (yield from self._rest(self._state >> _BITS)):
                self._turn()

    def _stop_recovery(self):
        if self._recovery and self._recovery is not core.cur_task:
            self._recovery.cancel()
            self._recovery = None

    async def _recover(self, function):
        by_itself = isinstance(function, type(_reconnecting))
        # The coroutines that wait for an answer learn of the loss first: the event loop prefers no older task of the
        # same millisecond.
        await asyncio.sleep_ms(2)
        while self._is_open and not self.connected():
            try:
                if by_itself:
                    await self.reconnect()
                elif await _call(function, self) != mqtt.RECOVERED:
                    self._is_open = False
            except Exception as error:
                # After a failure to connect the client tries again.
                if not (by_itself and isinstance(error, OSError)):
                    sys.print_exception(error)
                self._is_open = self._is_open and by_itself
            # A broker that accepts and closes again is not asked without a rest. The native part knows the pauses.
            pause = function(self) if by_itself and not self.connected() else 0
            await asyncio.sleep_ms(max(pause, self._cycle))
        self._recovery = None
