import re
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from ingest.net.http import BadResponse
from ingest.sources.arxiv import atom
from kg.errors import SourceError
from kg.records import Paper
from kg.text.latex.plain import decoded
from tests.support.services.arxiv import (
    IDS,
    entry,
    feed,
)


def test_all_facts_of_an_entry() -> None:
    more = (
        '<comment xmlns="http://arxiv.org/schemas/atom">8 pages,\n 2 figures</comment>'
        '<journal_ref xmlns="http://arxiv.org/schemas/atom">J. Ants 1</journal_ref>'
        '<doi xmlns="http://arxiv.org/schemas/atom">10.1000/ANTS.1</doi>'
        '<category term="cond-mat.mes-hall"/><category term="68T05 (Primary), 62-08 (Secondary)"/>'
        '<category term="I.2.6; K.5"/>'
    )
    title = "A  Tale of\n  <Two> Erd\\H{o}s Ants"
    body = feed([entry("2001.00001", title, version="3", summary=" We ask.\nWhy? ", more=more)])
    assert atom.parse(body).papers == (
        Paper(
            id="2001.00001",
            title="A Tale of <Two> Erdős Ants",
            authors=("Ada Author",),
            abstract="We ask. Why?",
            published=date(2020, 1, 2),
            updated=date(2020, 2, 3),
            year=2020,
            arxiv_id="2001.00001",
            doi="10.1000/ants.1",
            url="https://arxiv.org/abs/2001.00001",
            categories=("cs.LG", "cs.CL", "cond-mat.mes-hall"),
            comment="8 pages, 2 figures",
            journal_ref="J. Ants 1",
            version=3,
        ),
    )


def test_arxivs_own_doi_is_none_and_a_withdrawn_paper_is_withdrawn() -> None:
    own = '<doi xmlns="http://arxiv.org/schemas/atom">10.48550/arXiv.2001.00001</doi>'
    gone = "This paper has been withdrawn by the author."
    (paper,) = atom.parse(feed([entry(IDS[0], more=own, summary=gone)])).papers
    assert (paper.doi, paper.withdrawn) == (None, True)


@pytest.mark.shared
def test_recorded_feeds_say_what_they_say(shared: Path) -> None:
    recorded = sorted((shared / "fixtures" / "arxiv_atom").glob("*.200.xml"))
    assert len(recorded) == 19
    names = {"a": "http://www.w3.org/2005/Atom", "x": "http://arxiv.org/schemas/atom"}
    for path in recorded:
        papers = atom.parse(path.read_bytes()).papers
        entries = etree.parse(path).findall("a:entry", names)
        assert len(papers) == len(entries)
        for paper, one in zip(papers, entries, strict=True):
            link = f"http://arxiv.org/abs/{paper.id}v{paper.version}"
            assert link == one.findtext("a:id", namespaces=names)
            # One paper has half of a letter that arXiv lost: a control character.
            title, summary = (
                re.sub("[\x7f-\x9f]", "", one.findtext(f"a:{name}", "", names))
                for name in ("title", "summary")
            )
            assert paper.title == decoded(" ".join(title.split())).rstrip(".")
            assert paper.abstract is not None
            assert paper.abstract.split() == summary.split() or "\\" in summary
            days = [one.findtext(f"a:{name}", "", names)[:10] for name in ("published", "updated")]
            assert [f"{paper.published}", f"{paper.updated}"] == days
            terms = [element.get("term") for element in one.findall("a:category", names)]
            assert list(paper.categories) == terms
            assert len(paper.authors) == len(one.findall("a:author", names))
            assert (paper.doi or "") == one.findtext("x:doi", "", names).lower()
            assert bool(paper.comment) == (one.find("x:comment", names) is not None)
            assert bool(paper.journal_ref) == (one.find("x:journal_ref", names) is not None)


@pytest.mark.shared
def test_the_recorded_refusal_and_the_recorded_page(shared: Path) -> None:
    folder = shared / "fixtures" / "arxiv_atom"
    (refused,) = folder.glob("*.400.xml")
    with pytest.raises(SourceError, match="incorrect id format for abc") as caught:
        atom.parse(refused.read_bytes())
    assert caught.value.status == 400
    (page,) = folder.glob("q_testing_s5_m10_*")
    assert len(atom.parse(page.read_bytes(), 5, 10).papers) == 10
    with pytest.raises(BadResponse, match="another page"):
        atom.parse(page.read_bytes(), 0, 10)
