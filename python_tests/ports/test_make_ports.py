"""Builds with make: the CMSIS that a makefile chooses, and the headers that bindgen reads."""

import os
import shutil
import subprocess

import pytest
from harness.targets import ROOT

from .conftest import MICROPYTHON

pytestmark = pytest.mark.plain

# The part of CMSIS 6 that matters: it takes the processor's instructions from the compiler's own header.
CMSIS_6 = """
#include <stdint.h>
#include <arm_acle.h>
static inline void barrier(void) { __dmb(15); }
"""


def with_cmsis_6(folder):
    """The place of CMSIS 6 in MicroPython 1.29, which has no lib/cmsis."""
    place = folder / "lib" / "CMSIS_6" / "CMSIS" / "Core" / "Include"
    place.mkdir(parents=True)
    (place / "core_cm3.h").write_text(CMSIS_6)
    return place


@pytest.fixture
def arm():
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("no compiler for Arm here")


def ask_mps2(clone, question):
    """Has the makefile of port/mps2 print something."""
    command = ["make", "-C", "port/mps2", f"MPY_DIR={clone.micropython}", f"USER_C_MODULES={clone.root}"]
    command += [f"BUILD={clone.root / 'out'}", f"--eval=question: ; @echo answer=$({question})", "question"]
    return clone.run(*command)


def newer_tree(clone):
    """The small tree, with those parts of MicroPython's that the makefile of port/mps2 includes."""
    (clone.micropython / "extmod").symlink_to(MICROPYTHON / "extmod")
    return clone.micropython


def test_cmsis_of_an_older_and_a_newer_micropython(clone, arm):
    tree = newer_tree(clone)
    place = with_cmsis_6(tree)
    result = ask_mps2(clone, "INC")
    assert f"-I{place} " in result.stdout, result.stdout + result.stderr
    shutil.rmtree(tree / "lib" / "CMSIS_6")
    (tree / "lib" / "cmsis").symlink_to(MICROPYTHON / "lib" / "cmsis")
    result = ask_mps2(clone, "INC")
    assert f"-I{tree}/lib/cmsis/inc " in result.stdout, result.stdout + result.stderr


def test_a_tree_without_cmsis(clone, arm):
    tree = newer_tree(clone)
    (tree / "lib" / "CMSIS_6").mkdir()
    result = ask_mps2(clone, "INC")
    assert result.returncode != 0 and "answer=" not in result.stdout
    assert f"{tree} has no CMSIS; fetch it with: git -C {tree} submodule update --init lib/CMSIS_6" in result.stderr


def build_script():
    """build.rs as `make unix` has compiled it."""
    found = (ROOT / "build" / "unix" / "mqtt" / "target").glob("*/build/mqtt-*/build-script-build")
    return max(found, key=lambda path: path.stat().st_mtime)


def test_bindgen_reads_cmsis_6(clone, arm, tmp_path):
    """With the headers that the makefile of port/mps2 gets from GCC."""
    tree = newer_tree(clone)
    place = with_cmsis_6(tree)
    result = ask_mps2(clone, "MQTT_SYSTEM_INCLUDES")
    system = result.stdout.partition("answer=")[2].split()
    assert any(path.endswith("/arm-none-eabi/include") for path in system), result.stdout + result.stderr
    config = tmp_path / "config"
    config.mkdir()
    (config / "mpconfigport.h").write_text('#include "core_cm3.h"\n#include "mps2/mpconfigport.h"\n')
    genhdr = tmp_path / "genhdr"
    genhdr.mkdir()
    for header in ("compressed.data.h", "mpversion.h", "qstrdefs.generated.h", "root_pointers.h", "moduledefs.h"):
        (genhdr / header).touch()
    folders = [config, clone.root / "port", clone.root / "port" / "mps2", MICROPYTHON, tmp_path, place]
    flags = tmp_path / "cflags"
    flags.write_text(" ".join([*(f"-I{folder}" for folder in folders), *system]))
    settings = {
        "MQTT_MPY_CFLAGS": str(flags),
        "MQTT_MPY_PORT_DIR": str(clone.root / "port" / "mps2"),
        "MQTT_MPY_GENHDR": str(genhdr),
        "OUT_DIR": str(tmp_path),
        "TARGET": "thumbv7m-none-eabi",
        "HOST": "x86_64-unknown-linux-gnu",
    }
    command = [build_script()]
    result = subprocess.run(command, cwd=clone.root, env={**os.environ, **settings}, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "fn mqtt_vm_" in (tmp_path / "bindings.rs").read_text()
