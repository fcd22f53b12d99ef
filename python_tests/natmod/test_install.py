"""Installing the native module with mip, on the interpreters that Debian ships."""

import functools
import http.server
import subprocess
import sys
import threading

import pytest
from harness.targets import ROOT

pytestmark = pytest.mark.natmod

INTERPRETERS = ["micropython-stock", "micropython-stock-newest"]
BUILT = ROOT / "build/mpy"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves the files of a folder, and remembers the paths that were asked for."""

    asked = []

    def do_GET(self):
        self.asked.append(self.path)
        super().do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture
def files(tmp_path):
    return tmp_path / "files"


@pytest.fixture(params=INTERPRETERS)
def run(request):
    """Runs a program in a folder; returns its output."""
    interpreter = ROOT / "build/src" / request.param / "micropython"
    if not interpreter.exists():
        pytest.skip(f"{request.param} is not here: `make mpy-test` fetches it")

    def run(folder, program):
        environment = {"MICROPYPATH": f"{folder}:.frozen", "HOME": str(folder)}
        command = [interpreter, "-c", program]
        result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    return run


@pytest.fixture
def server(files):
    Quiet.asked.clear()
    handler = functools.partial(Quiet, directory=files)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        subprocess.run([sys.executable, ROOT / "port/natmod/package.py", BUILT, files, url], check=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield url
        server.shutdown()


def test_mip_installs_a_package(run, server, tmp_path):
    run(tmp_path, f"import mip; mip.install('{server}/x64', target='{tmp_path}')")
    assert Quiet.asked == ["/x64/package.json", "/x64/mqtt.mpy"]
    assert (tmp_path / "mqtt.mpy").read_bytes() == (BUILT / "x64/mqtt.mpy").read_bytes()


def test_the_installer_selects_the_file(run, server, tmp_path, broker):
    run(tmp_path, f"import mip; mip.install('{server}/install.py', target='{tmp_path}')")
    run(tmp_path, f"import install; install.mqtt('{server}', target='{tmp_path}')")
    assert "/x64/mqtt.mpy" in Quiet.asked
    assert (tmp_path / "mqtt.mpy").read_bytes() == (BUILT / "x64/mqtt.mpy").read_bytes()
    assert run(tmp_path, at(broker, first_example("README.md"))) == "sensors/kitchen/temperature b'21.5'\n"


@pytest.mark.parametrize("by_name", [True, False], ids=["package", "installer"])
def test_mip_installs_the_client_for_asyncio(run, server, tmp_path, broker, by_name):
    """With the module that it needs."""
    install = f"mip.install('{server}/x64-aio/package.json', target='{tmp_path}')"
    if not by_name:
        run(tmp_path, f"import mip; mip.install('{server}/install.py', target='{tmp_path}')")
        install = f"import install; install.mqtt_aio('{server}', target='{tmp_path}')"
    run(tmp_path, f"import mip; {install}")
    assert Quiet.asked[-3:] == [f"/x64-aio/{name}" for name in ("package.json", "mqtt.mpy", "mqtt_aio.mpy")]
    assert run(tmp_path, at(broker, first_example("docs/asyncio.md"))) == "sensors/kitchen/temperature b'21.5'\n"


def first_example(page):
    return (ROOT / page).read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]


def at(broker, example):
    """An example of the documentation, at this broker."""
    keyword = "keepalive=30"
    assert '"192.168.1.10"' in example and keyword in example
    return example.replace("192.168.1.10", "127.0.0.1").replace(keyword, f"{keyword}, port={broker.port}")


def test_mip_installs_the_drop_ins(run, server, tmp_path, broker):
    """Into the folder that comes before the modules of the firmware, which may have the originals."""
    for package in ("x64", "umqtt.robust"):
        run(tmp_path, f"import mip; mip.install('{server}/{package}', target='{tmp_path}')")
    program = f"""
from umqtt.robust import MQTTClient
client = MQTTClient("installed", "127.0.0.1", {broker.port})
client.set_callback(print)
client.connect()
client.subscribe("installed/t")
client.publish("installed/t", "x", qos=2)
client.check_msg()
client.disconnect()
"""
    assert run(tmp_path, program) == "b'installed/t' b'x'\n"
    run(tmp_path, f"import mip; mip.install('{server}/umqtt.simple', target='{tmp_path}/simple')")
    assert [path.name for path in (tmp_path / "simple/umqtt").iterdir()] == ["simple.py"]


def test_mip_installs_mqtt_as_with_what_it_needs(run, server, tmp_path, broker):
    for package in ("x64", "mqtt_as"):
        run(tmp_path, f"import mip; mip.install('{server}/{package}', target='{tmp_path}')")
    program = f"""
import asyncio
from mqtt_as import MQTTClient, config
async def main():
    client = MQTTClient(config)
    await client.connect()
    await client.subscribe("installed/as", 1)
    await client.publish("installed/as", "x", qos=1)
    async for message in client.queue:
        print(message)
        break
    await client.disconnect()
config["server"], config["port"], config["queue_len"] = "127.0.0.1", {broker.port}, 1
asyncio.run(main())
"""
    assert run(tmp_path, program) == "(b'installed/as', b'x', False)\n"


def test_the_first_example_runs_on_stock_firmware(run, server, tmp_path, broker):
    run(tmp_path, f"import mip; mip.install('{server}/x64', target='{tmp_path}')")
    program = (ROOT / "README.md").read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    assert run(tmp_path, at(broker, program)) == "sensors/kitchen/temperature b'21.5'\n"
