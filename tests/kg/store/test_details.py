"""Card, links and reports of papers together."""

from collections.abc import Iterator

import pytest

from kg.links import LinkState
from kg.store.details import NO_DETAILS, Details
from search.library import Library
from tests.support.factories import card, code_link, paper
from tests.support.serving import described_library


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with described_library(tmp_path_factory.mktemp("atlas")) as opened:
        yield opened


def known(library: Library, number: int) -> Details:
    catalogue = library.catalogue
    return catalogue.details.get([catalogue.identifiers.key(paper(number).id)])[0]


def test_what_is_known_of_a_paper_comes_together(library: Library) -> None:
    found = known(library, 1)
    assert found.card == card()
    assert found.summary == card().summary
    assert [(link.url, link.official) for link in found.links] == [
        ("https://github.com/ada/code1", True),
        ("https://github.com/ada/code2", False),
        ("https://ada.example/page", None),
    ]
    assert found.code == "https://github.com/ada/moved"
    assert found.citations == 1234
    assert found.choices() == {
        "kind": "method",
        "data": "none",
        "access": "white-box",
        "training": "none",
        "modality": "text, vision",
    }


def test_of_a_paper_without_any_nothing_is_known(library: Library) -> None:
    assert known(library, 5) == NO_DETAILS
    assert (NO_DETAILS.summary, NO_DETAILS.code, NO_DETAILS.citations) == (None, None, None)
    assert NO_DETAILS.choices() == {}


def test_they_come_in_the_order_of_the_keys(library: Library) -> None:
    keys = [library.catalogue.identifiers.key(paper(number).id) for number in (5, 2, 1)]
    cards = [one.card and one.card.by for one in library.catalogue.details.get(keys)]
    assert cards == [None, "model", "abstract"]


def test_code_that_is_gone_is_told_and_not_offered(library: Library) -> None:
    found = known(library, 3)
    assert [link.state for link in found.links] == [LinkState.GONE]
    assert found.code is None
    there = Details(links=(*found.links, code_link(4)))
    assert there.code == "https://github.com/ada/code4"


def test_no_hostile_link_leaves_the_catalogue(library: Library) -> None:
    found = known(library, 4)
    assert found.links == ()
    assert [one.open_access for one in found.reports] == [None]


def test_links_are_counted_by_papers(library: Library) -> None:
    counts = library.filter_counts()
    assert counts.cards["kind"] == {"method": 2}
    assert counts.cards["data"] == {"labeled": 1, "none": 1}
    assert (counts.code, counts.reported) == (2, 2)
