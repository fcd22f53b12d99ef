"""The page of the downloads, for all releases in a folder. It works without a network, and as a file."""

import json
import re
from html import escape
from pathlib import Path
from string import Template

HERE = Path(__file__).parent
BOARDS = json.loads((HERE / "boards.json").read_text(encoding="utf-8"))
# Kinds of processors whose files are built with the built-in TLS, too.
TLS = "-tls"
# And for the client for asyncio.
AIO = "-aio"
# And without any option.
LEAN = "-lean"


def size(count):
    """A number of bytes, as people read it."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def link(release, name, text=None):
    """A link to a file of a release, with its size and checksum."""
    address = f"{release['version']}/{name}"
    details = f"{size(release['sizes'][name])}, SHA-256 <code>{release['sums'][name]}</code>"
    return f'<a class="file" href="{escape(address)}" download>{escape(text or name)}</a> <small>{details}</small>'


def image(release, board):
    """How to get a firmware with the module."""
    variants = [name for name in release["boards"] if re.fullmatch(rf"{board['board']}(-\w+)?", name)]
    if variants:
        files = "".join(f"<li>{link(release, release['boards'][name])}</li>" for name in variants)
        return f"<ol>{files}<li>{escape(board['flash'])}</li><li>At its prompt: <code>import mqtt</code></li></ol>"
    return f"<p>This release has no image for it. Build one:</p><pre>{escape(board['build'])}</pre>"


def place(release):
    """The words that stand for the address of a release, until the page knows it."""
    return f'<span class="place" data-version="{escape(release["version"])}">PLACE</span>'


def packages(release):
    """The commands that install the packages of Python which a release has for mip."""
    names = [name.removesuffix("/package.json") for name in release["sums"] if name.endswith("/package.json")]
    names = [name for name in names if f"{name}/mqtt.mpy" not in release["sums"]]
    if not names:
        return ""
    commands = "".join(f'mip.install("{place(release)}/{escape(name)}/package.json")\n' for name in names)
    return f"<p>Packages of Python that use the module, each with its command:</p><pre>import mip\n{commands}</pre>"


def native(release, board):
    """How to get the module as a file for stock firmware."""
    name = f"{board['mpy']}/mqtt.mpy"
    if name not in release["sums"]:
        return f"<p>There is no file for its processor (<code>{escape(board['mpy'])}</code>) yet.</p>"
    tls = f"{board['mpy']}{TLS}/mqtt.mpy"
    more = f"<li>With TLS built in: {link(release, tls, tls)}</li>" if tls in release["sums"] else ""
    lean = f"{board['mpy']}{LEAN}/mqtt.mpy"
    if lean in release["sums"]:
        command = f'install.mqtt("{place(release)}", lean=True)'
        more += f"<li>For little memory, with <code>{command}</code>: {link(release, lean, lean)}</li>"
    aio = f"{board['mpy']}{AIO}/mqtt.mpy"
    if aio in release["sums"]:
        command = f'install.mqtt_aio("{place(release)}")'
        more += f"<li>For asyncio, with <code>{command}</code>: {link(release, aio, aio)}</li>"
    return (
        f"<ul><li>{link(release, name, name)}</li>{more}</ul><p>With the network up, at its prompt:</p>"
        f'<pre>import mip\nmip.install("{place(release)}/install.py")\nimport install\ninstall.mqtt("{place(release)}")</pre>'
        f'<p class="note">PLACE is the address at which you serve the folder {escape(release["version"])}.</p>'
        "<p>With a cable: <code>mpremote cp mqtt.mpy :lib/</code></p>"
    )


def section(release, board):
    """The part of the page for a board and a release."""
    heading = f"{escape(board['name'])}, version {escape(release['version'])}"
    documentation = f"{release['version']}/docs/{board['page']}"
    return (
        f'<section id="{escape(board["board"])}-{escape(release["version"])}" data-board="{escape(board["board"])}" '
        f'data-version="{escape(release["version"])}"><h2>{heading}</h2>'
        f"<h3>Firmware with the module, MicroPython {escape(release['micropython'])}</h3>{image(release, board)}"
        f"<h3>The module as a file, for MicroPython 1.23 or later as it is downloaded</h3>{native(release, board)}"
        f'<p><a href="{escape(documentation)}">All about this board</a></p></section>'
    )


def others(release):
    """The files of a release that are for no board."""
    patterns = r"micropython_mqtt_stubs-.*|mqtt(_aio|_as)?\.pyi|LICENSE|LICENCES\.txt|.*\.cdx\.json"
    names = [name for name in release["sums"] if re.fullmatch(patterns, name)]
    files = "".join(f"<li>{link(release, name)}</li>" for name in names)
    version = escape(release["version"])
    links = f'<li><a href="{version}/SHA256SUMS">SHA256SUMS</a></li><li><a href="{version}/docs/index.html">Documentation</a></li>'
    return f'<section data-version="{version}"><h2>For all boards, version {version}</h2><ul>{links}{files}</ul>{packages(release)}</section>'


def newest_first(version):
    """A key that sorts versions."""
    return [int(number) if number.isdigit() else -1 for number in re.split(r"[.\-+]", version)]


def write(dist):
    """Writes index.html for the releases in the folder `dist`."""
    releases = [json.loads(path.read_text(encoding="utf-8")) for path in dist.glob("*/release.json")]
    releases.sort(key=lambda release: newest_first(release["version"]), reverse=True)
    options = "".join(f'<option value="{escape(board["board"])}">{escape(board["name"])}</option>' for board in BOARDS)
    versions = "".join(f"<option>{escape(release['version'])}</option>" for release in releases)
    sections = "".join(section(release, board) for release in releases for board in BOARDS)
    text = Template((HERE / "page.html").read_text(encoding="utf-8")).substitute(
        boards=options, versions=versions, sections=sections + "".join(map(others, releases))
    )
    (dist / "index.html").write_text(text, encoding="utf-8")
