"""Texts that show packets to people."""

from harness.mqtt_packets import NAMES, Malformed, Parser


def describe(data, version=4):
    """A description of `data`: one line for each packet, then the bytes that are left."""
    lines, parser = [], Parser(version)
    parser.feed(data)
    while True:
        before = parser.left()
        try:
            lines.append(str(next(parser)))
        except StopIteration:
            if before:
                lines.append(f"the beginning of {NAMES.get(before[0] >> 4, 'nothing')}: {hexdump(before, 32)}")
            return lines
        except Malformed as error:
            lines.append(f"malformed ({error}): {hexdump(before, 32)}")
            return lines


def hexdump(data, limit=None):
    if limit is not None and len(data) > limit:
        return f"{bytes(data[:limit]).hex(' ')} ... ({len(data)} bytes)"
    return bytes(data).hex(" ")


def difference(expected, got, version=4):
    """Two strings of bytes side by side, for people: decoded, and as hex from where they differ."""
    common = 0
    for a, b in zip(expected, got, strict=False):
        if a != b:
            break
        common += 1
    start = max(0, common - common % 16 - 16)
    lines = [f"expected {len(expected)} bytes, got {len(got)}; they differ from byte {common} on"]
    for name, data in (("expected", expected), ("got", got)):
        lines += [f"  {name}: {line}" for line in describe(data, version) or ["nothing"]]
    for at in range(start, min(max(len(expected), len(got)), start + 96), 16):
        for sign, data in (("-", expected), ("+", got)):
            row = bytes(data[at : at + 16])
            text = "".join(chr(b) if 32 <= b < 127 else "." for b in row)
            lines.append(f"  {sign}{at:06x}  {row.hex(' '):47}  {text}")
    return "\n".join(lines)
