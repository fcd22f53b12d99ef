"""The page of the downloads, and the check that ends `make dist` (port/dist/)."""

import hashlib
import json
import subprocess
import sys

import pytest
from harness.targets import ROOT

pytestmark = pytest.mark.plain

DIST = ROOT / "port" / "dist"
BOARDS = json.loads((DIST / "boards.json").read_text(encoding="utf-8"))
CONTENT = b"of no meaning"
PACKAGES = ["umqtt.simple/package.json", "mqtt_as/package.json"]
MODULES = [f"armv7emsp{kind}/mqtt.mpy" for kind in ("", "-tls", "-lean", "-aio")]
FILES = [*MODULES, "armv7emsp/package.json", *PACKAGES]


def release(folder, version, boards, files):
    """Makes a release of files with the same content."""
    place = folder / version
    names = [*boards.values(), *files]
    for name in [*names, *(board["page"].replace("docs/", "docs/docs/", 1) for board in BOARDS), "docs/index.html"]:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(CONTENT)
    digest = hashlib.sha256(CONTENT).hexdigest()
    (place / "SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for name in names))
    description = {"version": version, "micropython": "1.25.0", "boards": boards}
    description |= {"sums": dict.fromkeys(names, digest), "sizes": dict.fromkeys(names, len(CONTENT))}
    (place / "release.json").write_text(json.dumps(description))


def run(program):
    return subprocess.run([sys.executable, "-c", program], cwd=DIST, capture_output=True, text=True)


@pytest.fixture
def dist(tmp_path):
    """Two releases and their page."""
    release(tmp_path, "0.9.0", {"unix": "micropython-linux"}, ["x64/mqtt.mpy", "install.py"])
    images = {"RPI_PICO2_W": "pico2.uf2", "RPI_PICO2_W-RISCV": "pico2-riscv.uf2", "RPI_PICO_W": "pico.uf2"}
    release(tmp_path, "0.10.0", images, [*FILES, "install.py", "mqtt.pyi"])
    result = run(f"import page, pathlib; page.write(pathlib.Path({str(tmp_path)!r}))")
    assert result.returncode == 0, result.stderr
    return tmp_path


def check(dist):
    return subprocess.run([sys.executable, DIST / "check.py", dist], capture_output=True, text=True)


def sections(dist):
    """The parts of the page, by their names."""
    parts = (dist / "index.html").read_text().split("<section ")[1:]
    return {part.split('"')[1]: part.partition("</section>")[0] for part in parts}


def test_a_release_has_the_images_with_the_module_alone(tmp_path):
    """A build folder also has images that serve tests and comparisons."""
    images = [f"RPI_PICO_W/firmware.{kind}" for kind in ("uf2", "elf")]
    images += ["images/ESP32_GENERIC/firmware.bin", "MPS2_AN385/firmware.elf"]
    others = [f"{name}/firmware.elf" for name in ("MPS2_AN385-bare", "MPS2_AN385-bench", "qemu-VIRT_RV32", "xtensa")]
    for name in images + others:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(CONTENT)
    result = run(f"""
import pathlib, collect
collect.BUILD = pathlib.Path({str(tmp_path)!r})
print(*(f"{{board}} {{file.relative_to(collect.BUILD)}}" for board, file in collect.images()), sep="\\n")
""")
    assert result.returncode == 0, result.stderr
    found = dict(line.split() for line in result.stdout.splitlines())
    assert found == {
        "ESP32_GENERIC": "images/ESP32_GENERIC/firmware.bin",
        "MPS2_AN385": "MPS2_AN385/firmware.elf",
        "RPI_PICO_W": "RPI_PICO_W/firmware.uf2",
    }


def test_the_page_is_sound(dist):
    result = check(dist)
    assert result.returncode == 0, result.stderr


def test_the_newest_version_stands_first(dist):
    text = (dist / "index.html").read_text()
    assert "<option>0.10.0</option><option>0.9.0</option>" in text
    assert "$" not in text.partition("<script>")[0]


def test_every_board_has_a_file_or_commands(dist):
    parts = sections(dist)
    for version in ("0.9.0", "0.10.0"):
        for board in BOARDS:
            part = parts[f"{board['board']}-{version}"]
            assert "href=" in part and (board["flash"] in part or f"<pre>{board['build']}</pre>" in part), part


def test_a_board_with_images_and_a_file(dist):
    part = sections(dist)["RPI_PICO2_W-0.10.0"]
    for name in ("pico2.uf2", "pico2-riscv.uf2", *MODULES):
        assert f'href="0.10.0/{name}"' in part
    assert "install.mqtt(" in part
    # Another board, whose name begins the same.
    assert "pico2" not in sections(dist)["RPI_PICO_W-0.10.0"]


def test_packages_of_python(dist):
    text = (dist / "index.html").read_text()
    assert [text.count(f"/{package}") for package in PACKAGES] == [1, 1]
    assert "/armv7emsp/package.json" not in text


def test_a_processor_without_a_file(dist):
    part = sections(dist)["ESP32_GENERIC-0.10.0"]
    assert "There is no file for its processor" in part and "install.mqtt(" not in part


def test_the_check_finds_a_missing_file(dist):
    (dist / "0.10.0" / "docs" / "index.html").unlink()
    (dist / "0.10.0" / "pico.uf2").unlink()
    result = check(dist)
    assert result.returncode == 1
    assert "0.10.0/docs/index.html leads nowhere" in result.stderr
    assert "0.10.0/pico.uf2 leads nowhere" in result.stderr
    assert "pico.uf2: not the file with the checksum" in result.stderr


def test_the_check_finds_a_changed_file(dist):
    (dist / "0.9.0" / "install.py").write_bytes(b"something else")
    assert "install.py: not the file with the checksum" in check(dist).stderr


@pytest.mark.parametrize("tag", ['<script src="https://example.org/x.js"></script>', '<link rel="stylesheet" href="//x.org/y">'])
def test_the_check_finds_what_a_page_loads(dist, tag):
    with (dist / "index.html").open("a") as page:
        page.write(tag)
    assert "index.html: loads " in check(dist).stderr


def test_the_check_finds_a_lost_anchor(dist):
    with (dist / "index.html").open("a") as page:
        page.write('<a href="#nowhere">x</a>')
    assert "#nowhere leads nowhere" in check(dist).stderr


def test_every_page_of_a_board_shows_its_command():
    for board in BOARDS:
        page = (ROOT / board["page"]).with_suffix(".md").read_text(encoding="utf-8")
        assert f"\n{board['build']}\n" in page, board
