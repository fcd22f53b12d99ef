"""port/natmod/pack.py: it writes files that MicroPython's loader can read, and refuses the rest."""

import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from harness import tools
from harness.targets import ROOT

pytestmark = pytest.mark.natmod

PORT = ROOT / "port/natmod"


@pytest.fixture(scope="module")
def pack():
    return tools.load("port/natmod/pack.py")


# The compiler of a kind of processor, and the flags that select it.
COMPILERS = {
    "x64": ("gcc", ["-fcf-protection=none", "-fno-stack-protector"]),
    "armv6m": ("arm-none-eabi-gcc", ["-mthumb", "-mcpu=cortex-m0"]),
    "armv7m": ("arm-none-eabi-gcc", ["-mthumb", "-mcpu=cortex-m3"]),
    "rv32imc": ("riscv64-unknown-elf-gcc", ["-march=rv32imc", "-mabi=ilp32"]),
    "xtensawin": ("xtensa-lx106-elf-gcc", ["-mabi=windowed", "-ffunction-sections", "-fdata-sections"]),
}

# The beginning of every module: the entry, and the address of its memory as a constant beside the code.
ENTRY = """
extern int mp_fun_table, mp_type_fun_builtin_1;
struct state { int first, second; };
__attribute__((section(".bss.mqtt_state"))) struct state mqtt_state;
__attribute__((visibility("hidden"))) extern struct state *const link;
__attribute__((section(".text.mpy_init"))) int mpy_init(int x) { return FUNCTION(x) + link->first; }
"""
LINK = "struct state { int first, second; }; extern struct state mqtt_state; struct state *const link = &mqtt_state;"


@pytest.fixture(params=COMPILERS)
def arch(request):
    if not shutil.which(COMPILERS[request.param][0]):
        pytest.skip(f"there is no {COMPILERS[request.param][0]} here")
    return request.param


@pytest.fixture
def link(arch, tmp_path):
    """Links a module of this source; `main` makes FUNCTION, which the entry calls."""
    compiler, flags = COMPILERS[arch]

    def joined(files):
        """Makes of assembler code what port/natmod/xtensa.sh makes of it."""
        subprocess.run([PORT / "xtensa.py", "mpy_init", "module.ll", *files], cwd=tmp_path, check=True)
        sysroot = subprocess.run(["rustc", "--print", "sysroot"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        llc = next(Path(sysroot.strip()).glob("lib/rustlib/*/bin/llc"))
        subprocess.run([llc, "-filetype=obj", "-mcpu=esp32", "-o", "module.elf", "module.ll"], cwd=tmp_path, check=True)

    def link(source, main="#define FUNCTION(x) (x)", state=LINK):
        objects = []
        for name, text in (("main", f"{source}\n{main}\n{ENTRY}"), ("link", state)):
            (tmp_path / f"{name}.c").write_text(text)
            objects.append(tmp_path / f"{name}.o")
            output = ["-S", "-o", f"{name}.o"] if arch == "xtensawin" else ["-fPIC", "-c"]
            command = [compiler, *flags, "-O2", "-fno-common", "-ffreestanding", *output, f"{name}.c"]
            subprocess.run(command, cwd=tmp_path, check=True)
        if arch == "xtensawin":
            joined(objects)
            return (tmp_path / "module.elf").read_bytes()
        emulation = ["-m", "elf32lriscv"] if arch == "rv32imc" else []
        linker = [PORT / "lld.sh", "-z", "norelro"] if arch == "rv32imc" else [compiler.removesuffix("gcc") + "ld"]
        options = ["-shared", "-Bsymbolic", "-z", "notext", "--gc-sections", "--emit-relocs"]
        command = [*linker, *emulation, *options, "-T", PORT / "link.ld", "-o", "module.elf", *objects]
        subprocess.run(command, cwd=tmp_path, check=True)
        return (tmp_path / "module.elf").read_bytes()

    return link


class Mpy:
    """A .mpy file as MicroPython's loader reads it (py/persistentcode.c)."""

    def __init__(self, data, word):
        self.data, self.at, self.word = data, 0, word
        self.header = self.bytes(4)
        names, objects = self.uint(), self.uint()
        assert objects == 0
        self.names = [self.bytes((self.uint() >> 1) + 1)[:-1].decode() for _ in range(names)]
        kind = self.uint()
        assert kind & 7 == 2
        self.text = bytearray(self.bytes(kind >> 3))
        self.flags = self.uint()
        rodata = self.uint() if self.flags & 0x20 else 0
        self.bss = self.uint() if self.flags & 0x40 else 0
        self.rodata = self.bytes(rodata)
        # Where the constants are.
        self.constants = self.rodata or self.text
        self.relocations = []
        while (op := self.bytes(1)[0]) != 0xFF:
            if op & 1:
                place = self.uint()
                section, place = (self.rodata if place & 1 else self.text), place >> 1
            kind, n = op >> 1, 1
            if kind <= 5:
                n = self.uint() if kind & 1 else 1
                kind >>= 1
            for _ in range(n):
                self.relocations.append(((section, place), kind))
                place += 1
        assert self.at == len(data)

    def bytes(self, n):
        self.at += n
        return self.data[self.at - n : self.at]

    def uint(self):
        value = 0
        while True:
            byte = self.bytes(1)[0]
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                return value

    def at_word(self, place):
        section, number = place
        return struct.unpack_from("<Q" if self.word == 8 else "<I", section, number * self.word)[0]


def loaded(pack, arch, elf):
    file, text, rodata, bss = pack.pack(arch, "mqtt", ["", "topic"], elf)
    mpy = Mpy(file, 8 if arch == "x64" else 4)
    assert mpy.header == bytes([ord("M"), 6, pack.ARCHES[arch] << 2 | 3, 31])
    assert mpy.names == ["mqtt", "", "topic"]
    assert (len(mpy.text), len(mpy.rodata), mpy.bss) == (text, rodata, bss)
    # An ESP32 reads no single bytes from the memory with its code.
    assert bool(rodata) == (arch == "xtensawin")
    return mpy


def test_the_memory_and_the_table(pack, arch, link):
    source = "extern int mp_fun_table; int *const table[] = { &mp_fun_table };"
    mpy = loaded(pack, arch, link(source, "#define FUNCTION(x) (*table[0] + x)"))
    kinds = {kind: place for place, kind in mpy.relocations}
    assert mpy.bss >= 8
    assert mpy.at_word(kinds[2]) == 0, "the beginning of the memory"
    assert mpy.at_word(kinds[8]) == 0, "the table itself"


def test_an_entry_of_the_table(pack, arch, link):
    source = "extern int mp_type_fun_builtin_1; struct { const void *type; int n; } const object = { &mp_type_fun_builtin_1, 7 };"
    mpy = loaded(pack, arch, link(source, "#define FUNCTION(x) (*(const int *)object.type + object.n + x)"))
    # py/nativeglue.h: type_type is the 73rd entry, type_fun_builtin_1 the fifth after it.
    assert 9 + 73 + 5 in {kind for _, kind in mpy.relocations}


def test_addresses_of_functions_and_constants(pack, arch, link):
    source = """
    static int one(int x) { return x + 1; }
    static int two(int x) { return x * 3; }
    static int (*const functions[])(int) = { one, two };
    static const char *const texts[] = { "abc", "xyz" };
    """
    mpy = loaded(pack, arch, link(source, "#define FUNCTION(x) (functions[x & 1](x) + texts[x & 1][1])"))
    places = [(place, kind) for place, kind in mpy.relocations if kind in (0, 1) and place[0] is mpy.constants]
    assert len(places) == 4
    constants = [bytes(mpy.constants[mpy.at_word(place) :][:3]) for place, _ in places]
    assert sorted(text for text in constants if text in (b"abc", b"xyz")) == [b"abc", b"xyz"]


def test_an_address_within_the_memory(pack, arch, link):
    state = f"{LINK} int *const second = &mqtt_state.second;"
    mpy = loaded(pack, arch, link("extern int *const second;", "#define FUNCTION(x) (*second + x)", state))
    assert {mpy.at_word(place) for place, kind in mpy.relocations if kind == 2} == {0, 4}


def refused(pack, arch, elf, why):
    with pytest.raises(pack.Refused, match=why):
        pack.pack(arch, "mqtt", [], elf)


def test_memory_that_the_code_reaches_relative_to_itself(pack, arch, link):
    if arch == "xtensawin":
        pytest.skip("this processor has whole addresses as constants")
    source = "static int count; int counts(int x) { return count += x; }"
    refused(pack, arch, link(source, "#define FUNCTION(x) counts(x)"), "relative to itself|no word of the code|which is outside")


def test_a_variable_with_an_initial_value(pack, arch, link):
    source = "static int count = 7; int counts(int x) { return count += x; }"
    refused(pack, arch, link(source, "#define FUNCTION(x) counts(x)"), r"\.data: variables with an initial value")


def test_a_function_that_nothing_defines(pack, arch, link):
    with pytest.raises((pack.Refused, subprocess.CalledProcessError)):
        elf = link("extern int missing(int);", "#define FUNCTION(x) missing(x)")
        pack.pack(arch, "mqtt", [], elf)


def test_another_kind_of_processor(pack, arch, link):
    other = "armv7m" if arch in ("x64", "rv32imc", "xtensawin") else "x64"
    refused(pack, other, link(""), f"this was not linked for {other}")


def test_memory_that_the_collector_would_not_find(pack, arch, link):
    state = LINK.replace("&mqtt_state", "(struct state *)&mqtt_state.second")
    refused(pack, arch, link("", state=state), "no word of the code refers to the beginning")


def test_what_is_no_module(pack):
    with pytest.raises(pack.Refused, match="ELF"):
        pack.pack("x64", "mqtt", [], b"MZ" + bytes(100))


def test_the_smallest_file_leaves_memory():
    """Every byte of its code is memory of the board, on a Cortex-M3 no more than 36 KiB."""
    linked = ROOT / "build/mpy/armv7m-lean/mqtt.elf"
    if not linked.exists():
        pytest.skip("make MPS2_AN385-mpy-lean")
    sections = subprocess.run(["arm-none-eabi-size", "-A", linked], check=True, capture_output=True, text=True).stdout
    size = next(int(line.split()[1]) for line in sections.splitlines() if line.startswith(".text"))
    assert 0 < size <= 36 * 1024
