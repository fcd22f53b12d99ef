"""A clone of this repository beside a small tree of MicroPython, and a cargo that compiles nothing.

The ports that these tests are about need software that a test cannot fetch: ESP-IDF, the drivers of a chip, CMSIS 6.
The small tree has MicroPython's own `py` with its rules for make and for CMake, and ports of a few lines that
read these rules in the order and with the settings of the real ones (trees/).
"""

import dataclasses
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from harness.targets import ROOT, Unix

MICROPYTHON = ROOT / "build" / "src" / "micropython-1.25.0"
TREES = Path(__file__).with_name("trees")

# Leaves a library with one of the functions, and the list of the headers that were there when it was called.
CARGO = """#!/bin/sh
set -eu
mkdir -p "$MQTT_MPY_GENHDR"
ls "$MQTT_MPY_GENHDR" >"$CARGO_TARGET_DIR.headers"
while [ $# -gt 1 ]; do
    case $1 in --target) triple=$(basename "$2" .json) ;; --profile) profile=$2 ;; esac
    shift
done
mkdir -p "$CARGO_TARGET_DIR/$triple/$profile"
echo 'void mqtt_client_publish(void) {}' | "${TEST_CC:-gcc}" -c -x c -o "$CARGO_TARGET_DIR/one.o" -
ar cr "$CARGO_TARGET_DIR/$triple/$profile/libmqtt.a" "$CARGO_TARGET_DIR/one.o"
"""
MPY_CROSS = """all:
\t@mkdir -p $(BUILD)
\t@echo '#!/bin/sh' >$(BUILD)/mpy-cross
\t@chmod +x $(BUILD)/mpy-cross
"""


@dataclasses.dataclass
class Clone:
    """The folder of the clone, that of the small tree, and the environment with the cargo that compiles nothing."""

    root: Path
    micropython: Path
    environment: dict

    def run(self, *command, **variables):
        """Runs a command in the clone."""
        command = [str(word) for word in command]
        environment = {**self.environment, **variables}
        return subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, timeout=300)


@pytest.fixture(autouse=True)
def on_this_machine(target):
    if not isinstance(target, Unix):
        pytest.skip("nothing of the target's is tested")
    if not MICROPYTHON.exists():
        pytest.skip("the tree that is built is of the user's own choosing")


@pytest.fixture
def host():
    """The Rust target of this machine."""
    version = subprocess.run(["rustc", "-vV"], capture_output=True, text=True, check=True).stdout
    return version.partition("host: ")[2].split()[0]


@pytest.fixture
def clone(tmp_path):
    """A clean clone, as far as the rules of builds need it."""
    root = tmp_path / "clone"
    root.mkdir()
    for name in ("port", "src"):
        shutil.copytree(ROOT / name, root / name)
    for name in ("build.rs", "Cargo.toml", "Cargo.lock", "micropython.cmake", "rust-toolchain.toml"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, root)
    cargo = tmp_path / "cargo"
    cargo.write_text(CARGO, encoding="utf-8")
    cargo.chmod(0o755)
    return Clone(root, small_tree(tmp_path / "micropython"), {**os.environ, "MQTT_CARGO": str(cargo)})


def small_tree(folder):
    """A full checkout of MicroPython, with the submodules that the small ports look for."""
    shutil.copytree(TREES, folder / "ports")
    for name in ("lib/pico-sdk", "lib/tinyusb/src", "lib/micropython-lib", "mpy-cross", "tools"):
        (folder / name).mkdir(parents=True)
    (folder / "py").symlink_to(MICROPYTHON / "py")
    for name in ("lib/pico-sdk/pico_sdk_init.cmake", "lib/tinyusb/src/tusb.h", "lib/micropython-lib/README.md"):
        (folder / name).touch()
    (folder / "mpy-cross" / "Makefile").write_text(MPY_CROSS, encoding="utf-8")
    (folder / "tools" / "uf2conv.py").symlink_to(MICROPYTHON / "tools" / "uf2conv.py")
    (folder / "tools" / "uf2families.json").symlink_to(MICROPYTHON / "tools" / "uf2families.json")
    return folder
