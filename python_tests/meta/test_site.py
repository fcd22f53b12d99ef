"""The site of the documentation: the pages that mkdocs gets, and its navigation."""

import re
import subprocess
import sys

import pytest
from harness import documents
from harness.targets import ROOT

pytestmark = pytest.mark.plain

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
    assert (staged / "examples" / "publish.py.md").read_text() == f"# examples/publish.py\n\n````python\n{program}\n````\n"
    assert "- [publish.py](publish.py.md)\n" in (staged / "examples" / "README.md").read_text()


def test_code_is_not_changed(staged):
    for page in documents.PAGES:
        copy = staged / page.relative_to(ROOT)
        assert documents.fences(copy.read_text()) == documents.fences(page.read_text()), page
