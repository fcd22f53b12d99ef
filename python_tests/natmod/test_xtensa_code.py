"""port/natmod/xtensa_code.py: shorter instructions of the same meaning, and branches that reach."""

import pytest
from harness import tools

pytestmark = pytest.mark.natmod


@pytest.fixture(scope="module")
def code():
    return tools.load("port/natmod/xtensa_code.py")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("or a8, a2, a2", "mov.n a8, a2"),
        ("or a8, a2, a3", "or a8, a2, a3"),
        ("addi a8, a1, 0", "mov.n a8, a1"),
        ("addi a8, a1, 15", "addi.n a8, a1, 15"),
        ("addi a8, a1, 16", "addi a8, a1, 16"),
        ("addi a8, a1, -1", "addi.n a8, a1, -1"),
        ("movi a8, 95", "movi.n a8, 95"),
        ("movi a8, 96", "movi a8, 96"),
        ("l32i a8, a1, 60", "l32i.n a8, a1, 60"),
        ("l32i a8, a1, 64", "l32i a8, a1, 64"),
        ("s32i a8, a1, 0", "s32i.n a8, a1, 0"),
        ("l8ui a8, a1, 0", "l8ui a8, a1, 0"),
    ],
)
def test_instructions_of_two_bytes(code, line, expected):
    assert code.short(line) == expected


def calls(code, lines):
    return code.direct_calls(lines, {".Lf": "f"}.get)


def test_a_call_by_address_becomes_a_call_by_name(code):
    assert calls(code, ["l32r a8, .Lf", "mov a10, a2", "callx8 a8"]) == ["mov a10, a2", "call8 f"]


@pytest.mark.parametrize(
    "lines",
    [
        # The address of a constant or of another program.
        ["l32r a8, .Lother", "callx8 a8"],
        # Another instruction needs the address, or changes it.
        ["l32r a8, .Lf", "mov a10, a8", "callx8 a8"],
        ["l32r a8, .Lf", "movi a8, 0", "callx8 a8"],
        # The code goes on elsewhere, or comes from elsewhere.
        ["l32r a8, .Lf", "beqz a2, .Lend", "callx8 a8", ".Lend:"],
        ["l32r a8, .Lf", ".Lagain:", "callx8 a8"],
        # A call keeps this register, so it may be read again.
        ["l32r a7, .Lf", "callx8 a7", "callx8 a7"],
    ],
)
def test_other_calls_stay(code, lines):
    assert calls(code, lines) == lines


def test_a_branch_that_does_not_reach_goes_around_a_jump(code):
    between = ["nop"] * 43
    lines = code.lengthen(["beqi a2, 1, .Lend", *between, ".Lend:"])
    assert lines[0].startswith("bnei a2, 1, .Laround") and lines[1] == "j .Lend"
    assert lines[2] == lines[0].split(", ")[-1] + ":"
    # This branch reaches further.
    assert code.lengthen(["beqz a2, .Lend", *between, ".Lend:"]) == ["beqz a2, .Lend", *between, ".Lend:"]


def test_a_branch_backwards_that_reaches_stays(code):
    lines = [".Lagain:", *["nop"] * 40, "bne a2, a3, .Lagain"]
    assert code.lengthen(lines) == lines


def test_branches_of_two_bytes_go_forward_only(code):
    assert code.shorten(["beqz a2, .Lend", "nop", "nop", ".Lend:"])[0] == "beqz.n a2, .Lend"
    too_far = ["beqz a2, .Lend", *["nop"] * 30, ".Lend:"]
    for lines in (["beqz a2, .Lend", ".Lend:"], [".Lagain:", "nop", "beqz a2, .Lagain"], too_far):
        assert code.shorten(lines) == lines
