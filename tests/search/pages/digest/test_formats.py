"""Digests as text, Markdown, HTML and JSON: whole, safe to show, and the same in all."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html

from kg.cards.card import Card, Kind
from kg.errors import BadRequest
from kg.links import Link, LinkKind
from kg.records import Paper, PlacedBy, Placement
from kg.store.journal import ChangeKind
from search.library import Library
from search.pages.digest import formats
from search.pages.digest.digest import Digest
from search.pages.digest.formats import FORMATS, render
from search.pages.digest.wording import MAX_CHANGES
from tests.support.factories import paper, put_all

EDITING = "model-editing"
CODE = "https://github.com/ada/soups"
SUMMARY = "Edits a fact by one closed step, *without* data; 12% better than <b>MEND</b> & co."
PLAIN = paper(1, title="Editing facts", venue="ICML", abstract="First. We propose to edit facts.")
HOSTILE = Paper(
    id="doi:10.1000/a",
    doi="10.1000/a",
    title="</p><script>alert(1)</script> [x](javascript:alert(2)) *a* _b_ `c` # d\n"
    "\x1b[31m\u202e|e",
    authors=("O'Brien & <Sons>\x07", "", "B", "C", "D"),
    abstract="1) It begins as a list <img src=x onerror=alert(3)>.",
    url="javascript:alert(4)",
)


@pytest.fixture
def digest(library: Library) -> Iterator[Digest]:
    put_all(library.catalogue, PLAIN, HOSTILE)
    for one in (PLAIN, HOSTILE):
        library.catalogue.placements.add(one.id, [Placement(EDITING, PlacedBy.LIST, "a_list")])
        library.catalogue.journal.log_change(one.id, ChangeKind.ADDED)
    library.catalogue.cards.put(PLAIN.id, Card(Kind.METHOD, summary=SUMMARY), "snapshot")
    library.catalogue.links.add(PLAIN.id, [Link(LinkKind.CODE, CODE, "abstract")])
    old = [paper(n) for n in range(2, 4 + MAX_CHANGES)]
    put_all(library.catalogue, *old)
    for one in old:
        library.catalogue.journal.log_change(one.id, ChangeKind.REVISED, "version 2 <i>")
    return library.digest()


@pytest.fixture
def empty(library: Library) -> Digest:
    return library.digest(questions=["<b>why</b>"])


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_all_of_it_and_no_control_character(name: str, digest: Digest) -> None:
    told = render(FORMATS[name], digest)
    assert re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", told) is None
    for part in (PLAIN.id, CODE, "12% better", "Model Editing", "Bo Writer", "ICML", "revised"):
        assert part in told, part
    assert "javascript:alert(4)" not in told
    assert told.endswith("\n")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_why_it_is_empty(name: str, empty: Digest) -> None:
    told = render(FORMATS[name], empty)
    assert "No refresh has ever run" in told
    assert "why" in told


def test_text_has_no_markup_and_narrow_lines(digest: Digest) -> None:
    told = render(FORMATS["text"], digest)
    assert "  Edits a fact by one closed step, *without* data;" in told
    assert "  (on the list a_list)\n" in told
    assert f"  code: {CODE}\n" in told
    assert "and 2 more changes" in told
    assert max(len(line) for line in told.splitlines() if "https://" not in line) <= 78


def test_markdown_is_escaped(digest: Digest) -> None:
    told = render(FORMATS["markdown"], digest)
    assert "- **[Editing facts](https://arxiv.org/abs/2001.00001)**  \n" in told
    assert "\\*without\\* data; 12% better than \\<b\\>MEND\\</b\\> & co." in told
    assert "\\</p\\>\\<script\\>" in told
    assert "\\[x\\](javascript:alert(2)) \\*a\\* \\_b\\_ \\`c\\` # d \\[31m\\|e](" in told
    assert "\n  1\\) It begins as a list" in told
    assert "*on the list a\\_list*" in told


def test_html_loads_nothing_and_runs_nothing(digest: Digest) -> None:
    told = render(FORMATS["html"], digest)
    tree = html.document_fromstring(told)
    assert {one.tag for one in tree.iter() if isinstance(one.tag, str)} == {
        *("html", "head", "meta", "title", "body", "h1", "h2", "div", "p", "a", "bdi")
    }
    names = {name for one in tree.iter() for name in one.attrib}
    assert names <= {"style", "href", "lang", "charset", "name", "content"}
    assert not any("url(" in value for value in tree.xpath("//@style"))
    hrefs = set(tree.xpath("//@href"))
    assert CODE in hrefs
    assert all(href.startswith("https://") for href in hrefs)
    shown = tree.text_content()
    assert "</p><script>alert(1)</script> [x](javascript:alert(2))" in shown
    assert SUMMARY in shown


def test_json_is_the_documented_shape(digest: Digest, empty: Digest) -> None:
    found = json.loads(render(FORMATS["json"], digest))
    assert list(found) == [
        *("version", "since", "until", "topic", "questions", "papers", "came", "sections"),
        *("changes", "reasons", "last_refresh", "sources"),
    ]
    (section,) = found["sections"]
    assert (section["heading"], section["topic"], section["question"]) == (
        "Model Editing",
        EDITING,
        None,
    )
    one = next(one for one in section["papers"] if one["id"] == PLAIN.id)
    assert list(one) == [
        *("id", "title", "authors", "year", "venue", "categories", "date", "url", "topics"),
        *("entered", "summary", "evidence", "card", "links", "code", "reason", "strength"),
    ]
    assert (one["summary"], one["evidence"]) == (SUMMARY, "We propose to edit facts.")
    assert one["links"] == [{"kind": "code", "url": CODE, "source": "abstract"}]
    assert one["card"]["kind"] == "method"
    assert len(found["changes"]) == MAX_CHANGES + 2
    assert json.loads(render(FORMATS["json"], empty))["questions"] == ["<b>why</b>"]


def test_a_surrogate_does_not_stop_any_format(digest: Digest) -> None:
    section = digest.sections[0]
    broken = replace(
        section.papers[0], paper=replace(PLAIN, title="half \ud800 a pair"), evidence="\ud800"
    )
    spoilt = replace(digest, sections=(replace(section, papers=(broken,)),))
    for form in FORMATS.values():
        assert render(form, spoilt).encode()


def test_the_end_of_a_files_name_means_its_format() -> None:
    assert formats.chosen(None, Path("x.MD")).name == "markdown"
    assert formats.chosen("json", Path("x.md")).name == "json"
    assert formats.chosen(None, None).name == "text"
    for name, file in (("pdf", None), (None, Path("x.pdf")), (None, Path("txt"))):
        with pytest.raises(BadRequest):
            formats.chosen(name, file)
