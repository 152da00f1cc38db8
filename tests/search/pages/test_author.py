"""An author's papers, and with whom they were written."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.errors import NotFound
from kg.records import PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from search.pages.author import MAX_NAMES
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    settings = Settings(tmp_path)
    with Catalogue(settings.catalogue) as catalogue:
        put_all(
            catalogue,
            paper(1, authors=("Zoë Çelik", "Ann Other", "Bo Third"), year=2019, arxiv_id=None),
            paper(2, authors=("Ann Other", "Zoe Celik"), year=2021, withdrawn=True),
            paper(3, authors=("Zoë B. Çelik", "ann other"), year=None, arxiv_id=None),
            paper(4, authors=("Zoë Else", *(f"Co Author{n}" for n in range(20)))),
        )
        catalogue.placements.add(
            "2001.00001", [Placement("model-editing", PlacedBy.LIST, "a list")]
        )
    with Library(settings, HashedWords()) as opened:
        yield opened


@pytest.mark.parametrize("name", ["Zoë Çelik", "celik zoe", "  ZOE   ÇELIK "])
def test_papers_come_newest_first_under_any_spelling(library: Library, name: str) -> None:
    found = library.author(name)
    assert [one.paper.year for one in found.papers] == [2021, 2019, None]
    assert [one.topics for one in found.papers] == [(), ("model-editing",), ()]


def test_co_authors_are_counted_under_all_spellings(library: Library) -> None:
    assert library.author("celik").coauthors == (("Ann Other", 3), ("Bo Third", 1))
    assert len(library.author("Zoe Else").coauthors) == MAX_NAMES


def test_the_name_is_as_most_papers_write_it(library: Library) -> None:
    assert library.author("ann OTHER").name == "Ann Other"
    # Two names begin alike, and neither is what was asked for.
    found = library.author("zoe")
    assert found.name == "zoe"
    assert dict(found.names) == {"Zoë Çelik": 2, "Zoë B. Çelik": 1, "Zoë Else": 1}
    # One is just what was asked for, and the other has more words.
    assert library.author("zoe celik").name == "Zoë Çelik"


@pytest.mark.parametrize("name", ["nobody", "", "...", "celi"])
def test_nobody_of_that_name_is_told(library: Library, name: str) -> None:
    with pytest.raises(NotFound) as told:
        library.author(name)
    assert (told.value.kind, told.value.name) == ("author", name)
