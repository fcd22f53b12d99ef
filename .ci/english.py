#!/usr/bin/env python3
"""Counts the pronouns who, whoever, what and whatever that stand where a noun should.

    .ci/english.py [--at-most N] [PATH...]      default: every file that git knows

"Who waits is woken" makes the reader look for the actor; "a thread that waits is woken" names it. The
script prints each such place as FILE:LINE and its sentence, then the totals. With --at-most it fails if
there are more than N.

It reads prose only: comments of Rust, C, JavaScript and linker scripts (`//`, `/* */`), comments and
docstrings of Python, `#` comments of shell, make, CMake and TOML files, and Markdown. Code blocks, code
spans in backticks, quoted words, addresses and headings are not read.

Each of the four words counts, unless it is one of these, which English needs:

- a question: its sentence ends with a question mark;
- an indirect question, behind a verb of saying, asking, knowing, choosing or depending: "the table says
  what each size bounds", "it depends on what the port has";
- an indirect question joined to another one: "says how a port builds it, and what the port needs";
- "what to do", "whatever to do";
- a determiner before a noun of kind: "what kind", "what size", "what order";
- a relative pronoun behind a noun for a person: "maintainers who build a port";
- a concession behind a comma: "one call, whatever the broker does".

Before it reads a file, the script tries its own rules on the sentences in PROBES.
"""

import argparse
import ast
import io
import pathlib
import re
import subprocess
import sys
import tokenize

ROOT = pathlib.Path(__file__).resolve().parent.parent

C_LIKE = {".rs", ".c", ".h", ".mjs", ".js", ".ld"}
HASH = {".sh", ".mk", ".cmake", ".toml", ".yml", ".ini"}
HASH_NAMES = {"Makefile", "run"}

VERBS = (
    "say|says|said|saying|tell|tells|told|telling|show|shows|showed|shown|showing|state|states|"
    "ask|asks|asked|asking|know|knows|knew|known|knowing|learn|learns|see|sees|seen|saw|look|looks|check|checks|"
    "decide|decides|decided|choose|chooses|depends? on|find out|finds out|found out|explain|explains|describe|describes|"
    "matter|matters|guess|guesses|wonder|list|lists|name|names|understand|understands"
)
PERSONS = (
    "people|persons?|users?|maintainers?|readers?|authors?|programmers?|developers?|contributors?|reporters?|"
    "attackers?|those|somebody|someone|anybody|anyone|everybody|everyone|nobody"
)
KINDS = "kinds?|sorts?|sizes?|order|time|version|versions|number|port|way|extent|degree|purpose"

WORD = re.compile(r"\b(who|whoever|what|whatever)\b", re.IGNORECASE)
BEFORE = re.compile(
    rf"(?:\b(?:{VERBS})(?: (?:me|you|us|it|them|by|a|the)(?: \w+)?)?|\b(?:{PERSONS}),?)\s*$", re.IGNORECASE
)
JOINED = re.compile(
    rf"\b(?:{VERBS})\b.*\b(?:how|which|where|when|why|whether|what|who)\b.*\b(?:and|or)\s*$", re.IGNORECASE | re.DOTALL
)
CONCESSION = re.compile(r"(?:,|–|\bmatter)\s*$")
AFTER = re.compile(rf"\s+(?:to\b|else to\b|(?:{KINDS})\b)", re.IGNORECASE)
SENTENCE_END = re.compile(r"[.!?:;](?=\s|$)|\n\s*\n")

# The number of pronouns that count in each of these sentences.
PROBES = {
    "Who waits is woken.": 1,
    "What comes is compared with what was sent.": 2,
    "It wakes whoever waits.": 1,
    "The caller takes whatever comes.": 1,
    "What does the broker answer?": 0,
    "The table says what each size bounds.": 0,
    "The page tells the reader what the port needs.": 0,
    "It shows how a port builds it, and what the port needs.": 0,
    "It depends on what the port has.": 0,
    "There is nothing to know about what to change.": 0,
    "It prints in what order they came.": 0,
    "This is for maintainers who build a port.": 0,
    "It ends, whatever the broker does.": 0,
    "The method `what` prints \"who\".": 0,
}

# Not prose: code spans, targets of links, addresses, tags of HTML, words that are quoted as words.
NOT_PROSE = re.compile(r"`[^`\n]*`|\]\([^)\s]*\)|https?://\S+|<[^<>\n]*>|\"(?:[^\"\n]|\n(?!\n)){0,80}\"")


def blank(match):
    return re.sub(r"[^\n]", " ", match[0])


def c_comments(source):
    """(line, text) of every run of comments; code and strings are skipped."""
    token = re.compile(
        r"""//(?P<line>[^\n]*)|/\*(?P<block>.*?)\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\\n])'|r\#"(?:.*?)"\#""",
        re.DOTALL,
    )
    for match in token.finditer(source):
        line = source.count("\n", 0, match.start()) + 1
        if match["line"] is not None:
            yield line, match["line"].lstrip("/!")
        elif match["block"] is not None:
            for offset, text in enumerate(match["block"].split("\n")):
                yield line + offset, text.lstrip(" *!")


def hash_comments(source):
    for line, text in enumerate(source.splitlines(), 1):
        match = re.search(r"(?:^|\s)#+(?!!)\s(.*)$", text)
        if match:
            yield line, match[1]


def python_comments(source):
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string.lstrip("#")
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            docstring = node.body[0]
            for offset, text in enumerate(source.splitlines()[docstring.lineno - 1 : docstring.end_lineno]):
                yield docstring.lineno + offset, text.replace('"""', "   ")


def markdown(source):
    source = re.sub(r"^ *```.*?^ *```$", blank, source, flags=re.MULTILINE | re.DOTALL)
    for line, text in enumerate(source.splitlines(), 1):
        if not re.match(r"#+ |\|[-:| ]+\|$", text):
            for cell in text.split("|") if text.startswith("|") else [text]:
                yield line, cell if not text.startswith("|") else cell + "."


def prose(path):
    """(line, text) of everything in the file that is for people."""
    reader = None
    if path.suffix in C_LIKE:
        reader = c_comments
    elif path.suffix in (".py", ".pyi"):
        reader = python_comments
    elif path.suffix in HASH or path.name in HASH_NAMES:
        reader = hash_comments
    elif path.suffix == ".md":
        reader = markdown
    return sorted(reader(path.read_text(encoding="utf-8")), key=lambda found: found[0]) if reader else []


def paragraphs(lines):
    """Joins lines that follow each other: (the text, the line of each of its offsets)."""
    text, numbers, last = "", [], None
    for number, part in lines:
        if text and (not part.strip() or number > last + 1):
            yield text, numbers
            text, numbers = "", []
        text += part + "\n"
        numbers += [number] * (len(part) + 1)
        last = number
    if text:
        yield text, numbers


def sentence(text, position):
    """The bounds of the sentence around a position, its stop included."""
    start = 0
    for stop in SENTENCE_END.finditer(text):
        if stop.end() > position:
            return start, stop.end()
        start = stop.end()
    return start, len(text)


def bare_pronouns(text):
    """The offsets of the pronouns that count."""
    text = NOT_PROSE.sub(blank, text)
    for match in WORD.finditer(text):
        start, end = sentence(text, match.start())
        before, after = text[start : match.start()], text[match.end() : end]
        concession = match[0].lower() in ("whatever", "whoever") and CONCESSION.search(before)
        question = after.endswith("?") or BEFORE.search(before) or JOINED.search(before)
        if not (question or AFTER.match(after) or concession):
            yield match.start()


def files(paths):
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *paths]
    listed = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--at-most", type=int, metavar="N", help="fail if there are more")
    parser.add_argument("paths", nargs="*", metavar="PATH")
    options = parser.parse_args()
    for text, expected in PROBES.items():
        if len(list(bare_pronouns(text))) != expected:
            sys.exit(f"the rules are wrong about: {text}")
    total = lines_of_prose = 0
    for path in files(options.paths):
        if path == pathlib.Path(__file__).resolve():
            continue
        found = prose(path)
        lines_of_prose += len({number for number, text in found if text.strip(" .")})
        for text, numbers in paragraphs(found):
            for position in bare_pronouns(text):
                start, end = sentence(text, position)
                total += 1
                print(f"{path.relative_to(ROOT)}:{numbers[position]}: {' '.join(text[start:end].split())}")
    print(f"{total} bare pronouns in {lines_of_prose} lines of prose")
    if options.at_most is not None and total > options.at_most:
        sys.exit(f"more than {options.at_most}")


if __name__ == "__main__":
    main()
