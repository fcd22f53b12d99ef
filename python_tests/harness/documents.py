"""The pages of the documentation: their code blocks, headings and links."""

import dataclasses
import re

from harness.targets import ROOT

PAGES = sorted(
    path for pattern in ("*.md", "docs/**/*.md", "examples/*.md", "port/**/*.md") for path in ROOT.glob(pattern)
)


# The mark of a session at a board's prompt: no other target can have it.
BOARD_SESSION = "network.LAN"


@dataclasses.dataclass
class Block:
    """A fenced code block. `output` is the text block that follows it immediately, if one does."""

    page: str
    line: int
    language: str
    source: str
    output: str | None = None

    def __str__(self):
        return f"{self.page}:{self.line}"


_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\S*)\n(?P<source>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)


def blocks(page):
    """All code blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found = []
    end = 0
    for match in _FENCE.finditer(text):
        indent = len(match["indent"])
        source = "".join(line[indent:] for line in match["source"].splitlines(keepends=True))
        between = text[end : match.start()]
        if match["language"] == "text" and found and found[-1].output is None and _leads_to_output(between):
            found[-1].output = source
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(str(page.relative_to(ROOT)), line, match["language"], source))
        end = match.end()
    return found


def _leads_to_output(text):
    """Nothing, or words that announce an output."""
    return not text.strip() or text.strip() in ("It prints:", "which prints:")


def fences(text):
    """The indentation, language and source of each fenced block."""
    return _FENCE.findall(text)


def without_blocks(text):
    return _FENCE.sub("", text)


# [text](target), the text perhaps over two lines.
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def links(page):
    """The targets of a page's links."""
    return _LINK.findall(without_blocks(page.read_text(encoding="utf-8")))


def anchors(page):
    """The anchors of the page: the words behind `#` in a link."""
    found = set()
    for heading in re.findall(r"^#+ +(.*)$", without_blocks(page.read_text(encoding="utf-8")), re.MULTILINE):
        words = re.sub(r"[^\w\- ]", "", heading.lower())
        found.add(words.strip().replace(" ", "-"))
    return found
