#!/usr/bin/env python3
"""Joins the assembler code of several files into one, as a linker would:

    xtensa.py ENTRY OUTPUT.ll FILE.s...
    xtensa.py --as-is OUTPUT.ll FILE.s      only makes a module of LLVM's

The output has a section for the code with its literals before it, one for constants, one for variables. The
assembler then resolves everything but the words that hold an address. This leaves out code and constants that
ENTRY does not need. The code begins with a jump to ENTRY.

The output is a module of LLVM's, because llc, which comes with Rust, takes assembler code only in such a
module.
"""

import re
import sys
from pathlib import Path

import xtensa_code

WORD = re.compile(r"[A-Za-z_.$][\w.$]*")
TEXTS = (".ascii", ".asciz", ".string")
EXPORTING = (".global ", ".globl ", ".weak ")
# Directives of no meaning for a module.
IGNORED = (".file", ".ident", ".type", ".size", ".hidden", ".literal_position", ".addrsig", ".note")
# GCC's names of directives, and LLVM's.
SAME = {".word": ".long"}
KINDS = (
    (".text", "text"), (".rodata", "rodata"), (".data.rel.ro", "rodata"), (".data", "data"), (".bss", "bss"), (".note", "note"),
)  # fmt: skip
HEADS = {"rodata": '.section .rodata,"a",@progbits', "data": '.section .data,"aw",@progbits', "bss": '.section .bss,"aw",@nobits'}


class Refused(Exception):
    """The code cannot be joined. The text says why."""


class Chunk:
    """A section of a file, or one object of a section of strings: the least part that can be left out."""

    def __init__(self, kind):
        self.kind, self.lines, self.labels = kind, [], []
        self.optimized = False


class Program:
    """The parts of all files, by the labels that they define."""

    def __init__(self):
        # The chunk of a label, and the value of a literal.
        self.chunks, self.literals = {}, {}

    def add(self, text, number):
        """Adds the code of the file of this number."""
        lines = [line for line in map(clean, text.split("\n")) if line]
        exported = {name for line in lines if line.startswith(EXPORTING) for name in line.split()[1:]}
        defined = {label[1] for label in map(xtensa_code.LABEL.match, lines) if label}
        # The names that only this file knows, among them those of literals, are made different from other files'.
        private = {name: f".L{number}_{name.removeprefix('.L')}" for name in defined - exported}

        def renamed(word):
            name = word[0]
            if name.startswith(".L"):
                return f".L{number}_{name[2:]}"
            return private.get(name, name)

        chunk, merged = None, False
        for line in lines:
            name, _, rest = line.partition(" ")
            name = SAME.get(name, name)
            if name in IGNORED or line.startswith(EXPORTING):
                continue
            if name not in TEXTS:
                line = f"{name} {WORD.sub(renamed, rest)}" if rest else WORD.sub(renamed, line)
            if name == ".literal":
                literal, value = line.split(" ", 1)[1].split(",")
                self.literals[literal.strip()] = value.strip()
            elif name in (".section", ".text", ".bss", ".data"):
                section = rest.split(",")[0].strip('"') if name == ".section" else name
                merged = name == ".section" and "M" in (rest.split(",")[1:2] or [""])[0]
                chunk = Chunk(kind_of(section))
            elif chunk is None:
                raise Refused(f"{line}: this is in no section")
            else:
                label = xtensa_code.LABEL.match(line)
                if label:
                    if merged and chunk.labels:
                        chunk = Chunk(chunk.kind)
                    if label[1] in self.chunks:
                        raise Refused(f"two files define {label[1]}")
                    chunk.labels.append(label[1])
                    self.chunks[label[1]] = chunk
                chunk.lines.append(line)

    def function_of(self, literal):
        """The function whose address the literal is, or None."""
        value = self.literals.get(literal)
        chunk = self.chunks.get(value)
        return value if chunk and chunk.kind == "text" else None

    def optimize(self, chunk):
        if chunk.kind == "text" and not chunk.optimized:
            chunk.lines = xtensa_code.optimized(chunk.lines, self.function_of)
        chunk.optimized = True

    def needed(self, entry):
        """The chunks that the entry needs, and the literals of their code, in the order of their first use."""
        if entry not in self.chunks:
            raise Refused(f"nothing defines {entry}")
        chunks, literals, waiting = {}, {}, [self.chunks[entry]]
        while waiting:
            chunk = waiting.pop()
            if chunk in chunks:
                continue
            self.optimize(chunk)
            chunks[chunk] = True
            for line in chunk.lines:
                if line.startswith(TEXTS):
                    continue
                for word in WORD.findall(line):
                    if word in self.literals:
                        literals[word] = True
                        word = self.literals[word].split("+")[0].split("-")[0]
                    if word in self.chunks:
                        waiting.append(self.chunks[word])
        return list(chunks), list(literals)

    def joined(self, entry):
        """The lines of the whole program."""
        chunks, literals = self.needed(entry)
        out = ['.section .text,"ax",@progbits', ".p2align 2", ".Lbegin:", f".global {entry}", "j .Lentry", ".p2align 2"]
        places = {}
        for literal in literals:
            value = self.literals[literal]
            if value not in places:
                places[value] = literal
                out += [f"{literal}:", f".long {value}"]
        for chunk in chunks:
            if chunk.kind == "text":
                self.write_code(chunk, entry, places, out)
        for kind, head in HEADS.items():
            out.append(head)
            written = {}
            for chunk in chunks:
                if chunk.kind == kind:
                    write_object(chunk, written, out)
        return out

    def write_code(self, chunk, entry, places, out):
        for line in chunk.lines:
            name, operands = xtensa_code.split(line)
            if name == "l32r":
                out += load(operands[0], places[self.literals[operands[1]]], len(out))
            else:
                out.append(line)
            if line == f"{entry}:":
                # The assembler leaves a jump to a name that others may see to a linker.
                out.append(".Lentry:")


def write_object(chunk, written, out):
    """Writes a constant or a variable. Constants without a name of their own that are alike become one."""
    contents = tuple(line for line in chunk.lines if not xtensa_code.LABEL.match(line))
    if chunk.kind == "rodata" and len(chunk.labels) == 1 and chunk.labels[0].startswith(".L"):
        if contents in written:
            out.append(f".set {chunk.labels[0]}, {written[contents]}")
            return
        written[contents] = chunk.labels[0]
    out += chunk.lines


def load(register, literal, number):
    """The instruction l32r, byte by byte. LLVM 22 computes a wrong distance at some places: it takes the offset in
    its own buffer for the offset in the section.
    """
    here = f".Lload{number}"
    distance = f"({literal} - .Lbegin) - (({here} - .Lbegin + 3) & -4)"
    return [f"{here}:", f".byte {int(register[1:]) << 4 | 1}", f".2byte (({distance}) >> 2) & 0xffff"]


def clean(line):
    """The line without comment and with single spaces."""
    if line.lstrip().startswith(TEXTS):
        return line.strip().replace("\t", " ", 1)
    return " ".join(line.split("#")[0].split())


def kind_of(section):
    for beginning, kind in KINDS:
        if section == beginning or section.startswith(beginning + "."):
            return kind
    raise Refused(f"{section}: the loader fills no such section")


def module(lines):
    """A module of LLVM's that consists of the assembler code."""
    quoted = (line.replace("\\", "\\5C").replace('"', "\\22") for line in lines)
    return 'target triple = "xtensa-none-elf"\n' + "".join(f'module asm "{line}"\n' for line in quoted)


def main():
    entry, target, *sources = sys.argv[1:]
    texts = [Path(source).read_text(encoding="utf-8") for source in sources]
    program = Program()
    try:
        if entry == "--as-is":
            lines = [clean(line) for text in texts for line in text.split("\n")]
        else:
            for number, text in enumerate(texts):
                program.add(text, number)
            lines = program.joined(entry)
    except Refused as reason:
        print(f"xtensa.py: {reason}", file=sys.stderr)
        return 1
    Path(target).write_text(module(lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
