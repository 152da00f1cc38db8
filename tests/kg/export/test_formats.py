import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest

from kg.errors import AtlasError, BadRequest
from kg.export import formats
from kg.export.excerpt import Excerpt, gather
from kg.records import Citation, PlacedBy, Placement
from kg.store.catalogue import Catalogue
from kg.store.details import Details
from kg.taxonomy.taxonomy import Taxonomy
from tests.support.factories import card, code_link, paper, put_all

TAXONOMY = Taxonomy.load()


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "catalogue.sqlite3") as made:
        put_all(made, paper(3), paper(1), paper(2))
        made.placements.add(paper(1).id, [Placement("model-editing", PlacedBy.LIST, "a")])
        made.placements.add(paper(1).id, [Placement("meta-learning", PlacedBy.MODEL, "b", 0.5)])
        made.lists.add(paper(1).id, "a", starred=False)
        made.citations.add(
            [Citation(paper(1).id, paper(2).id, "x"), Citation(paper(1).id, paper(3).id, "x")]
        )
        yield made


def test_everything_is_gathered(catalogue: Catalogue) -> None:
    found = gather(catalogue, TAXONOMY)
    assert found.papers == (paper(1), paper(2), paper(3))
    assert found.topics(paper(1).id) == ("model-editing", "meta-learning")
    assert found.topics(paper(2).id) == ()
    assert found.lists == {paper(1).id: ("a",)}
    assert found.cited() == {paper(1).id: (paper(2).id, paper(3).id)}


def test_a_part_has_only_the_citations_within_it(catalogue: Catalogue) -> None:
    keys = [catalogue.identifiers.key(paper(3).id), catalogue.identifiers.key(paper(1).id)]
    found = gather(catalogue, TAXONOMY, keys)
    assert found.papers == (paper(1), paper(3))
    assert found.cited() == {paper(1).id: (paper(3).id,)}
    assert gather(catalogue, TAXONOMY, []).papers == ()


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(BadRequest, match="'bibtx'") as told:
        formats.named("bibtx")
    for name in ("bibtex", "ris", "csl-json", "csv", "graphml", "gexf", "jsonld", "list"):
        assert formats.named(name).name == name
        assert name in told.value.mend


def test_no_papers_is_a_valid_empty_document() -> None:
    texts = {name: form.render(Excerpt(())) for name, form in formats.PAPER_FORMATS.items()}
    assert texts["bibtex"] == texts["ris"] == ""
    assert json.loads(texts["csl-json"]) == []
    assert len(list(csv.reader(io.StringIO(texts["csv"], newline="")))) == 1
    assert json.loads(texts["jsonld"])["@graph"][0]["@type"] == "skos:ConceptScheme"
    assert texts["list"] == "# Learn From Model\n"
    for form in formats.GRAPH_FORMATS.values():
        assert form.render(nx.MultiDiGraph()).startswith("<")


# -- writing -----------------------------------------------------------------------------------


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "papers.bib"
    for text in ("first\n", "zweite: 中文\n"):
        formats.write(path, text)
        assert path.read_bytes() == text.encode()
    assert list(tmp_path.iterdir()) == [path]


def test_a_text_that_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "papers.bib"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        formats.write(path, "new \ud800")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_device_is_written_to_and_stays_a_device(tmp_path: Path) -> None:
    formats.write(Path("/dev/null"), "text")
    assert Path("/dev/null").is_char_device()
    link = tmp_path / "link.bib"
    link.symlink_to(tmp_path / "target.bib")
    formats.write(link, "text")
    assert link.is_symlink()
    assert (tmp_path / "target.bib").read_text() == "text"


@pytest.mark.parametrize("place", [".", "missing/papers.bib", "file/papers.bib", "x" * 300])
def test_a_place_that_cannot_be_written_is_told_in_one_line(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AtlasError, match="cannot write") as told:
        formats.write(tmp_path / place, "text")
    assert "\n" not in str(told.value)
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("name", [name for name in formats.PAPER_FORMATS if name != "list"])
def test_a_format_has_what_a_paper_does_and_its_code(name: str) -> None:
    known = {paper(1).id: Details(card(), (code_link(1),))}
    text = formats.PAPER_FORMATS[name].render(Excerpt((paper(1),), details=known))
    assert str(card().summary) in text
    assert "https://github.com/ada/code1" in text


STEERING = "\0 \a \x1b[2J \x9b31m \u202e \u2066 \U000e0041"


@pytest.mark.parametrize("name", formats.PAPER_FORMATS)
@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"])
def test_no_format_passes_on_what_acts(name: str, url: str) -> None:
    # As an older catalogue or a snapshot may hold it.
    hostile = f"a {STEERING} title"
    made = paper(
        1,
        title=hostile,
        authors=(hostile,),
        venue=hostile,
        abstract=hostile,
        comment=hostile,
        journal_ref=hostile,
        url=url,
        arxiv_id=None,
    )
    text = formats.PAPER_FORMATS[name].render(Excerpt((made,)))
    assert not set("\0\a\x1b\x9b\u202e\u2066\U000e0041") & set(text)
    assert url[: url.index(":") + 3] not in text
