"""`make flash`: with drives that are folders."""

import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from harness.targets import ROOT

pytestmark = pytest.mark.plain

NANO = "ARDUINO_NANO_RP2040_CONNECT"
RP2040, RP2350 = 0xE48BFF56, 0xE48BFF59


class Flash:
    """A copy of the script, in a tree of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.media = folder / "media"
        self.bin = folder / "bin"
        self.bin.mkdir()
        script = folder / "port/rp2/flash.sh"
        script.parent.mkdir(parents=True)
        shutil.copy(ROOT / "port/rp2/flash.sh", script)
        self.script = script

    def build(self, board, family):
        image = self.folder / "build" / board / "firmware.uf2"
        image.parent.mkdir(parents=True)
        header = struct.pack("<8I", 0x0A324655, 0x9E5D5157, 0x2000, 0x10000000, 256, 0, 1, family)
        image.write_bytes(header.ljust(508, b"x") + struct.pack("<I", 0x0AB16F30))
        return image.read_bytes()

    def drive(self, name, board_id):
        drive = self.media / name
        drive.mkdir(parents=True)
        (drive / "INFO_UF2.TXT").write_text(f"UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: {board_id}\r\n")
        return drive

    def run(self, board, **environment):
        # Not this machine's picotool, if it has one.
        tools = {Path(shutil.which(name)).parent for name in ("sh", "sed", "od", "cp", "sync")}
        path = os.pathsep.join([str(self.bin), *map(str, tools)])
        env = {"PATH": path, "MEDIA": str(self.media), **environment}
        return subprocess.run([self.script, board], env=env, text=True, capture_output=True, timeout=120)


@pytest.fixture
def flash(tmp_path):
    if shutil.which("picotool", path="/usr/bin:/bin"):
        pytest.skip("this machine's picotool would be asked")
    return Flash(tmp_path)


@pytest.mark.parametrize("place", ["RPI-RP2", "ann/RPI-RP2"])
def test_onto_the_drive_that_is_mounted(flash, place):
    image = flash.build(NANO, RP2040)
    drive = flash.drive(place, "RPI-RP2")
    result = flash.run(NANO)
    assert result.returncode == 0, result.stderr
    assert (drive / "firmware.uf2").read_bytes() == image


def test_onto_the_drive_that_is_named(flash, tmp_path):
    image = flash.build("RPI_PICO2_W", RP2350)
    flash.drive("RP2350", "RP2350")
    drive = flash.drive("other/place", "RP2350")
    assert flash.run("RPI_PICO2_W", MOUNT=str(drive)).returncode == 0
    assert (drive / "firmware.uf2").read_bytes() == image
    assert not (flash.media / "RP2350/firmware.uf2").exists()


def test_by_picotool(flash):
    flash.build(NANO, RP2040)
    tool = flash.bin / "picotool"
    tool.write_text('#!/bin/sh\necho "picotool $*"\n')
    tool.chmod(0o755)
    result = flash.run(NANO)
    assert result.returncode == 0
    assert f"picotool load -x build/{NANO}/firmware.uf2" in result.stdout


def refusal(result):
    assert result.returncode == 1
    assert result.stdout == ""
    return result.stderr


def test_there_is_no_board(flash):
    flash.build(NANO, RP2040)
    said = refusal(flash.run(NANO))
    assert "no drive RPI-RP2" in said and "press its button twice" in said


def test_the_drive_of_another_processor(flash):
    flash.build(NANO, RP2040)
    drive = flash.drive("RP2350", "RP2350")
    assert "There is no board" in refusal(flash.run(NANO))
    assert "another processor (RP2350)" in refusal(flash.run(NANO, MOUNT=str(drive)))
    assert not (drive / "firmware.uf2").exists()


def test_a_drive_other_than_the_boot_roms(flash, tmp_path):
    flash.build(NANO, RP2040)
    assert "no INFO_UF2.TXT" in refusal(flash.run(NANO, MOUNT=str(tmp_path)))


def test_two_boards(flash):
    flash.build(NANO, RP2040)
    drives = [flash.drive(name, "RPI-RP2") for name in ("ann/RPI-RP2", "bob/RPI-RP2")]
    assert "two boards" in refusal(flash.run(NANO))
    assert not any((drive / "firmware.uf2").exists() for drive in drives)


def test_no_firmware(flash):
    assert "make firmware BOARD=RPI_PICO" in refusal(flash.run("RPI_PICO"))


def test_a_board_that_is_emulated(flash):
    assert "lives in QEMU" in refusal(flash.run("MPS2_AN385"))
