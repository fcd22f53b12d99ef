#!/usr/bin/env python3
"""Makes a .mpy file of a native module that the linker has linked:

    pack.py ARCH NAME NAMES.h MODULE.elf MODULE.mpy

The linker (link.ld, -shared, --emit-relocs) has resolved everything but the addresses that only the
loader knows: where it puts the code and the memory, where the table of functions and the names are. This
writes them down for the loader, and refuses modules that the loader could not load:

- memory that the code reaches relative to itself: the loader puts the two apart;
- variables with an initial value, and code that runs before the module's own;
- symbols that nothing defines.

The module of xtensawin is no linked file but the object that the assembler makes of xtensa.py's output. Its
constants lie apart from the code, because an ESP32 reads only whole words from the memory that can run code.
"""

import re
import struct
import sys
from pathlib import Path

# py/emitglue.h: MP_NATIVE_ARCH_...
ARCHES = {"x64": 2, "armv6m": 4, "armv7m": 5, "armv7emsp": 7, "xtensawin": 10, "rv32imc": 11}
VERSION, SUB_VERSION = 6, 3
# The loader refuses a file for larger small ints than its own.
SMALL_INT_BITS = 31

# The ELF numbers of relocations, by machine: of a word with an address, and those that the loader's own
# linker would resolve.
X64, ARM, XTENSA, RISCV = 62, 40, 94, 243
MACHINES = {"x64": X64, "xtensawin": XTENSA, "rv32imc": RISCV}
ABSOLUTE = {X64: {1}, ARM: {2, 38}, XTENSA: {1}, RISCV: {1}}
RELATIVE = {X64: {8}, ARM: {23}, RISCV: {3}}
SYMBOLIC = {X64: {1, 6, 7}, ARM: {2, 21, 22}, RISCV: {1, 5}}
# Of no meaning for the contents.
MARKS = {X64: {0}, ARM: {0, 40}, RISCV: {0, 51}}

# py/persistentcode.c: mp_native_relocate().
TEXT, RODATA, BSS = 0, 1, 2
NAMES, TABLE, TABLE_ENTRY = 6, 8, 9
# py/nativeglue.h: the entries that are addresses of types.
ENTRIES = {
    f"mp_type_{name}": TABLE_ENTRY + 73 + place
    for place, name in enumerate(
        ("type", "str", "list", "dict", *(f"fun_builtin_{kind}" for kind in (0, 1, 2, 3, "var")), "Exception")
    )
}
SPECIAL = {"mp_native_qstr_table": NAMES, "mp_fun_table": TABLE, **ENTRIES}

# py/runtime0.h: MP_SCOPE_FLAG_VIPER...
HAS_RELOCATIONS, HAS_RODATA, HAS_BSS = 0x10, 0x20, 0x40
# The kind of code, after MP_CODE_BYTECODE.
VIPER = 2


class Refused(Exception):
    """The module cannot be loaded. The text says why."""


class Elf:
    """A linked module: sections, symbols and relocations."""

    def __init__(self, data):
        if data[:4] != b"\x7fELF" or data[5] != 1:
            raise Refused("this is no little-endian ELF file")
        self.data = data
        self.wide = data[4] == 2
        self.word = 8 if self.wide else 4
        self.machine = struct.unpack_from("<H", data, 18)[0]
        form = "<QQQIHHHHHH" if self.wide else "<IIIIHHHHHH"
        fields = struct.unpack_from(form, data, 24)
        start, size, count, names = fields[2], fields[7], fields[8], fields[9]
        form = "<IIQQQQIIQQ" if self.wide else "<IIIIIIIIII"
        headers = [struct.unpack_from(form, data, start + size * i) for i in range(count)]
        self.sections = []
        for header in headers:
            name = self._text(headers[names][4], header[0])
            self.sections.append(Section(name, *header[1:8]))
        self.by_name = {section.name: section for section in self.sections}

    def _text(self, start, offset):
        return self.data[start + offset : self.data.index(b"\0", start + offset)].decode()

    def contents(self, section):
        if section.type == Section.NOBITS:
            return bytes(section.size)
        return self.data[section.offset : section.offset + section.size]

    def symbol(self, table, index):
        """The name, value and section of a symbol; the section is 0 for one that is not defined."""
        section = self.sections[table]
        if self.wide:
            name, info, _, place, value, _ = struct.unpack_from("<IBBHQQ", self.data, section.offset + 24 * index)
        else:
            name, value, _, info, _, place = struct.unpack_from("<IIIBBH", self.data, section.offset + 16 * index)
        text = self._text(self.sections[section.link].offset, name)
        if info & 15 == 3:
            text = self.sections[place].name
        return text, value, place

    def relocations(self, section):
        """The offset, kind, symbol (by `symbol`) and addend of each; the addend None stands in the contents."""
        explicit = section.type == Section.RELA
        form = {8: "<QQq", 4: "<IIi" if explicit else "<II"}[self.word]
        for fields in struct.iter_unpack(form, self.contents(section)):
            kind, index = (fields[1] & 0xFFFFFFFF, fields[1] >> 32) if self.wide else (fields[1] & 0xFF, fields[1] >> 8)
            yield fields[0], kind, self.symbol(section.link, index), fields[2] if explicit else None


class Section:
    """A section's header."""

    RELA, NOBITS, REL = 4, 8, 9
    ALLOCATED = 2

    def __init__(self, name, kind, flags, address, offset, size, link, info):
        self.name, self.type, self.flags = name, kind, flags
        self.address, self.offset, self.size = address, offset, size
        self.link, self.info = link, info

    def holds(self, address):
        return self.address <= address < self.address + max(self.size, 1)


# The linker's additions for a loader of ELF files.
_FOR_ELF = re.compile(r"\.(dynamic|dynsym|dynstr|hash|gnu\.hash|gnu\.version\w*|rela?\.(dyn|plt|got|text)|interp)$")


def check(elf):
    """Raises `Refused` for a module that the loader would load and that would not work."""
    text, bss = elf.by_name[".text"], elf.by_name.get(".bss")
    loaded = (".text", ".bss", ".rodata") if elf.machine == XTENSA else (".text", ".bss")
    for section in elf.sections:
        known = section.name in loaded or _FOR_ELF.match(section.name)
        if section.flags & Section.ALLOCATED and section.size and not known:
            reason = "variables with an initial value" if section.name == ".data" else "a section that no loader fills"
            raise Refused(f"{section.name}: {reason}")
    if elf.machine == XTENSA:
        # relocations_of_object() checks them.
        return
    for section in elf.sections:
        if section.type not in (Section.RELA, Section.REL) or section.flags & Section.ALLOCATED:
            continue
        if elf.sections[section.info] is not text:
            continue
        for offset, kind, (name, value, place), addend in elf.relocations(section):
            if kind in MARKS[elf.machine]:
                continue
            target = value + (addend or 0)
            in_bss = bss and bss.size and place and bss.holds(value)
            if in_bss and kind not in ABSOLUTE[elf.machine]:
                raise Refused(f"the code at {offset:#x} reaches {name or 'memory'} ({target:#x} in .bss) relative to itself")


def relocations(elf, text, bss):
    """Sets the words of `text` that the loader is to change to their offsets; gives each word's place (the
    kind of its section, its number) and the loader's kind of its address.
    """
    form = "<Q" if elf.wide else "<I"
    found = {}
    for section in elf.sections:
        if section.type not in (Section.RELA, Section.REL) or not section.flags & Section.ALLOCATED:
            continue
        for offset, kind, (name, value, place), addend in elf.relocations(section):
            if kind in MARKS[elf.machine]:
                continue
            if offset % elf.word or offset + elf.word > len(text):
                raise Refused(f"an address at {offset:#x}, which is no word of the code")
            if addend is None:
                addend = struct.unpack_from(form, text, offset)[0]
            if kind in RELATIVE[elf.machine]:
                target = addend
            elif kind in SYMBOLIC[elf.machine] and place:
                target = value + addend
            elif kind in SYMBOLIC[elf.machine] and name in SPECIAL:
                target = None
            elif not place:
                raise Refused(f"nothing defines {name}")
            else:
                raise Refused(f"a relocation of the kind {kind} at {offset:#x} ({name})")
            if target is None:
                struct.pack_into(form, text, offset, addend if kind in ABSOLUTE[elf.machine] else 0)
                destination = SPECIAL[name]
            elif bss and bss.size and bss.holds(target):
                struct.pack_into(form, text, offset, target - bss.address)
                destination = BSS
            elif 0 <= target <= len(text):
                struct.pack_into(form, text, offset, target)
                destination = TEXT
            else:
                raise Refused(f"the word at {offset:#x} refers to {target:#x}, which is outside")
            found[TEXT, offset // elf.word] = destination
    return sorted(found.items())


def relocations_of_object(elf, text, rodata):
    """The same as `relocations` for an object file, whose sections all begin at 0."""
    found = {}
    destinations = {".text": TEXT, ".rodata": RODATA, ".bss": BSS}
    for section in elf.sections:
        if section.type != Section.RELA:
            continue
        place = destinations[elf.sections[section.info].name]
        contents = {TEXT: text, RODATA: rodata}[place]
        for offset, kind, (name, value, index), addend in elf.relocations(section):
            if not index and name not in SPECIAL:
                raise Refused(f"nothing defines {name}")
            if kind not in ABSOLUTE[elf.machine]:
                raise Refused(f"a relocation of the kind {kind} at {offset:#x} ({name})")
            if offset % elf.word or offset + elf.word > len(contents):
                raise Refused(f"an address at {offset:#x}, which is no word of {elf.sections[section.info].name}")
            target, destination = addend, SPECIAL.get(name)
            if index:
                home = elf.sections[index]
                target, destination = value + addend, destinations[home.name]
                if not 0 <= target <= home.size:
                    raise Refused(f"the word at {offset:#x} refers to {target:#x}, which is outside of {home.name}")
            struct.pack_into("<I", contents, offset, target)
            found[place, offset // elf.word] = destination
    return sorted(found.items())


def uint(number):
    """A number as .mpy files have it."""
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(0x80 | number & 0x7F)
    return bytes(reversed(digits))


def qstr(name):
    return uint(len(name) << 1) + name.encode() + b"\0"


def relocation_bytes(words):
    """The relocations as the loader reads them: runs of words with the same kind, one after the other."""
    out = bytearray()
    previous = None
    at = 0
    while at < len(words):
        (place, start), kind = words[at]
        n = 1
        # Only these kinds have a count.
        while kind <= BSS and at + n < len(words) and words[at + n] == ((place, start + n), kind):
            n += 1
        jump = previous != (place, start - 1)
        code = kind << 1 | (n > 1) if kind <= BSS else kind
        out.append(code << 1 | jump)
        if jump:
            out += uint(start << 1 | place)
        if n > 1:
            out += uint(n)
        previous = place, start + n - 1
        at += n
    return bytes(out) + b"\xff"


def pack(arch, name, names, data):
    """The .mpy file, and the sizes of code, constants apart from it, and memory."""
    elf = Elf(data)
    if elf.machine != MACHINES.get(arch, ARM):
        raise Refused(f"this was not linked for {arch}")
    check(elf)
    section, bss = elf.by_name[".text"], elf.by_name.get(".bss")
    if section.address:
        raise Refused("the code does not begin at 0")
    text, rodata = bytearray(elf.contents(section)), bytearray()
    if elf.machine == XTENSA:
        rodata += elf.contents(elf.by_name[".rodata"])
        words = relocations_of_object(elf, text, rodata)
    else:
        words = relocations(elf, text, bss)
    memory = bss.size if bss else 0
    out = bytearray([ord("M"), VERSION, ARCHES[arch] << 2 | SUB_VERSION, SMALL_INT_BITS])
    out += uint(1 + len(names)) + uint(0)
    out += b"".join(map(qstr, (name, *names)))
    out += uint(len(text) << 3 | VIPER) + text
    out += uint(HAS_RELOCATIONS | (HAS_RODATA if rodata else 0) | (HAS_BSS if memory else 0))
    if rodata:
        out += uint(len(rodata))
    if memory:
        out += uint(memory)
        # Where the loader does not keep the memory alive, the collector must find its beginning.
        contents = {TEXT: text, RODATA: rodata}
        if not any(kind == BSS and not any(word_at(contents[place], at, elf.word)) for (place, at), kind in words):
            raise Refused("no word of the code refers to the beginning of .bss")
    out += rodata
    out += relocation_bytes(words)
    return bytes(out), len(text), len(rodata), memory


def word_at(contents, at, size):
    return contents[at * size : (at + 1) * size]


def names_of(header):
    """The names in the order of their places, out of the header that names.py makes."""
    return re.findall(r"^    NATMOD_NAME_(\w*) = \d+,$", header, re.MULTILINE)


def main():
    arch, name, header, source, target = sys.argv[1:]
    try:
        file, text, rodata, bss = pack(arch, name, names_of(Path(header).read_text(encoding="utf-8")), Path(source).read_bytes())
    except Refused as reason:
        print(f"pack.py: {source}: {reason}", file=sys.stderr)
        return 1
    Path(target).write_bytes(file)
    constants = f" and {rodata} of constants" if rodata else ""
    print(f"{text} bytes of code{constants}, {bss} of memory, {len(file)} in the file")
    return 0


if __name__ == "__main__":
    sys.exit(main())
