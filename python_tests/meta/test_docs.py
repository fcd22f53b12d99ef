"""The documentation: its programs run, its commands exist, its links lead somewhere, its words are
spelled right."""

import base64
import contextlib
import hashlib
import hmac
import os
import re
import shlex
import shutil
import subprocess
import sys
import urllib.parse

import pytest
from harness import certificates, documents, mqtt5
from harness.broker import BrokerError, Mosquitto
from harness.fake_broker import FakeBroker
from harness.peer import Peer
from harness.targets import ROOT, Unix
from harness.tls_front import TlsFront, server_context

# The address of the reader's broker in the pages, and the address of the tests' broker. They use the default
# port, so it is an address of loopback that nobody else has.
THEIR_BROKER = "192.168.1.10"
BROKER = f"127.18.{os.getpid() // 250 % 250}.{os.getpid() % 250 + 1}"

BLOCKS = [block for page in documents.PAGES for block in documents.blocks(page)]


def of_language(language):
    """All of them but those with TLS or a challenge, which have tests of their own, and those for a board's prompt."""
    elsewhere = ("ssl_ctx=", "set_authentication", documents.BOARD_SESSION)
    chosen = [
        block for block in BLOCKS if block.language == language and not any(mark in block.source for mark in elsewhere)
    ]
    return pytest.mark.parametrize("block", chosen, ids=map(str, chosen))


@pytest.fixture(scope="module")
def default_broker(target):
    """A broker on port 1883 of an address of its own."""
    if not isinstance(target, Unix):
        pytest.skip("the pages' programs run on this machine")
    try:
        with Mosquitto(config=[f"listener 1883 {BROKER}"]) as broker:
            yield broker
    except BrokerError as error:
        pytest.skip(f"no port 1883 to be had: {error}")


def run(target, folder, source):
    """Runs a program; returns its output, errors included."""
    script = folder / "block.py"
    script.write_text(source.replace(THEIR_BROKER, BROKER), encoding="utf-8")
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    result = target.run(script, timeout=120, **pipes)
    assert result.returncode == 0, result.stdout
    return result.stdout.replace(BROKER, THEIR_BROKER)


# The source before a block that is not a whole program, and behind it.
CONNECTED = """\
import time, mqtt
client = mqtt.Client("documentation", command_timeout=5000)
client.connect("192.168.1.10", 60)
"""
GOODBYE = "\nclient.disconnect()\n"


@pytest.fixture
def tls_broker(new_broker, tmp_path):
    """The broker that the pages call broker.example, and its authority."""
    root = certificates.root()
    chain, key = certificates.local_server().files(tmp_path)
    return new_broker(config=[f"certfile {chain}", f"keyfile {key}"]), root


TLS_PROGRAMS = [block for block in BLOCKS if block.language == "python" and "ssl_ctx=" in block.source]
SERVICES = r'"[\w.-]+\.(?:amazonaws\.com|azure-devices\.net|hivemq\.cloud)"'
RECIPES = [block for block in TLS_PROGRAMS if re.search(SERVICES, block.source)]
TLS = [block for block in TLS_PROGRAMS if block not in RECIPES]


@pytest.mark.parametrize("block", TLS, ids=map(str, TLS))
def test_program_with_tls(target, tls_broker, tmp_path, block):
    if not isinstance(target, Unix):
        pytest.skip("the pages' programs run on this machine")
    broker, root = tls_broker
    source = re.sub(r"-----BEGIN.*-----END CERTIFICATE-----\n", lambda _: root.pem, block.source, flags=re.DOTALL)
    source = f"CA_DER = {root.der!r}\n" + source.replace('"broker.example"', '"localhost"').replace("8883", str(broker.port))
    with Peer(broker, tls=root) as peer:
        peer.subscribe("kitchen/#", 1)
        printed = run(target, tmp_path, source)
        assert peer.take(1) == [("kitchen/lamp", b"on")], printed


@pytest.mark.parametrize("block", RECIPES, ids=map(str, RECIPES))
def test_recipe(target, new_broker, tmp_path, block):
    """The programs for services, with Mosquitto in the place of the service."""
    if not isinstance(target, Unix):
        pytest.skip("the pages' programs run on this machine")
    root = certificates.root()
    chain, key = certificates.local_server().files(tmp_path)
    client = certificates.issue("thing-1", root, usages=(certificates.CLIENT,))
    for name, content in (("root.pem", root.pem), ("client.pem", client.pem), ("client.key", client.key_pem)):
        (tmp_path / name).write_text(content)
    (tmp_path / "root.der").write_bytes(root.der)
    alpn = re.search(r'alpn=\["([\w-]+)"\]', block.source)
    config = [f"certfile {chain}", f"keyfile {key}", f"cafile {tmp_path / 'root.pem'}"]
    if "client.pem" in block.source:
        config += ["require_certificate true", "use_identity_as_username true"]
    context = server_context(certificates.local_server())
    context.set_alpn_protocols(["x-amzn-mqtt-ca"])
    source = re.sub(SERVICES, '"localhost"', block.source)
    with contextlib.ExitStack() as stack:
        if alpn:
            # Mosquitto knows no ALPN. A server that does stands before it.
            broker = new_broker()
            front = stack.enter_context(TlsFront((broker.host, broker.port), context))
            peer, port = stack.enter_context(Peer(broker)), front.port
        else:
            broker = new_broker(config=config)
            peer, port = stack.enter_context(Peer(broker, tls=root, identity=client)), broker.port
        for topics in ("#", "$aws/#"):
            peer.subscribe(topics, 2)
        source = re.sub(r"\b(8883|443)\b", str(port), source)
        if "def sas_token" in source:
            source += "\nprint(sas_token(2000000000))\n"
        printed = run(target, tmp_path, f"import os\nos.chdir({str(tmp_path)!r})\n{source}")
        assert "Traceback" not in printed, printed
        assert peer.take(1), printed
    if alpn:
        assert front.protocols == [alpn[1]]
    if "use_identity_as_username true" in config and not alpn:
        assert "u'thing-1'" in broker.log()
    if "def sas_token" in source:
        secret = base64.b64decode(re.search(r'^KEY = "(.*)"$', source, re.MULTILINE)[1])
        place = urllib.parse.quote("localhost/devices/device-1", safe="")
        signature = hmac.digest(secret, f"{place}\n2000000000".encode(), "sha256")
        token = urllib.parse.quote(base64.b64encode(signature), safe="")
        assert printed == f"SharedAccessSignature sr={place}&sig={token}&se=2000000000\n"


def add_packages(folder, *names):
    """Copies drop-ins to the place where a program finds them."""
    for name in (*names, "mqtt_ssl_params"):
        shutil.copytree(ROOT / "port/lib" / name, folder, dirs_exist_ok=True)


@of_language("python")
def test_program(target, default_broker, tmp_path, block):
    whole = re.search(r"^(import mqtt|from (umqtt|mqtt_as))\b", block.source, re.MULTILINE)
    add_packages(tmp_path, "umqtt.simple", "umqtt.robust", "mqtt_as")
    printed = run(target, tmp_path, block.source if whole else CONNECTED + block.source + GOODBYE)
    assert "Traceback" not in printed, printed
    if block.output is not None:
        assert printed == block.output


LOGINS = [block for block in BLOCKS if block.language == "python" and "set_authentication" in block.source]


@pytest.mark.parametrize("block", LOGINS, ids=map(str, LOGINS))
def test_login_with_a_challenge(target, tmp_path, block):
    """With a broker that knows the method: Mosquitto has none without a plugin."""
    if not isinstance(target, Unix):
        pytest.skip("the pages' programs run on this machine")
    name, method = (re.search(pattern, block.source)[1] for pattern in (r'Client\("(.*?)"', r'set_authentication\("(.*?)"'))
    secret = re.search(r'^SECRET = b"(.*)"$', block.source, re.MULTILINE)[1].encode()

    def finish(link, packet, accepted):
        assert packet.properties["authentication_data"] == name.encode()
        link.send(mqtt5.auth(0x18, authentication_method=method, authentication_data=b"challenge"))
        answer = {"authentication_method": method, "authentication_data": hashlib.sha256(b"challenge" + secret).digest()}
        link.expect_packet("AUTH", code=0x18, properties=answer)
        link.send(accepted(authentication_method=method))

    def script(broker):
        link = broker.accept()
        finish(link, link.expect_packet("CONNECT"), mqtt5.connack)
        finish(link, link.expect_packet("AUTH", code=0x19), mqtt5.auth)
        link.expect_goodbye()

    with FakeBroker(script, clients=[name]) as broker:
        place = f'"{broker.host}", port={broker.port}'
        source = block.source.replace(f'"{THEIR_BROKER}"', place)
        assert source != block.source
        assert run(target, tmp_path, source) == block.output


# `make bench-smoke` fetches it.
UMQTT = ROOT / "build" / "bench" / "micropython-umqtt.simple-1.3.4" / "umqtt"


def sides(diff):
    """The old and the new program of a block that shows what to change."""
    lines = diff.splitlines(keepends=True)
    assert all(line[0] in "-+ \n" for line in lines), diff
    old, new = (
        "".join(line[1:] or "\n" for line in lines if line[0] != other) for other in "+-"
    )
    return old, new


@of_language("diff")
def test_migrated_program(target, default_broker, tmp_path, block):
    old, new = sides(block.source)
    assert block.output is not None and old != new
    assert run(target, tmp_path, new) == block.output
    if "umqtt" in old and UMQTT.exists():
        shutil.copytree(UMQTT, tmp_path / UMQTT.name)
        assert run(target, tmp_path, old) == block.output
        return
    if "mqtt_as" in old:
        # No package index has the original. It runs with the drop-in.
        add_packages(tmp_path, "mqtt_as")
        assert run(target, tmp_path, old) == block.output
        return
    if "paho" not in old:
        # A library that it needs is not here.
        compile(old, str(block), "exec")
        return
    program = tmp_path / "old.py"
    program.write_text(old.replace(THEIR_BROKER, BROKER), encoding="utf-8")
    result = subprocess.run([sys.executable, program], stdout=subprocess.PIPE, text=True, timeout=120)
    assert (result.stdout, result.returncode) == (block.output, 0)


# Runs the inputs of a session at the prompt, and prints the same session.
PROMPT = """
import sys
for source in SOURCES:
    print(source)
    source = "\\n".join(line[4:] for line in source.split("\\n"))
    try:
        try:
            code = compile(source, "<stdin>", "eval")
        except SyntaxError:
            exec(source)
        else:
            value = eval(code)
            if value is not None:
                print(repr(value))
    except Exception as error:
        print("Traceback (most recent call last):")
        print("  ...")
        print("%s: %s" % (type(error).__name__, error))
"""


@of_language("pycon")
def test_session_at_the_prompt(target, default_broker, tmp_path, block):
    sources = re.findall(r"^>>> .*(?:\n\.\.\. .*)*", block.source, re.MULTILINE)
    assert run(target, tmp_path, f"SOURCES = {sources!r}\n{PROMPT}") == block.source


# Commands that the documentation shows, and where they are run.
COMMANDS = {
    line: where
    for where, lines in {
        "by CI": """
            make run
            make test
            make unix
            """,
        "by CI, as a part of make test or with its options": """
            build/unix/micropython my_script.py
            """,
        "by CI, for make tls-test": """
            make MPS2_AN385-tls
            make MPS2_AN385-ssl
            """,
        "by CI, with --check": """
            make interoperability-table
            """,
        "by the tests of this file, on that board": """
            python3 python_tests/run.py --target MPS2_AN385 python_tests/memory/client_memory.py --define HOST=10.0.2.2
            """,
        "by test_ports.py, up to the processor": """
            make -C ports/stm32 BOARD=PYBD_SF6 USER_C_MODULES=/path/to/this/repository
            """,
        "by port/rp2/build.sh, for another board": """
            cmake -S ports/rp2 -B build -DMICROPY_BOARD=RPI_PICO2_W \
-DUSER_C_MODULES=/path/to/this/repository/micropython.cmake
            """,
        "by CI, as a part of make nano-test, and by test_flash.py": """
            make firmware BOARD=ARDUINO_NANO_RP2040_CONNECT
            make flash BOARD=ARDUINO_NANO_RP2040_CONNECT
            make nano-test
            """,
        "by test_boards.py and test_cmake_ports.py, with small trees": """
            make firmware BOARD=RPI_PICO_W MPY_DIR=/path/to/micropython
            make firmware BOARD=RPI_PICO2_W BOARD_VARIANT=RISCV MPY_DIR=/path/to/micropython
            make firmware BOARD=ESP32_GENERIC_C3 MPY_DIR=/path/to/micropython
            make firmware BOARD=ESP32_GENERIC MPY_DIR=/path/to/micropython
            make firmware BOARD=NUCLEO_F767ZI MPY_DIR=/path/to/micropython
            make firmware BOARD=TEENSY41 MPY_DIR=/path/to/micropython
            make firmware BOARD=ADAFRUIT_METRO_M4_EXPRESS MPY_DIR=/path/to/micropython
            """,
        "by nobody here, for it needs a board": """
            make flash BOARD=RPI_PICO_W MPY_DIR=/path/to/micropython
            esptool.py --chip esp32c3 write_flash 0 build/ESP32_GENERIC_C3/firmware.bin
            """,
        "by hand": """
            make firmware BOARD=RPI_PICO2_W MPY_DIR=/path/to/micropython
            make run BOARD=ARDUINO_NANO_RP2040_CONNECT
            make firmware-size BOARD=ARDUINO_NANO_RP2040_CONNECT
            make board-upstream-test BOARD=MPS2_AN385
            strace -f -c build/unix/micropython bench/scripts/mqtt_bench.py PORT publish 20000 64 0 1
            valgrind --tool=callgrind build/unix/micropython bench/scripts/mqtt_bench.py PORT receive 2000 16000
            """,
        "in the tests of the boards": """
            make firmware BOARD=MPS2_AN385
            make repl BOARD=MPS2_AN385
            make run BOARD=MPS2_AN385
            make python-test BOARD=MPS2_AN385
            make board-test
            python3 python_tests/run.py --target MPS2_AN385 script.py
            """,
    }.items()
    for line in map(str.strip, lines.strip().splitlines())
}


@of_language("sh")
def test_command(block):
    for line in block.source.splitlines():
        command = line.partition("#")[0].strip()
        assert not command or command in COMMANDS, f"nothing says where this is tried: {command}"


def test_every_block_is_tried():
    # Blocks of `py` are for a board with WiFi: test_nano.py tries it.
    known = {"python", "py", "pycon", "diff", "sh", "text"}
    assert not [str(block) for block in BLOCKS if block.language not in known]


@pytest.mark.parametrize("page", documents.PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for link in documents.links(page):
        if re.match(r"https?://|mailto:", link):
            continue
        path, _, anchor = link.partition("#")
        other = (page.parent / path).resolve() if path else page
        assert other.is_relative_to(ROOT) and other.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in documents.anchors(other), f"{link}: {other.name} has no such heading"


def limits():
    """The sizes of src/limits.rs: {variable: (on a microcontroller, on a PC)}."""
    source = (ROOT / "src" / "limits.rs").read_text(encoding="utf-8")
    found = re.findall(r'size\(option_env!\("(\w+)"\), ([\d *+]+), ([\d *+]+)\)', source)
    return {name: (eval(small), eval(large)) for name, small, large in found}


def test_the_page_on_memory_knows_the_limits():
    page = (ROOT / "docs" / "memory.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(MQTT_\w+)` \| (\d+) \| (\d+) \|", page, re.MULTILINE)
    assert {name: (int(small), int(large)) for name, small, large in rows} == limits()


def test_the_page_on_ports_knows_the_build_variables():
    def names(file, pattern):
        return set(re.findall(pattern, (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE))

    rows = names("docs/porting.md", r"^\| `([A-Z_0-9]+)` \|")
    built = names("port/micropython.mk", r"^(MQTT_\w+) \?=") | names("port/micropython.mk", r"^export (\w+)=")
    built |= names("src/limits.rs", r'option_env!\("(\w+)"\)') | names("build.rs", r'setting\("(\w+)"\)')
    built |= names("Makefile", r"^([A-Z_]+) \?=") | names("Makefile", r"\$\(or \$\(([A-Z_]+)\)")
    assert not built - rows


def test_the_page_on_memory_knows_what_a_client_takes(target, broker):
    """The command that the page shows. A tenth more at most, a quarter less; the figures are those of a
    Cortex-M3."""
    if target.name != "MPS2_AN385":
        pytest.skip("the page's figures are those of MPS2_AN385")
    page = (ROOT / "docs" / "memory.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^python3 python_tests/run.py .*client_memory.py.*$", page, re.MULTILINE)
    # The page's broker has the default port.
    command = [sys.executable, *shlex.split(command)[1:], "--define", f"PORT={broker.port}"]
    result = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    assert result.returncode == 0, result.stdout
    found = dict(re.findall(r"^(\w+).*: (\d+)$", result.stdout, re.MULTILINE))
    for name, words in (("client", "a client"), ("connection", "its connection"), ("subscription", "each subscription")):
        stated = int(re.search(rf"^\| {words}.*\| (\d+) \|$", page, re.MULTILINE)[1])
        assert stated * 3 // 4 <= int(found[name]) <= stated * 11 // 10, (name, found[name], stated)
    whole = int(found["client"]) + int(found["connection"])
    # 32 of them are the instance of the class, with its place for attributes, and 240 are for MQTT 5.
    assert whole <= 1088 + 240, "an idle client, all told"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for words, measured in (("client and its connection", whole), ("subscription", int(found["subscription"]))):
        stated = int(re.search(rf"^\| heap, for each {words} \| (\d+) \|", readme, re.MULTILINE)[1])
        assert stated * 9 // 10 <= measured <= stated * 11 // 10, (words, measured, stated)


def test_spelling():
    """Of the pages, the examples, the stubs, and all source text."""
    folders = ["README.md", "docs", "examples", "typings", "src", "port", "python_tests", "tests", "build.rs", "Makefile"]
    present = [folder for folder in folders if (ROOT / folder).exists()]
    command = [sys.executable, "-m", "codespell_lib", "--ignore-words", "python_tests/spelling.txt", *present]
    result = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert result.returncode == 0, result.stdout
