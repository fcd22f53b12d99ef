#!/usr/bin/env python3
"""Copies the pages of the documentation to where mkdocs reads them:    stage.py TARGET

Pages keep their places in the repository, so their links stay as they are. A file that a page links to, and that
is no page, becomes one: the file in a block of code. A folder that a page links to becomes a list of its files.
"""

import os
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["*.md", "docs/**/*.md", "port/**/*.md"]
PICTURES = {".svg", ".png"}
LANGUAGES = {".c": "c", ".h": "c", ".py": "python", ".pyi": "python", ".rs": "rust", ".sh": "sh", ".toml": "toml", ".mk": "make"}
# The search would show a file as a whole, and before the pages that explain it.
NOT_SEARCHED = "---\nsearch:\n  exclude: true\n---\n\n"
LINK = re.compile(r"(\[[^\]]*\]\()([^)\s]+)(\))")
BLOCK = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)


class Site:
    """The pages that are there, and those that their links ask for."""

    def __init__(self, target):
        self.target = target
        self.made = set()

    def page(self, path):
        """Copies a page, with its links turned to the pages of the site."""
        text = path.read_text(encoding="utf-8")
        parts, end = [], 0
        for block in BLOCK.finditer(text):
            parts += [self._with_links(path, text[end : block.start()]), block[0]]
            end = block.end()
        parts.append(self._with_links(path, text[end:]))
        self._write(path.relative_to(ROOT), "".join(parts))

    def _with_links(self, page, text):
        def turn(match):
            link, _, anchor = match[2].partition("#")
            other = (page.parent / link).resolve()
            if not link or re.match(r"https?:|mailto:", link) or not other.exists():
                # mkdocs warns of those that lead nowhere.
                return match[0]
            place = os.path.relpath(ROOT / self.place_of(other), page.parent)
            return f"{match[1]}{place}{'#' + anchor if anchor else ''}{match[3]}"

        return LINK.sub(turn, text)

    def place_of(self, path):
        """The file of the site for a file or folder of the repository, which is made where there is none."""
        name = path.relative_to(ROOT)
        if path.suffix == ".md":
            return name
        if path.suffix in PICTURES:
            self._copy(path)
            return name
        page = name / "README.md" if path.is_dir() else name.with_name(f"{name.name}.md")
        if page not in self.made:
            self.made.add(page)
            self._write(page, self._list(path) if path.is_dir() else self._file(path))
        return page

    def _list(self, folder):
        """A list of the folder's files, all of them pages."""
        files = sorted(path for path in folder.iterdir() if path.is_file())
        rows = [f"- [{path.name}]({self.place_of(path).name})\n" for path in files]
        return f"# {folder.relative_to(ROOT)}\n\n{''.join(rows)}"

    def _file(self, path):
        """The file, in a block of code."""
        language = LANGUAGES.get(path.suffix, "text")
        text = path.read_text(encoding="utf-8").rstrip()
        return f"{NOT_SEARCHED}# {path.relative_to(ROOT)}\n\n````{language}\n{text}\n````\n"

    def _copy(self, path):
        place = self.target / path.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)

    def _write(self, name, text):
        place = self.target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


def main():
    target = Path(sys.argv[1]).resolve()
    shutil.rmtree(target, ignore_errors=True)
    site = Site(target)
    for path in sorted({path for pattern in PAGES for path in ROOT.glob(pattern)}):
        site.page(path)
    for name in ("LICENSE", "examples", "typings/mqtt.pyi"):
        site.place_of(ROOT / name)


if __name__ == "__main__":
    main()
