"""The READMEs and docs/: a limited length, the same sections in both languages, links that resolve."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
READMES = (ROOT / "README.md", ROOT / "README.ko.md")
MAX_README_LINES = 250
FOLDERS = (DOCS, ROOT / "deploy", ROOT / "findings")
PAGES = sorted({*ROOT.glob("*.md"), *(page for folder in FOLDERS for page in folder.rglob("*.md"))})
TRANSLATIONS = sorted((DOCS / "ko").glob("*.md"))

CODE_BLOCK = re.compile(r"^( *)```.*?^\1```", re.MULTILINE | re.DOTALL)
CODE_SPAN = re.compile(r"`[^`]*`")
HEADING = re.compile(r"^(#+) +(.+?) *$", re.MULTILINE)
LINK = re.compile(r"\]\(([^()\s]+)\)")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def _prose(page: Path) -> str:
    """The page's text without code blocks, where # is a comment and brackets are no links."""
    return CODE_BLOCK.sub("", page.read_text())


@cache
def _headings(page: Path) -> list[tuple[int, str]]:
    """The levels and texts of a page's headings."""
    return [(len(marks), text) for marks, text in HEADING.findall(_prose(page))]


def _anchors(page: Path) -> set[str]:
    """GitHub's anchors of a page's headings: lower case, no punctuation, dashes for spaces, repeats numbered."""
    anchors: set[str] = set()
    for _, text in _headings(page):
        anchor = plain = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        number = 0
        while anchor in anchors:
            number += 1
            anchor = f"{plain}-{number}"
        anchors.add(anchor)
    return anchors


def _relative_links(page: Path) -> list[str]:
    return [link for link in LINK.findall(CODE_SPAN.sub("", _prose(page))) if not re.match(r"https?:|mailto:", link)]


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_relative_link_and_anchor_resolves(page: Path) -> None:
    for link in _relative_links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


def test_link_test_finds_links_and_anchors() -> None:
    assert "docs/api.md#calibration-and-verdicts" in _relative_links(ROOT / "README.md")
    assert "보정과-판정" in _anchors(DOCS / "ko" / "api.md")


@pytest.mark.parametrize("page", READMES, ids=_name)
def test_readme_has_at_most_250_lines(page: Path) -> None:
    assert len(page.read_text().splitlines()) <= MAX_README_LINES


@pytest.mark.parametrize("page", READMES, ids=_name)
def test_table_of_contents_lists_every_section(page: Path) -> None:
    contents = _prose(page).partition("\n## ")[0]
    listed = [link.removeprefix("#") for link in LINK.findall(contents) if link.startswith("#")]
    sections = [text for level, text in _headings(page) if level > 1]
    assert listed == [re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in sections]


def test_both_readmes_have_the_same_sections() -> None:
    english, korean = ([level for level, _ in _headings(page)] for page in READMES)
    assert english == korean


@pytest.mark.parametrize("page", TRANSLATIONS, ids=_name)
def test_translation_has_the_same_sections_and_links(page: Path) -> None:
    english = DOCS / page.name
    assert [level for level, _ in _headings(page)] == [level for level, _ in _headings(english)]
    assert f"../{page.name}" in _relative_links(page)
    assert f"ko/{page.name}" in _relative_links(english)


@pytest.mark.parametrize("page", READMES, ids=_name)
def test_every_page_is_in_the_index(page: Path) -> None:
    linked = {(page.parent / link.partition("#")[0]).resolve() for link in _relative_links(page)}
    translated = {path.name for path in TRANSLATIONS} if page.name == "README.ko.md" else set()
    expected = {DOCS / "ko" / path.name if path.name in translated else path for path in DOCS.glob("*.md")}
    assert expected <= linked
