"""The boards' port itself: console, clocks, random numbers, network, resets, faults."""

import hashlib
import json
import re
import socket
import threading
import time
from contextlib import closing

import pytest
from harness import documents, loopback
from harness.lateness import Lateness
from harness.qemu import HOST, NETWORK_UP
from harness.raw_repl import END, FRIENDLY_REPL, INTERRUPT, PATIENCE, BoardEnded, BoardError

pytestmark = pytest.mark.board

SEED_ADDRESS = 0x203FFFF8


@pytest.fixture
def server():
    """Serves one connection: server(function) gives a port; it calls function(connection)."""
    with closing(loopback.listen()) as listener:
        threads = []

        def serve(function):
            def run():
                connection, _ = listener.accept()
                connection.settimeout(PATIENCE)
                with connection:
                    function(connection)

            threads.append(thread := threading.Thread(target=run, daemon=True))
            thread.start()
            return listener.getsockname()[1]

        yield serve
        for thread in threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()


def receive_all(connection):
    return b"".join(iter(lambda: connection.recv(65536), b""))


SESSIONS = [
    block
    for page in documents.PAGES
    for block in documents.blocks(page)
    if block.language == "pycon" and documents.BOARD_SESSION in block.source
]


@pytest.mark.parametrize("block", SESSIONS, ids=map(str, SESSIONS))
def test_a_session_of_the_documentation(board, broker, block):
    """The commands of the page, typed at the prompt: the board prints the page's answers."""
    board.write(FRIENDLY_REPL)
    board.read_until(b">>> ")
    ours, theirs = f", 30, {broker.port})", ", 30)"
    shown = ""
    for line in re.findall(r"^>>> (.*)$", block.source, re.MULTILINE):
        board.write(line.replace(theirs, ours).encode() + b"\r")
        shown += ">>> " + board.read_until(b"\r\n>>> ").decode() + "\n"
    assert shown.replace("\r\n", "\n").replace(ours, theirs) == block.source


def test_the_friendly_repl(board):
    board.write(FRIENDLY_REPL)
    banner = board.read_until(b">>> ")
    assert b"MicroPython v1." in banner
    board.write(b"6 * 7\r")
    assert board.read_until(b">>> ").splitlines() == [b"6 * 7", b"42"]
    board.write(b"sy\t")
    board.read_until(b"sy")
    board.write(INTERRUPT)
    board.read_until(b">>> ")


def test_a_long_script_loses_no_byte(board):
    lines = [f"x{number % 10} = '{number:05}'" for number in range(1000)]
    board.run("\n".join(lines))
    assert board.run("print(x9)") == "00999\n"


def test_modules(board):
    board.run(
        "import asyncio, binascii, hashlib, io, json, machine, mqtt, network, os, random, re, select, socket, struct, time"
    )


def test_exceptions(board):
    with pytest.raises(BoardError, match="ZeroDivisionError"):
        board.run("1 / 0")
    with pytest.raises(BoardError, match="RuntimeError: maximum recursion depth exceeded"):
        board.run("def f(): f()\nf()")
    with pytest.raises(BoardError, match="MemoryError"):
        board.run("bytearray(1000000)")
    assert board.run("import gc; gc.collect(); print(gc.mem_free() > 100000)") == "True\n"


@pytest.mark.parametrize("loop", ["while True: pass", "import time\ntime.sleep(100)", "input()"])
def test_ctrl_c_interrupts(board, loop):
    board.start(loop)
    time.sleep(0.2)
    board.write(INTERRUPT)
    assert board.follow(PATIENCE)[1].endswith("KeyboardInterrupt: \n")


def test_time_is_the_hosts(board):
    assert abs(int(board.run("import time; print(time.time())")) - time.time()) < 2
    assert abs(int(board.run("import time; print(time.time_ns())")) / 1e9 - time.time()) < 2
    ours = time.gmtime()
    assert board.run("import time; print(time.localtime()[:3])") == f"{ours[:3]}\n"


def test_the_boards_clock_keeps_step_with_ours(board):
    """While it sleeps, and the machine lets it run."""
    with Lateness() as late:
        begin = time.monotonic()
        measured = board.run(
            "import time\na, b = time.ticks_ms(), time.ticks_us()\ntime.sleep_ms(1000)\n"
            "print(time.ticks_diff(time.ticks_ms(), a), time.ticks_diff(time.ticks_us(), b))"
        )
        ours = time.monotonic() - begin
    ms, us = map(int, measured.split())
    assert 1000 <= ms < 1200
    assert abs(ms - us / 1000) < 2
    # Ours began earlier and ended later.
    assert ours >= ms / 1000
    assert ours - late.seconds - ms / 1000 < 2, late.seconds


def test_ticks_never_go_back(board):
    assert board.run(
        "import time\nlast = time.ticks_us()\nend = time.ticks_add(time.ticks_ms(), 500)\nback = 0\n"
        "while time.ticks_diff(end, time.ticks_ms()) > 0:\n"
        " now = time.ticks_us()\n back += time.ticks_diff(now, last) < 0\n last = now\n"
        "print(back)"
    ) == "0\n"


def test_random_numbers_differ(power_up):
    draw = "import os, random; print(os.urandom(16), random.getrandbits(32))"
    assert len({power_up(False).run(draw) for _ in range(3)}) == 3


def test_a_seed_repeats_random_numbers(power_up):
    def draw(seed):
        loader = ("-device", f"loader,addr={SEED_ADDRESS},data={seed},data-len=8")
        return power_up(False, options=loader).run("import os, random; print(os.urandom(40), random.getrandbits(32))")

    assert draw(1) == draw(1) != draw(2)


def test_dhcp(board):
    assert board.run("import network; print(network.LAN().ifconfig()[:3])") == (
        "('10.0.2.15', '255.255.255.0', '10.0.2.2')\n"
    )
    assert board.run("lan = network.LAN(); print(lan.active(), lan.isconnected(), lan.status())") == "True True 3\n"
    assert board.run("print(lan.config('mac'))") == "b'RT\\x00\\x124V'\n"
    board.run("lan.ifconfig('dhcp')")
    board.run("lan.active(False)")
    assert board.run("print(lan.active(), lan.isconnected(), lan.status())") == "False False 0\n"
    with pytest.raises(BoardError, match="OSError"):
        board.run("lan.ifconfig()")
    board.run(NETWORK_UP)


@pytest.mark.parametrize(
    "configure",
    [
        "lan.ifconfig(('10.0.2.77', '255.255.255.0', '10.0.2.2', '10.0.2.3'))",
        "lan.ipconfig(dhcp4=False); lan.ipconfig(addr4=('10.0.2.77', '255.255.255.0')); lan.ipconfig(gw4='10.0.2.2')",
    ],
)
def test_static_address(power_up, server, configure):
    board = power_up(network=False)
    board.run(f"import network\nlan = network.LAN()\nlan.active(True)\n{configure}")
    assert board.run("print(lan.ifconfig()[0], lan.isconnected())") == "10.0.2.77 True\n"
    port = server(lambda connection: connection.sendall(connection.recv(10).upper()))
    assert board.run(
        f"import socket\ns = socket.socket()\ns.connect(('{HOST}', {port}))\ns.write(b'hello')\nprint(s.recv(10))"
    ) == "b'HELLO'\n"


def test_a_cable_that_is_pulled_out(power_up, tmp_path):
    path = tmp_path / "qmp"
    board = power_up(options=("-qmp", f"unix:{path},server=on,wait=off"))
    with socket.socket(socket.AF_UNIX) as control, control.makefile("rw") as lines:
        control.connect(str(path))
        control.settimeout(PATIENCE)

        def execute(command, **arguments):
            lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
            lines.flush()
            while "return" not in (answer := json.loads(lines.readline())):
                assert "error" not in answer, answer

        lines.readline()
        execute("qmp_capabilities")
        board.run("import network, time\nlan = network.LAN()")
        nic = "lan9118.0"
        for up, status in ((False, 0), (True, 3)):
            execute("set_link", name=nic, up=up)
            board.run(f"while lan.status() != {status}: time.sleep_ms(1)")


def test_the_board_connects(board, server):
    payload = bytes(range(256)) * 1200

    def exchange(connection):
        connection.sendall(payload)
        connection.shutdown(socket.SHUT_WR)
        received.append(receive_all(connection))

    received = []
    port = server(exchange)
    digest = board.run(
        "import socket, hashlib, binascii\n"
        f"s = socket.socket()\ns.connect(socket.getaddrinfo('{HOST}', {port})[0][-1])\n"
        "h = hashlib.sha256()\n"
        "while True:\n data = s.recv(4096)\n if not data: break\n h.update(data)\n"
        "block = bytes(range(256)) * 4\n"
        "for _ in range(300): s.write(block)\n"
        "s.close()\nprint(binascii.hexlify(h.digest()).decode())"
    )
    assert digest.strip() == hashlib.sha256(payload).hexdigest()
    deadline = time.monotonic() + PATIENCE
    while not received and time.monotonic() < deadline:
        time.sleep(0.01)
    assert received == [payload]


def test_the_board_is_connected_to(power_up, closed_port):
    port = closed_port
    board = power_up(forward={port: 80})
    board.start(
        "import socket, select\n"
        "s = socket.socket()\ns.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
        "s.bind(socket.getaddrinfo('0.0.0.0', 80)[0][-1])\ns.listen(1)\nprint('ready')\n"
        "poll = select.poll()\npoll.register(s, select.POLLIN)\nprint(len(poll.poll(10000)))\n"
        "c, _ = s.accept()\nprint(c.recv(100))\nc.write(b'answer')\nc.close()\ns.close()"
    )
    board.read_until(b"ready\r\n")
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.sendall(b"question")
        assert receive_all(connection) == b"answer"
    assert board.follow(PATIENCE) == ("1\r\nb'question'\r\n", "")


def test_udp(board):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.bind(("127.0.0.1", 0))
        ours.settimeout(PATIENCE)
        board.start(
            "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
            f"s.sendto(b'ping', ('{HOST}', {ours.getsockname()[1]}))\nprint(s.recvfrom(10)[0])"
        )
        data, peer = ours.recvfrom(10)
        ours.sendto(data[::-1], peer)
        assert board.follow(PATIENCE) == ("b'gnip'\r\n", "")


def test_socket_timeouts(board, server):
    port = server(lambda connection: connection.recv(1))
    assert board.run(
        f"import socket, time\ns = socket.socket()\ns.connect(('{HOST}', {port}))\n"
        "s.settimeout(0.3)\nbegin = time.ticks_ms()\n"
        "try: s.recv(1)\nexcept OSError as e: print(e.errno)\n"
        "print(250 < time.ticks_diff(time.ticks_ms(), begin) < 1000)\n"
        "s.setblocking(False)\n"
        "try: s.recv(1)\nexcept OSError as e: print(e.errno)\n"
        "s.close()"
    ) == "110\nTrue\n11\n"


def test_timer(board):
    assert board.run(
        "import machine, time\ncount = 0\n"
        "def tick(timer):\n global count\n count += 1\n"
        "t = machine.Timer(period=20, callback=tick)\n"
        "time.sleep_ms(210)\nt.deinit()\nn = count\ntime.sleep_ms(100)\nprint(8 <= n <= 11, n == count)"
    ) == "True True\n"


def test_asyncio(board, server):
    port = server(lambda connection: connection.sendall(connection.recv(100).upper()))
    assert board.run(
        "import asyncio, time\n"
        "async def echo():\n"
        f" r, w = await asyncio.open_connection('{HOST}', {port})\n"
        " w.write(b'async')\n await w.drain()\n print(await r.read(100))\n w.close()\n"
        "async def sleep(ms):\n await asyncio.sleep_ms(ms)\n"
        "async def main():\n await asyncio.gather(sleep(300), sleep(200), echo())\n"
        "begin = time.ticks_ms()\nasyncio.run(main())\n"
        "print(300 <= time.ticks_diff(time.ticks_ms(), begin) < 500)"
    ) == "b'ASYNC'\nTrue\n"


def test_soft_reset(board, server):
    ended = threading.Event()

    def wait_for_the_end(connection):
        connection.recv(1)
        ended.set()

    port = server(wait_for_the_end)
    board.run(
        f"import machine, socket\ns = socket.socket()\ns.connect(('{HOST}', {port}))\n"
        "machine.Timer(period=1, callback=lambda t: t)\nprint(machine.reset_cause())"
    )
    for _ in range(20):
        board.write(END)
        board.read_until(b"MPY: soft reboot\r\n")
        board.read_until(b">")
    assert ended.wait(PATIENCE), "the socket was not closed"
    assert board.run("import machine; print(machine.reset_cause() == machine.SOFT_RESET)") == "True\n"
    with pytest.raises(BoardError, match="NameError"):
        board.run("s")
    assert board.run("import network; print(network.LAN().isconnected())") == "True\n"


def test_sys_exit_is_a_soft_reset(board):
    board.start("import sys; sys.exit()")
    board.read_until(b"MPY: soft reboot\r\n")


def test_hard_reset(power_up):
    board = power_up(network=False)
    board.start("import machine; machine.reset()")
    with pytest.raises(BoardEnded) as end:
        board.read_until(b"never")
    assert end.value.status == 0


def test_a_fault_is_reported_and_ends_qemu(board, capfd):
    board.start("import machine; machine.mem32[0x30000000]")
    with pytest.raises(BoardEnded) as end:
        board.read_until(b"never")
    assert end.value.status == 1
    report = capfd.readouterr().err
    assert "FATAL: " in report and "BFAR=30000000" in report


def test_a_stack_overflow_is_a_fault(board, capfd):
    board.start(
        "@micropython.asm_thumb\ndef f(r0):\n label(again)\n push({r0, r1, r2, r3})\n b(again)\nf(0)"
    )
    with pytest.raises(BoardEnded) as end:
        board.read_until(b"never")
    assert end.value.status == 1
    assert "the stack has overflowed" in capfd.readouterr().err
