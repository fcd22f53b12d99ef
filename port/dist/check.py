#!/usr/bin/env python3
"""Checks the folder of the releases:    check.py FOLDER

Every link of its page leads to a file or a heading, the page loads nothing from elsewhere, and the files have the
checksums that are listed.
"""

import hashlib
import sys
import urllib.parse
from html.parser import HTMLParser
from pathlib import Path


class Links(HTMLParser):
    """The links of a page, the addresses that it loads, and its anchors."""

    def __init__(self):
        super().__init__()
        self.links, self.loaded, self.anchors = [], [], set()

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if "id" in attributes:
            self.anchors.add(attributes["id"])
        if tag == "a":
            self.links.append(attributes.get("href", ""))
        elif "src" in attributes or (tag == "link" and "href" in attributes):
            self.loaded.append(attributes.get("src") or attributes["href"])


def problems_of_page(page):
    """Links of a page that lead nowhere, and addresses elsewhere that it loads."""
    parser = Links()
    parser.feed(page.read_text(encoding="utf-8"))
    found = [f"{page}: loads {address}" for address in parser.loaded if urllib.parse.urlsplit(address).netloc]
    for link in parser.links:
        parts = urllib.parse.urlsplit(link)
        if parts.scheme:
            continue
        if not parts.path:
            if parts.fragment not in parser.anchors:
                found.append(f"{page}: #{parts.fragment} leads nowhere")
        elif not (page.parent / urllib.parse.unquote(parts.path)).is_file():
            found.append(f"{page}: {link} leads nowhere")
    return found


def problems_of_release(folder):
    """Files whose checksum is not that of SHA256SUMS."""
    found = []
    for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        path = folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            found.append(f"{path}: not the file with the checksum {digest}")
    return found


def problems(dist):
    """All problems of the folder of the releases."""
    releases = sorted(path.parent for path in dist.glob("*/release.json"))
    found = [] if releases else [f"{dist}: no release"]
    for release in releases:
        found += problems_of_release(release)
    return found + problems_of_page(dist / "index.html")


if __name__ == "__main__":
    FOUND = problems(Path(sys.argv[1]))
    sys.exit("\n".join(FOUND) or 0)
