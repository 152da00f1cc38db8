"""What the atlas writes it reads again: the same papers, none lost, none doubled."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.adding import matching
from ingest.sources.bibliography import readers
from kg.export import formats
from kg.export.excerpt import Excerpt, gather
from kg.ids.doi import parse_doi
from kg.ids.titles import normalised_title
from kg.records import Paper
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from tests.support.factories import different, paper, papers

READ = ("bibtex", "ris", "csl-json", "csv", "jsonld")
"""Formats of export that are formats of import too, beside the Markdown list."""

NASTY = (
    "",  # No title at all: the identifiers tell.
    "On 5% of $\\alpha$ & {braces}_x",
    "Half a brace } and a half {",
    'Quotes " and “others”, and a backslash \\',
    "@article{key, title = {A title}, }",
    "TY  - JOUR",
    "ER  - ",
    "=SUM(A1:A2); DROP TABLE",
    "'Tis an apostrophe",
    "  Spaces\tand\nline\r\nends\u2028here ",
    "Semicolons; commas, and | pipes",
    "Ends in a full stop.",
    "Ends in an ellipsis...",
    "[Brackets](https://example.org/x)",
    "模型合并：无需数据",
    "Ångström, Erdős & Çelik",
    "# A heading",
    "- A bullet",
    "2203.05482",
    "%0 Journal Article",
    '{"title": "json"}',
    "\x00\x07\x1b[31m control",
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, unpacked_snapshot: Path) -> Iterator[Library]:
    """The bundled atlas."""
    settings = Settings(tmp_path_factory.mktemp("atlas"))
    shutil.copy(unpacked_snapshot, settings.catalogue)
    with Library(settings) as opened:
        yield opened


def found_in(catalogue: Catalogue, text: str) -> list[str | None]:
    """Return the ids of the papers that a bibliography means, in its order."""
    read = readers.read(text, readers.FILE_LIMITS)
    assert read.broken == ()
    matches = matching.matches(catalogue, read.references)
    return [match.paper.id if match.paper else None for match in matches]


@pytest.mark.slow
@pytest.mark.parametrize("name", READ)
def test_the_whole_atlas_comes_back(library: Library, name: str) -> None:
    excerpt = gather(library.catalogue, library.taxonomy)
    written = formats.PAPER_FORMATS[name].render(excerpt)
    assert found_in(library.catalogue, written) == [paper.id for paper in excerpt.papers]


@pytest.mark.slow
def test_the_whole_atlas_comes_back_from_its_markdown_list(library: Library) -> None:
    excerpt = gather(library.catalogue, library.taxonomy)
    found = found_in(library.catalogue, formats.PAPER_FORMATS["list"].render(excerpt))
    assert None not in found
    # Each stands under every one of its topics.
    assert set(found) == {paper.id for paper in excerpt.papers}


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("title", NASTY)
def test_a_nasty_title_comes_back(name: str, title: str) -> None:
    check(name, [paper(1, title=title), paper(2)])
    bare = paper(1, id="title:1", title=title, arxiv_id=None, url=None)
    check(name, [paper(2), bare] if normalised_title(title) else [])


@pytest.mark.parametrize("name", READ)
@given(some=st.lists(papers(), max_size=5).map(different))
def test_any_papers_come_back(name: str, some: list[Paper]) -> None:
    check(name, [one for one in some if one.arxiv_id or one.doi or normalised_title(one.title)])


def check(name: str, some: list[Paper]) -> None:
    """Check that each paper is told by what identifies it, once and in order."""
    if not some:
        return
    found = readers.read(
        formats.PAPER_FORMATS[name].render(Excerpt(tuple(some))), readers.FILE_LIMITS
    )
    assert found.broken == ()
    told = [one.entry for one in found.references]
    assert [(one.arxiv_id, one.doi, normalised_title(one.title)) for one in told] == [
        (one.arxiv_id, parse_doi(one.doi or ""), normalised_title(one.title)) for one in some
    ]
