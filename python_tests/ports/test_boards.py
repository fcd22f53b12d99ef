"""port/board.sh, which `make firmware BOARD=` runs: it finds the port of the board, and names a part that is missing."""

import os
import shutil

import pytest

pytestmark = pytest.mark.plain

# Those of a build that asks for nothing.
DEFAULT_OPTIONS = "outbox into store aio v5 port-tls by-hand auto-reconnect"


def board(clone, name, variant="", **variables):
    return clone.run("port/board.sh", clone.micropython, "build/src", name, variant, **variables)


@pytest.fixture
def without_idf(clone, tmp_path):
    if shutil.which("idf.py"):
        pytest.skip("there is an ESP-IDF here")


def with_idf(tmp_path):
    """A search path with an idf.py that is never called."""
    folder = tmp_path / "idf"
    folder.mkdir()
    (folder / "idf.py").write_text("#!/bin/sh\nexit 9\n")
    (folder / "idf.py").chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_a_board_of_stm32(clone, host):
    """It needs a submodule; then it builds, without TLS, and says so."""
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("no compiler for Arm here")
    result = board(clone, "SMALL_F7")
    assert result.returncode == 1
    assert f"  git -C {clone.micropython} submodule update --init lib/stm32lib\n" in result.stderr
    (clone.micropython / "lib" / "stm32lib").mkdir()
    (clone.micropython / "lib" / "stm32lib" / "README.md").touch()
    result = board(clone, "SMALL_F7", MQTT_RUST_TARGET=host, TEST_CC="arm-none-eabi-gcc")
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"  MQTT     target {host}, profile release, TLS: none, options: {DEFAULT_OPTIONS}\n" in result.stdout
    assert (clone.root / "build" / "SMALL_F7" / "firmware.hex").exists()


def test_esp32_without_its_sdk(clone, without_idf):
    result = board(clone, "SMALL_C3")
    assert result.returncode == 1
    assert "There is no ESP-IDF here (no idf.py), which SMALL_C3 needs." in result.stderr


def test_esp32_without_a_submodule(clone, tmp_path):
    result = board(clone, "SMALL_C3", PATH=with_idf(tmp_path))
    assert result.returncode == 1
    assert "submodule update --init lib/berkeley-db-1.xx\n" in result.stderr


def test_xtensa_without_espressifs_rust(clone, tmp_path):
    (clone.micropython / "lib" / "berkeley-db-1.xx").mkdir()
    (clone.micropython / "lib" / "berkeley-db-1.xx" / "README").touch()
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "rustup").write_text("#!/bin/sh\nexit 1\n")
    (folder / "rustup").chmod(0o755)
    result = board(clone, "SMALL_XTENSA", PATH=f"{folder}:{with_idf(tmp_path)}")
    assert result.returncode == 1
    assert "SMALL_XTENSA has an Xtensa processor" in result.stderr and "espup install" in result.stderr


def test_a_port_without_a_command(clone):
    result = board(clone, "SMALL_ZEPHYR")
    assert result.returncode == 1
    assert "SMALL_ZEPHYR is a board of MicroPython's port zephyr" in result.stderr and "docs/porting.md" in result.stderr


def test_a_board_that_no_port_has(clone):
    result = board(clone, "NO_SUCH_BOARD")
    assert result.returncode == 1
    assert "MicroPython has no board 'NO_SUCH_BOARD'" in result.stderr and "MPS2_AN385" in result.stderr
