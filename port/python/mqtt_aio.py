# MQTT for asyncio: the client of the module mqtt, driven by the program's own event loop.
#
# The native part does one step at a time, _step(), and never waits. Its result tells for which readiness of
# the socket, and for how long, the next step can wait: the low bits below, and milliseconds above them.

import asyncio
import errno
import sys
import time
from asyncio import core

import mqtt

# The bits of _step()'s result, and their number.
_READS, _WRITES, _OTHER_SOCKET, _CONNECTING, _BITS = 1, 2, 4, 8, 4
# Its argument: nothing; the functions that have returned coroutines are done; the connection is to end;
# aconnect_cb is done.
_NOTHING, _DONE, _HANG_UP, _SETTLED = range(4)
# In ms: the pauses between two attempts to connect again; the longest wait of DISCONNECT for room; the longest
# time that a coroutine publishes at QoS 0 without a pause.
_FIRST_PAUSE, _LONGEST_PAUSE, _PATIENCE, _TURN = 1000, 60000, 200, 4

_NO_ROOM = "the broker took no data within command_timeout"
_NO_SUBACK = "no SUBACK within command_timeout"
_NO_UNSUBACK = "no UNSUBACK within command_timeout"
_NO_ANSWER = "no answer to the request"
_NO_AUTH = "no AUTH within command_timeout"
_BEHIND = "the answer is behind messages that wait for this function"
_publish = mqtt.Client.publish
_AUTO_RECONNECT = type(mqtt.auto_reconnect())


def _is_coroutine(result):
    return hasattr(result, "send")


async def _value(result):
    return await result if _is_coroutine(result) else result


# The message of publish(wait=False).
class Delivery:
    def __init__(self, client, native):
        self._client = client
        self._native = native
        self.done = native.done

    async def wait(self, timeout=None):
        client = self._client
        await client._until(self.done, "not acknowledged yet", client._end_of(timeout))
        self._native.wait(0)

    # `await` takes it.
    __iter__ = wait


# The messages of a filter. When `size` of them wait, the client delivers no more, and TCP holds the broker back.
class Messages:
    def __init__(self, client, topic, qos, size, options):
        self._client = client
        self._topic = topic
        self._qos = qos
        self._options = options
        self._size = size
        self._queue = []
        self._is_open = False

    async def __aenter__(self):
        self._is_open = True
        try:
            await self._client._ask(mqtt.Client.subscribe, _NO_SUBACK, self._topic, self._put, self._qos, **self._options)
        except BaseException:
            self._is_open = False
            raise
        return self

    async def __aexit__(self, *_):
        if self._is_open:
            self._is_open = False
            self._client._notify()
            if self._client.connected():
                await self._client.unsubscribe(self._topic)

    def __aiter__(self):
        return self

    async def __anext__(self):
        client = self._client
        try:
            if not self._is_open:
                await self.__aenter__()
            while not self._queue:
                if not client._is_open:
                    raise StopAsyncIteration
                await client._changed.wait()
        except BaseException:
            # It may be a cancellation.
            await self.__aexit__()
            raise
        client._notify()
        return self._queue.pop(0)

    def _put(self, client, _payload, _topic):
        if self._is_open:
            self._queue.append(client.message)
            client._notify()
            if len(self._queue) >= self._size:
                return client._hold(self._room())
        return None

    async def _room(self):
        while self._is_open and len(self._queue) >= self._size:
            await self._client._changed.wait()


class Client(mqtt.Client):
    def __init__(self, client_id, clean_session=True, cycle_timeout=500, command_timeout=60000, *,
                 host=None, keepalive=60, port=mqtt.PORT, ssl_ctx=None, breconnect_cb=None,
                 aconnect_cb=None, loop_failure=None, reconnect=True):
        mqtt.Client.__init__(self, client_id, clean_session, cycle_timeout, command_timeout)
        self.up = asyncio.Event()
        self.down = asyncio.Event()
        self.down.set()
        self._cycle = cycle_timeout
        self._timeout = command_timeout
        self._endpoint = host, keepalive, port, ssl_ctx, breconnect_cb, aconnect_cb, loop_failure
        self._reconnects = reconnect
        self._changed = asyncio.Event()  # A step has been done.
        self._bits = 0
        self._attempts = 0
        self._error = None  # Why the last attempt to connect has failed.
        self._is_open = False  # The program wants a connection.
        self._work = []  # Coroutines of functions that have returned, and the task that runs them.
        self._worker = None
        self._connector = self._settling = None  # The task that connects, and its coroutine of aconnect_cb.
        self._recovery = None
        self._failed_at = time.ticks_add(time.ticks_ms(), -cycle_timeout)
        self._tasks = ()  # Two that wait for the socket, and one for the time.
        self._span = self._deadline = 0
        self._rested_at = time.ticks_ms()

    async def __aenter__(self):
        code = await self.connect(*self._endpoint)
        if code:
            raise mqtt.MQTTException(code, "the broker refused the connection")
        return self

    async def __aexit__(self, *_):
        await self.disconnect()

    async def connect(self, host, keepalive, port=mqtt.PORT, ssl_ctx=None, breconnect_cb=None,
                      aconnect_cb=None, loop_failure=None, start_loop=True):
        self._stop_recovery()
        self._endpoint = host, keepalive, port, ssl_ctx, breconnect_cb, aconnect_cb, loop_failure
        return await self._connect()

    async def reconnect(self):
        before, host = self._endpoint[4], self._endpoint[0]
        if host is None:
            raise OSError(errno.ENOTCONN, "connect() comes first")
        self._stop_recovery()
        if before:
            await _value(before(self))
        is_open, self._is_open = self._is_open, False
        self._turn(_HANG_UP)
        self._is_open = is_open
        try:
            return await self._connect()
        finally:
            self._start_recovery()

    async def publish(self, topic, payload="", qos=0, retain=False, *, wait=True, properties=None):
        if self._bits & _WRITES:
            await self._until(self._has_room, _NO_ROOM)
        if qos in (1, 2):
            if wait:
                self._check_connected()
            delivery = Delivery(self, await self._take(properties, topic, payload, qos, retain, waits=wait))
            return await delivery if wait else delivery
        # MicroPython searches memory for the next coroutine from the last object of one block on, such as this one,
        # and would otherwise search all of the heap.
        _mark = (topic,)
        try:
            if properties is None:
                has_rest = _publish(self, topic, payload, qos, retain)
            else:
                has_rest = _publish(self, topic, payload, qos, retain, properties=properties)
        except OSError:
            if self.up.is_set():
                # The connection may be lost.
                self._turn()
            raise
        if has_rest:
            self._turn()
            await self._until(self._has_room, _NO_ROOM)
            self._check_connected(self.failure)
        elif time.ticks_diff(time.ticks_ms(), self._rested_at) > _TURN:
            # A coroutine that publishes and publishes leaves time to the others.
            await asyncio.sleep_ms(0)
            self._rested_at = time.ticks_ms()

    async def request(self, topic, payload="", timeout=None, *, qos=0, properties=None):
        deadline = self._end_of(timeout)
        begun = 0
        while isinstance(begun, int):
            # The native part begins to subscribe to the topic for answers, or else makes a place for the answer.
            begun = await self._ask(mqtt.Client.request, _NO_ANSWER, topic, payload, timeout,
                                    deadline=deadline, qos=qos, properties=properties)
        ticket, properties = begun
        try:
            delivery = await self._take(properties, topic, payload, qos, deadline=deadline)

            def answer():
                if qos and delivery.done():
                    delivery.wait(0)
                return self._answer(ticket, False)

            return await self._until(answer, _NO_ANSWER, deadline)
        finally:
            self._answer(ticket, True)

    async def reply(self, payload, *, qos=0, message=None):
        message = message or self.message
        asked = message and message.properties or {}
        if "response_topic" not in asked:
            raise ValueError("response_topic is not in the message")
        own = {"correlation_data": asked["correlation_data"]} if "correlation_data" in asked else None
        await self.publish(asked["response_topic"], payload, qos, properties=own)

    async def subscribe(self, topic, function, qos=0, *, into=None, **options):
        called = function
        if callable(function) and into is None:

            def called(client, payload, topic):
                result = function(client, payload, topic)
                return self._hold(result) if _is_coroutine(result) else None

        await self._ask(mqtt.Client.subscribe, _NO_SUBACK, topic, called, qos, into=into, **options)

    async def unsubscribe(self, topic, **options):
        await self._ask(mqtt.Client.unsubscribe, _NO_UNSUBACK, topic, **options)

    async def reauthenticate(self):
        await self._ask(mqtt.Client.reauthenticate, _NO_AUTH)

    async def disconnect(self, timeout=None, **options):
        patience = _PATIENCE if timeout is None else min(timeout, _PATIENCE)
        try:
            await self._until(self._has_room, "", self._end_of(patience))
        except OSError:
            pass  # The broker sees the end of the connection all the same.
        finally:
            mqtt.Client.disconnect(self, **options)
            self._is_open = False
            self._stop_recovery()
            self._turn()
            for task in self._tasks:
                task.cancel()
            self._tasks = ()

    # The event loop reads as long as there is a connection.
    def loop(self):
        self._check_connected()

    def messages(self, topic, qos=0, size=16, **options):
        return Messages(self, topic, qos, size, options)

    async def _connect(self):
        host, keepalive, port, ssl_ctx, _, aconnect_cb, _ = self._endpoint
        self._error = self._settling = None
        self._connector = core.cur_task
        self._attempts = attempt = self._attempts + 1
        mqtt.Client.connect(self, host, keepalive, port, ssl_ctx, None, aconnect_cb and self._settle, None, self)
        # Also if the first step fails: the caller gets its error.
        self._bits = _CONNECTING
        self._turn()
        try:
            while self._bits & _CONNECTING and self._attempts == attempt:
                if self._settling:
                    coroutine, self._settling = self._settling, None
                    await coroutine
                    if self._attempts == attempt:
                        self._turn(_SETTLED)
                else:
                    await self._changed.wait()
        finally:
            if self._connector is core.cur_task:
                self._connector = None
            # The caller may have been cancelled, or its function has failed.
            if self._bits & _CONNECTING and self._attempts == attempt:
                self._turn(_HANG_UP)
        if self._attempts != attempt:
            raise OSError(errno.ECONNABORTED, "connect() was called again")
        if self._error:
            raise self._error
        code = self.get_return_code()
        if not code:
            self._check_connected(self.failure)
            self._is_open = True
        return code

    # The task that connects goes on with the function.
    def _settle(self, client):
        result = self._endpoint[5](client)
        self._settling = result if _is_coroutine(result) else None
        return self._settling

    # Gives a message to the native part, which may have no room for it.
    async def _take(self, properties, *message, deadline=None, waits=True):
        options = {} if properties is None else {"properties": properties}

        def take():
            try:
                return [_publish(self, *message, wait=False, **options)]
            except OSError as error:
                if not waits or error.errno != errno.ENOBUFS:
                    raise
                self._check_connected()

        taken = await self._until(take, "not sent: too many unacknowledged messages", deadline)
        self._turn()
        return taken[0]

    # Calls a method of the native part. If it returns the number of a call, waits for the broker's answer.
    async def _ask(self, method, late, *arguments, deadline=None, **options):
        await self._until(self._has_room, _NO_ROOM, deadline)
        result = method(self, *arguments, **options)
        if isinstance(result, int):
            self._turn()
            try:
                await self._until(lambda: self._answer(result, False), late, deadline)
            finally:
                # Without an answer the call is undone.
                self._answer(result, True)
        return result

    def _end_of(self, timeout=None):
        return time.ticks_add(time.ticks_ms(), self._timeout if timeout is None else timeout)

    async def _until(self, condition, text, deadline=None):
        if deadline is None:
            deadline = self._end_of()
        while True:
            result = condition()
            if result:
                return result
            if core.cur_task in (self._worker, self._connector) and self.connected() and not self._bits & (_READS | _WRITES):
                raise OSError(errno.ENOBUFS, _BEHIND)
            left = time.ticks_diff(deadline, time.ticks_ms())
            if left <= 0:
                raise OSError(errno.ETIMEDOUT, text)
            self._wake_in(left)
            await self._changed.wait()

    def _has_room(self):
        return not self._bits & _WRITES or self._bits & _CONNECTING

    def _check_connected(self, failure=None):
        if not self.connected():
            raise failure or OSError(errno.ENOTCONN, "not connected to a broker")

    # The native part delivers nothing more before the coroutine is done.
    def _hold(self, coroutine):
        self._work.append(coroutine)
        return True

    async def _finish(self):
        while self._work:
            try:
                await self._work.pop(0)
            except Exception as error:
                sys.print_exception(error)
        self._worker = None
        self._turn(_DONE)

    def _notify(self):
        self._changed.set()
        self._changed.clear()

    # Does all that can be done without waiting.
    def _turn(self, order=_NOTHING):
        try:
            state = self._step(order)
        except Exception as error:
            if not self._bits & _CONNECTING:
                sys.print_exception(error)
            self._error = error
            state = self._step(_NOTHING)
        self._bits = state & (1 << _BITS) - 1
        if self.connected():
            if not state & _CONNECTING:
                self.down.clear()
                self.up.set()
        elif self.up.is_set():
            self.up.clear()
            self.down.set()
            self._start_recovery()
        if self._work and not self._worker:
            self._worker = asyncio.create_task(self._finish())
        if state & _OTHER_SOCKET:
            for task in core._io_queue.map.get(id(self), ())[:2]:
                if task:
                    core._io_queue.remove(task)
                    core._task_queue.push(task)
        self._span = state >> _BITS
        self._wake_in(self._span)
        self._notify()

    def _watch(self, bit, queue):
        while True:
            if self._bits & bit:
                yield queue(self)
                self._turn()
            else:
                yield from self._changed.wait()

    async def _clock(self):
        while True:
            # At its start, too: it may come late, and a caller counts on being woken at the deadline.
            self._turn()
            self._deadline = time.ticks_add(time.ticks_ms(), self._span)
            await asyncio.sleep_ms(self._span)

    # Makes the clock strike in so many milliseconds, or before.
    def _wake_in(self, span):
        if not self._tasks:
            queue = core._io_queue
            tasks = self._watch(_READS, queue.queue_read), self._watch(_WRITES, queue.queue_write), self._clock()
            self._tasks = tuple(asyncio.create_task(task) for task in tasks)
            self._deadline = time.ticks_ms()
        clock = self._tasks[2]
        due = time.ticks_add(time.ticks_ms(), span)
        if clock is not core.cur_task and time.ticks_diff(self._deadline, due) > 0:
            self._deadline = due
            core._task_queue.remove(clock)
            core._task_queue.push(clock, due)

    def _start_recovery(self):
        if self._is_open and self._recovery is None and not self.connected():
            self._recovery = asyncio.create_task(self._recover())

    def _stop_recovery(self):
        task = self._recovery
        if task and task is not core.cur_task:
            self._recovery = None
            task.cancel()

    async def _recover(self):
        function = self._endpoint[6]
        by_itself = isinstance(function, _AUTO_RECONNECT) if function else self._reconnects
        pause = 0
        try:
            while self._is_open and not self.connected() and (by_itself or function):
                # Clients that lost a broker together do not come back together. And a broker that accepts and
                # closes again is not asked without a rest.
                rest = self._cycle - time.ticks_diff(time.ticks_ms(), self._failed_at)
                await asyncio.sleep_ms(max(rest, pause - time.ticks_us() % (pause // 4 + 1), 0))
                self._failed_at = time.ticks_ms()
                pause = min(2 * pause or _FIRST_PAUSE, _LONGEST_PAUSE) if by_itself else 0
                try:
                    if by_itself:
                        await self.reconnect()
                    elif await _value(function(self)) != mqtt.RECOVERED:
                        self._is_open = False
                except Exception as error:
                    # Every other failure to connect is followed by the next attempt.
                    if not (by_itself and isinstance(error, OSError)):
                        sys.print_exception(error)
                    self._is_open = self._is_open and by_itself
        finally:
            if self._recovery is core.cur_task:
                self._recovery = None
