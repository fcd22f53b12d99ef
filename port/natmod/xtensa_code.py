"""Xtensa instructions: shorter ones of the same meaning, and branches that reach their targets.

LLVM calls every function through a register and writes few of the instructions of two bytes. GCC leaves it
to the assembler to replace branches that are too short.
"""

import re

LABEL = re.compile(r"([\w.$]+):$")
# A branch to its opposite.
OPPOSITE = {}
for one, other in (
    ("beq", "bne"), ("beqz", "bnez"), ("beqi", "bnei"), ("blt", "bge"), ("bltz", "bgez"), ("blti", "bgei"),
    ("bltu", "bgeu"), ("bltui", "bgeui"), ("bbc", "bbs"), ("bbci", "bbsi"), ("bany", "bnone"), ("ball", "bnall"),
):  # fmt: skip
    OPPOSITE[one], OPPOSITE[other] = other, one
# The distance that these reach, from four bytes after the branch; the others reach from -128 to 127.
FAR = {"beqz", "bnez", "bltz", "bgez"}
# The registers that a called function may change begin with this one.
FIRST_CHANGED = 8


def split(line):
    """The name of an instruction and its operands."""
    name, _, operands = line.partition(" ")
    return name, [operand.strip() for operand in operands.split(",")] if operands else []


def is_instruction(line):
    return not line.startswith(".") and not LABEL.match(line)


def size(line):
    if not is_instruction(line):
        return 0
    return 2 if line.split(" ")[0].endswith(".n") else 3


def number(text, least, most):
    """Whether the operand is a number between the two."""
    return re.fullmatch(r"-?\d+", text) is not None and least <= int(text) <= most


def short(line):
    """The instruction of two bytes that does the same, or the line itself."""
    name, operands = split(line)
    target = ", ".join(operands[:2])
    if name == "or" and operands[1] == operands[2]:
        return f"mov.n {target}"
    if name == "addi" and operands[2] == "0":
        return f"mov.n {target}"
    if name == "addi" and (operands[2] == "-1" or number(operands[2], 1, 15)):
        return f"addi.n {', '.join(operands)}"
    if name == "add":
        return f"add.n {', '.join(operands)}"
    if name == "movi" and number(operands[1], -32, 95):
        return f"movi.n {target}"
    if name in ("l32i", "s32i") and number(operands[2], 0, 60) and int(operands[2]) % 4 == 0:
        return f"{name}.n {', '.join(operands)}"
    return f"{name} {', '.join(operands)}" if operands else name


def direct_calls(lines, function_of):
    """Calls functions by their names. `function_of` gives the function whose address a literal is, or None."""
    lines = list(lines)
    for at, line in enumerate(lines):
        name, operands = split(line)
        function = function_of(operands[1]) if name == "l32r" else None
        if function is None or int(operands[0][1:]) < FIRST_CHANGED:
            continue
        register = operands[0]
        for after in range(at + 1, len(lines)):
            name, operands = split(lines[after])
            if (name, operands) == ("callx8", [register]):
                lines[after] = f"call8 {function}"
                lines[at] = ""
                break
            if not is_instruction(lines[after]) or name in OPPOSITE or name in ("j", "jx") or register in operands:
                break
            if name.startswith(("call", "ret")):
                break
    return [line for line in lines if line]


def places(lines):
    """The offset of each line, and of each label."""
    offsets, labels, offset = [], {}, 0
    for line in lines:
        offsets.append(offset)
        label = LABEL.match(line)
        if label:
            labels[label[1]] = offset
        offset += size(line)
    return offsets, labels


def distance(line, offset, labels):
    """How far a branch goes, from four bytes after it, or None for any other line."""
    name, operands = split(line)
    if name.removesuffix(".n") not in OPPOSITE or operands[-1] not in labels:
        return None
    return labels[operands[-1]] - offset - 4


def lengthen(lines):
    """Puts a jump in the place of each branch that does not reach its target, and the opposite branch around it."""
    while True:
        offsets, labels = places(lines)
        out = []
        for line, offset in zip(lines, offsets, strict=True):
            far = distance(line, offset, labels)
            name, operands = split(line)
            name = name.removesuffix(".n")
            reach = 2048 if name in FAR else 128
            if far is None or -reach <= far < reach and (not line.split(" ")[0].endswith(".n") or 0 <= far < 64):
                out.append(line)
            elif line.split(" ")[0].endswith(".n") and -reach <= far < reach:
                out.append(f"{name} {', '.join(operands)}")
            else:
                around = f".Laround{len(out)}_{operands[-1].removeprefix('.L')}"
                out += [f"{OPPOSITE[name]} {', '.join([*operands[:-1], around])}", f"j {operands[-1]}", f"{around}:"]
        if out == lines:
            return out
        lines = out


def shorten(lines):
    """Takes branches of two bytes where they reach. Every distance only gets shorter by that."""
    offsets, labels = places(lines)
    out = []
    for line, offset in zip(lines, offsets, strict=True):
        far = distance(line, offset, labels)
        name, operands = split(line)
        # One instruction stays between: the branch must not go to less than four bytes after itself.
        if name in ("beqz", "bnez") and far is not None and 1 <= far < 64:
            line = f"{name}.n {', '.join(operands)}"
        out.append(line)
    return out


def optimized(lines, function_of):
    """The function's code, made shorter."""
    return shorten(lengthen([short(line) if is_instruction(line) else line for line in direct_calls(lines, function_of)]))
