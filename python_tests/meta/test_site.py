"""The site of the documentation: the pages that mkdocs gets, and its navigation."""

import functools
import http.server
import re
import shutil
import subprocess
import sys
import threading

import pytest
from harness import documents
from harness.chromium import Page
from harness.targets import ROOT

pytestmark = pytest.mark.plain

SITE = ROOT / "build" / "docs"
SETTINGS = ROOT / "docs" / "site" / "mkdocs.yml"


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    """The pages for mkdocs. (`make docs` also has mkdocs check their links.)"""
    folder = tmp_path_factory.mktemp("pages")
    subprocess.run([sys.executable, ROOT / "docs" / "site" / "stage.py", folder], check=True)
    return folder


def test_every_page_is_in_the_navigation(staged):
    listed = re.findall(r"^ *- (?:[^:\n]+: )?(\S+\.md)$", SETTINGS.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(listed) == len(set(listed))
    missing = {str(page.relative_to(ROOT)) for page in documents.PAGES} - set(listed)
    assert not missing, f"docs/site/mkdocs.yml must list {missing}"
    assert not [page for page in listed if not (staged / page).exists()]


def test_links_lead_to_pages_of_the_site(staged):
    assert len(list(staged.rglob("*.md"))) > len(documents.PAGES)
    for page in (staged / page.relative_to(ROOT) for page in documents.PAGES):
        for link in documents.links(page):
            if not re.match(r"https?://|mailto:|#", link):
                assert (page.parent / link.partition("#")[0]).is_file(), f"{page}: {link}"


def test_a_file_and_a_folder_become_pages(staged):
    program = (ROOT / "examples" / "publish.py").read_text(encoding="utf-8").rstrip()
    page = (staged / "examples" / "publish.py.md").read_text()
    assert page == f"---\nsearch:\n  exclude: true\n---\n\n# examples/publish.py\n\n````python\n{program}\n````\n"
    assert "- [publish.py](publish.py.md)\n" in (staged / "examples" / "README.md").read_text()


def test_code_is_not_changed(staged):
    for page in documents.PAGES:
        copy = staged / page.relative_to(ROOT)
        assert documents.fences(copy.read_text()) == documents.fences(page.read_text()), page


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    """The address of the site: its search needs a server."""
    if not (SITE / "index.html").exists():
        pytest.skip("`make docs` has not built the site")
    if not shutil.which("chromium"):
        pytest.skip("there is no Chromium here")
    handler = functools.partial(QuietHandler, directory=SITE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


FIELD = "document.querySelector('[data-md-component=search-query]')"
FOUND = "[...document.querySelectorAll('.md-search-result__item > .md-search-result__link')].map(link => link.href)"


@pytest.mark.parametrize("width", [1280, 390])
def test_the_search_finds_the_page(site, width):
    """A reader types into the field; the pages that explain the word are found, and no source file."""
    with Page(f"{site}/index.html", width) as page:
        # The field is ready when its script has made the place of the results.
        page.wait_for("!!document.querySelector('.md-search-result__meta') && document.readyState == 'complete'")
        page.value(f"{FIELD}.focus()")
        page.call("Input.insertText", text="restore session")
        page.wait_for(f"{FOUND}.length > 0")
        found = [link.removeprefix(f"{site}/").partition("?")[0] for link in page.value(FOUND)]
    assert {"docs/power.html", "docs/mqtt.html"} <= set(found), found
    assert not [link for link in found if link.endswith((".py.html", ".rs.html", ".c.html"))]


def test_pages_are_as_wide_as_the_window(site):
    """On a telephone, tables and code scroll; the page does not."""
    pages = sorted(path.relative_to(SITE) for path in SITE.glob("docs/**/*.html"))
    assert len(pages) > 20
    with Page(f"{site}/index.html", 390) as page:
        for path in ["index.html", *pages]:
            page.call("Page.navigate", url=f"{site}/{path}")
            page.wait_for(f"location.pathname == '/{path}' && document.readyState == 'complete'")
            assert page.value("document.documentElement.scrollWidth <= window.innerWidth"), path
