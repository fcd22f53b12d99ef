"""The module in other ports of MicroPython: their own makefiles say which processor they
build for, and the Rust target follows from that."""

import shutil
import subprocess

import pytest
from harness import processes
from harness.targets import ROOT, Unix

MICROPYTHON = ROOT / "build" / "src" / "micropython-1.25.0"
RUST_TARGET = ROOT / "port" / "rust_target.sh"

# A board for each kind of processor.
MAKE_BOARDS = {
    ("stm32", "NUCLEO_F091RC"): "thumbv6m-none-eabi",  # Cortex-M0
    ("stm32", "NUCLEO_L073RZ"): "thumbv6m-none-eabi",  # Cortex-M0+
    ("stm32", "NUCLEO_L152RE"): "thumbv7m-none-eabi",  # Cortex-M3
    ("stm32", "PYBV11"): "thumbv7em-none-eabihf",  # Cortex-M4F
    ("stm32", "NUCLEO_F746ZG"): "thumbv7em-none-eabihf",  # Cortex-M7, single precision
    ("stm32", "PYBD_SF6"): "thumbv7em-none-eabihf",
    ("stm32", "NUCLEO_H743ZI"): "thumbv7em-none-eabihf",  # Cortex-M7, double precision
    ("stm32", "NUCLEO_H563ZI"): "thumbv8m.main-none-eabihf",  # Cortex-M33F
    ("samd", "SEEED_XIAO_SAMD21"): "thumbv6m-none-eabi",
    ("samd", "ADAFRUIT_METRO_M4_EXPRESS"): "thumbv7em-none-eabihf",
    ("mimxrt", "MIMXRT1010_EVK"): "thumbv7em-none-eabi",  # passes floats as software does
    ("mimxrt", "TEENSY41"): "thumbv7em-none-eabihf",
    ("renesas-ra", "EK_RA4M1"): "thumbv7em-none-eabihf",
    ("nrf", "PCA10040"): "thumbv7em-none-eabihf",
    ("qemu", "MICROBIT"): "thumbv6m-none-eabi",
    ("qemu", "MPS2_AN385"): "thumbv7m-none-eabi",
    ("qemu", "VIRT_RV32"): "riscv32imac-unknown-none-elf",
}


@pytest.fixture(autouse=True, scope="module")
def on_this_machine(target):
    if not isinstance(target, Unix):
        pytest.skip("nothing of the target's is tested")
    if not MICROPYTHON.exists():
        pytest.skip("the tree that is built is of the user's own choosing")


def ask(port, board, tmp_path, *arguments):
    """The Rust target that the port's makefiles choose, the profile and the features, with this repository as
    USER_C_MODULES."""
    question = "mqtt-question: ; @echo answer=$(MQTT_RUST_TARGET),$(MQTT_RUST_PROFILE),$(MQTT_FEATURES)"
    command = ["make", "-C", MICROPYTHON / "ports" / port, f"BOARD={board}", f"BUILD={tmp_path}"]
    command += [f"USER_C_MODULES={ROOT}", f"--eval={question}", "mqtt-question", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("port, board", MAKE_BOARDS, ids=lambda name: name)
def test_rust_target_of_a_make_port(port, board, tmp_path):
    result = ask(port, board, tmp_path)
    # No TLS, which nothing has asked for.
    answer = f"answer={MAKE_BOARDS[port, board]},release,micropython outbox into store aio v5 port-tls by-hand auto-reconnect"
    assert answer in [line.rstrip() for line in result.stdout.splitlines()], result.stdout + result.stderr


def test_the_module_runs_on_risc_v():
    """MicroPython's qemu port, which has no network: the module does without it."""
    image = ROOT / "build" / "qemu-VIRT_RV32" / "firmware.elf"
    if not image.exists():
        pytest.skip("not built: `make riscv` builds it")
    command = ["qemu-system-riscv32", "-machine", "virt", "-bios", "none", "-display", "none", "-monitor", "none"]
    command += ["-semihosting", "-serial", "stdio", "-kernel", image]
    script = """
import mqtt
def attempt(function, *arguments):
    try:
        function(*arguments)
    except Exception as error:
        print(type(error).__name__, error)
for number in range(100):
    client = mqtt.Client("riscv-%d" % number, clean_session=False)
    client.subscribe("a/+/c", print, 2)
attempt(client.publish, "a/+", "x")
attempt(client.publish, "a", "x", 2)
attempt(client.connect, "127.0.0.1", 30)
print(mqtt.__version__, client.get_return_code(), client.connected())
"""
    with processes.start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as qemu:
        try:
            # The raw REPL, the script, and the end.
            qemu.stdin.write(b"\x01" + script.encode() + b"\x04\x02import machine\rmachine.reset()\r")
            qemu.stdin.flush()
            printed = qemu.communicate(timeout=60)[0].decode()
        except subprocess.TimeoutExpired:
            qemu.kill()
            pytest.fail(f"it did not end; it printed {qemu.communicate()[0]!r}")
    lines = printed.partition(">OK")[2].splitlines()
    assert lines[0] == "ValueError topic has a wildcard where none can be", printed
    assert lines[1].startswith("OSError [Errno ") and lines[1].endswith("not connected to a broker"), printed
    assert lines[2].startswith("ImportError "), printed
    assert lines[3].endswith(" -1 False"), printed


def test_a_port_that_lacks_what_the_read_loop_needs(tmp_path):
    """MicroPython's own qemu port has neither threads nor timers, nor a network."""
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("no compiler for Arm here")
    folders = [MICROPYTHON / "ports" / "qemu", MICROPYTHON, tmp_path, ROOT / "port"]
    genhdr = tmp_path / "genhdr"
    genhdr.mkdir()
    for header in ("mpversion.h", "qstrdefs.generated.h", "root_pointers.h", "moduledefs.h"):
        (genhdr / header).touch()
    command = ["arm-none-eabi-gcc", "-mthumb", "-mcpu=cortex-m3", *(f"-I{folder}" for folder in folders)]
    command += ["-E", "-o", tmp_path / "out", ROOT / "port" / "mqtt_sched.c"]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert result.returncode != 0
    assert "mqtt: this port has neither threads with a GIL nor" in result.stderr, result.stderr


def test_a_processor_that_is_not_known(tmp_path):
    """A Cortex-A9: the build ends, and says what to do."""
    result = ask("qemu", "SABRELITE", tmp_path)
    assert result.returncode != 0 and "answer=" not in result.stdout
    assert "cortex-a9" in result.stderr and "MQTT_RUST_TARGET=<triple>" in result.stderr


def test_the_builder_can_choose_the_rust_target(tmp_path):
    result = ask("qemu", "SABRELITE", tmp_path, "MQTT_RUST_TARGET=armv7a-none-eabi")
    assert "answer=armv7a-none-eabi,release," in result.stdout, result.stderr


# As the toolchain files of the SDKs have them.
CMAKE_FLAGS = {
    "RP2040": ("-mcpu=cortex-m0plus -mthumb", "thumbv6m-none-eabi"),
    "RP2350": (
        "-mcpu=cortex-m33 -mthumb -march=armv8-m.main+fp+dsp -mfloat-abi=softfp -mcmse",
        "thumbv8m.main-none-eabi",
    ),
    "RP2350, RISC-V, newer": (
        "-march=rv32ima_zicsr_zifencei_zba_zbb_zbs_zbkb_zca_zcb_zcmp -mabi=ilp32",
        "riscv32imac-unknown-none-elf",
    ),
    "RP2350, RISC-V": ("-march=rv32imac_zicsr_zifencei_zba_zbb_zbs_zbkb -mabi=ilp32", "riscv32imac-unknown-none-elf"),
    "ESP32-C3": ("-march=rv32imc_zicsr_zifencei", "riscv32imc-unknown-none-elf"),
    "ESP32-C6": ("-march=rv32imac_zicsr_zifencei", "riscv32imac-unknown-none-elf"),
    "ESP32-P4": ("-march=rv32imafc_zicsr_zifencei_xesppie -mabi=ilp32f", "riscv32imafc-unknown-none-elf"),
}


@pytest.mark.parametrize("chip", CMAKE_FLAGS)
def test_rust_target_of_a_cmake_port(chip):
    flags, triple = CMAKE_FLAGS[chip]
    command = [RUST_TARGET, "some-elf-", *flags.split()]
    assert subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout == f"{triple}\n"


def test_an_xtensa_processor_needs_a_rust_target_from_the_builder():
    """Rust's own distribution has no target for an ESP32 or ESP32-S3."""
    command = [RUST_TARGET, "xtensa-esp32-elf-", "-mlongcalls", "-Wno-frame-address"]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert result.returncode == 1 and not result.stdout
    assert "MQTT_RUST_TARGET=<triple>" in result.stderr


def test_every_target_is_one_that_rust_has():
    known = subprocess.run(["rustc", "--print", "target-list"], stdout=subprocess.PIPE, text=True, check=True)
    wanted = {*MAKE_BOARDS.values(), *(triple for _, triple in CMAKE_FLAGS.values())}
    assert wanted <= set(known.stdout.split())
