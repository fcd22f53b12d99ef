"""Builds with CMake, of small ports in the manner of rp2 and esp32."""

import shutil

import pytest

pytestmark = [
    pytest.mark.plain,
    pytest.mark.skipif(not (shutil.which("cmake") and shutil.which("ninja")), reason="no CMake here"),
]

# Those of a build that asks for nothing.
DEFAULT_OPTIONS = "outbox into store aio v5 port-tls by-hand auto-reconnect"


def configure(clone, port, modules, *options):
    """Configures the port in clone/out, with this USER_C_MODULES."""
    source = clone.micropython / "ports" / port
    command = ["cmake", "-S", source, "-B", "out", "-G", "Ninja", "-DCMAKE_C_COMPILER_WORKS=1"]
    command += [f"-DUSER_C_MODULES={modules}", *options]
    return clone.run(*command)


def build(clone, *targets):
    """Builds in clone/out, with one job."""
    result = clone.run("ninja", "-C", "out", "-j", 1, *targets)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_user_c_modules_can_be_the_folder(clone, host):
    """As for make."""
    result = configure(clone, "esp32", clone.root, f"-DMQTT_RUST_TARGET={host}")
    assert result.returncode == 0, result.stderr
    assert "Found User C Module(s): usermod_mqtt" in result.stderr


def test_the_target_that_has_its_name_after_the_module(clone, host):
    """The object joins it, and bindgen gets its definitions and its headers. The output says what is built in."""
    result = configure(clone, "esp32", clone.root / "port" / "micropython.cmake", f"-DMQTT_RUST_TARGET={host}")
    assert result.returncode == 0, result.stderr
    assert f"mqtt: target {host}, profile release, TLS: none, options: {DEFAULT_OPTIONS}\n" in build(clone)
    flags = (clone.root / "out" / "mqtt" / "cflags").read_text().split()
    assert "-DOF_THE_PORT=1" in flags
    assert f"-I{(clone.micropython / 'ports' / 'headers')}" in flags
    inputs = clone.run("ninja", "-C", "out", "-t", "query", "lib__idf_main.a").stdout
    assert "mqtt/mqtt.o" in inputs


def test_a_fresh_folder_with_one_job(clone, host):
    """All headers that py/misc.h and py/obj.h include are there when bindgen reads these."""
    options = [f"-DMQTT_RUST_TARGET={host}", "-DMICROPY_ROM_TEXT_COMPRESSION=1"]
    result = configure(clone, "esp32", clone.root / "port" / "micropython.cmake", *options)
    assert result.returncode == 0, result.stderr
    build(clone, "mqtt/mqtt.o")
    headers = set((clone.root / "out" / "mqtt" / "target.headers").read_text().split())
    assert headers >= {
        "compressed.data.h",
        "moduledefs.h",
        "mpversion.h",
        "qstrdefs.generated.h",
        "root_pointers.h",
    }


@pytest.mark.parametrize(
    "options, line",
    [
        (
            ["-DMQTT_TLS=p256 rsa", "-DMQTT_INTO=0"],
            "profile release, TLS: p256 ed25519 rsa, options: outbox store aio v5 port-tls by-hand auto-reconnect",
        ),
        (
            ["-DMQTT_TLS=no-ed25519", "-DMQTT_RUST_PROFILE=release-fast"],
            f"profile release-fast, TLS: p256, options: {DEFAULT_OPTIONS}",
        ),
    ],
)
def test_the_build_says_what_is_built_in(clone, host, options, line):
    result = configure(clone, "esp32", clone.root / "port" / "micropython.cmake", f"-DMQTT_RUST_TARGET={host}", *options)
    assert result.returncode == 0, result.stderr
    # The command of the build, without the headers that it waits for.
    command = clone.run("ninja", "-C", "out", "-t", "commands", "mqtt/mqtt.o").stdout.splitlines()[-1]
    (clone.root / "out" / "genhdr").mkdir()
    result = clone.run("sh", "-c", command)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"mqtt: target {host}, {line}\n" in result.stdout


def test_flags_in_a_file(clone, tmp_path):
    """ESP-IDF 6 hands the flags to the compiler in files."""
    (tmp_path / "cflags").write_text('"-DX=1"\n"-march=rv32imac_zicsr_zifencei"\n')
    # The compiler of this machine cannot use them, and nothing is compiled.
    options = [f"-DCMAKE_C_FLAGS=@{tmp_path / 'cflags'}", "-DCMAKE_C_COMPILER_FORCED=1", "-DCMAKE_C_COMPILER_ID_RUN=1"]
    result = configure(clone, "esp32", clone.root, *options)
    assert result.returncode == 0, result.stderr
    assert (clone.root / "out" / "mqtt" / "rust_target").read_text() == "riscv32imac-unknown-none-elf\n"


def test_a_port_that_names_no_processor(clone):
    """As MicroPython's zephyr, whose flags are elsewhere."""
    result = configure(clone, "esp32", clone.root)
    assert result.returncode != 0
    words = " ".join(result.stderr.split())
    assert "name no processor" in words and "MQTT_RUST_TARGET=<triple>" in words
    assert "thumbv7em-none-eabi" in words and "riscv32imc-unknown-none-elf" in words


def rp2_build(clone, host, *arguments, **variables):
    """port/rp2/build.sh, which the Makefile calls from the clone's folder."""
    compilers = clone.root.parent / "bin"
    compilers.mkdir(exist_ok=True)
    compiler = compilers / "riscv32-unknown-elf-gcc"
    compiler.write_text("#!/bin/sh\n")
    compiler.chmod(0o755)
    # The small port takes the compiler of this machine, whatever the board.
    cmake = compilers / "cmake"
    cmake.write_text(f'#!/bin/sh\ncase $1 in --build) ;; *) set -- "$@" -DMQTT_RUST_TARGET={host} ;; esac\n'
                     f'exec {shutil.which("cmake")} "$@"\n')
    cmake.chmod(0o755)
    path = f"{compilers}:{clone.environment['PATH']}"
    return clone.run("port/rp2/build.sh", clone.micropython, "build/src", *arguments, **{"PATH": path, **variables})


def test_a_full_checkout_without_fetched_sources(clone, host):
    """MPY_DIR= in a fresh clone: build/src does not exist. The output says what is built in."""
    result = rp2_build(clone, host, "SMALL_BOARD", "")
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"  MQTT     target {host}, profile release, TLS: none, options: {DEFAULT_OPTIONS}\n" in result.stdout
    assert family(clone.root / "build" / "SMALL_BOARD" / "firmware.uf2") == 0xE48BFF59


def test_the_variant_of_a_board(clone, host):
    """The RISC-V cores of an RP2350, in a folder of their own."""
    result = rp2_build(clone, host, "SMALL_BOARD", "RISCV")
    assert result.returncode == 0, result.stdout + result.stderr
    assert family(clone.root / "build" / "SMALL_BOARD-RISCV" / "firmware.uf2") == 0xE48BFF5A
    assert not (clone.root / "build" / "SMALL_BOARD").exists()


def test_a_variant_whose_compiler_is_not_here(clone):
    if shutil.which("riscv32-unknown-elf-gcc"):
        pytest.skip("it is here")
    result = clone.run("port/rp2/build.sh", clone.micropython, "build/src", "SMALL_BOARD", "RISCV")
    assert result.returncode == 1
    assert "There is no riscv32-unknown-elf-gcc here" in result.stderr and "PICO_TOOLCHAIN_PATH" in result.stderr


def test_a_variant_that_a_board_does_not_have(clone, host):
    result = rp2_build(clone, host, "SMALL_BOARD", "XTENSA")
    assert result.returncode == 1
    assert "SMALL_BOARD has no variant 'XTENSA'. MicroPython has these of its variants: RISCV\n" in result.stderr


def family(uf2):
    """The processor that the first block of a UF2 file is for."""
    return int.from_bytes(uf2.read_bytes()[28:32], "little")
