"""An atlas answers alike with either index of words, and says which one it asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.errors import BadRequest
from kg.records import Filters
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from search.ranking.mode import Mode
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all
from tests.support.indexes import EVERY_WORD_KIND


@pytest.fixture(params=EVERY_WORD_KIND)
def library(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Library]:
    settings = Settings(tmp_path, words=request.param)
    with Catalogue(settings.catalogue) as catalogue:
        put_all(catalogue, *(paper(n) for n in range(20)), paper(30, title="Zebras: a study"))
    with Library(settings, HashedWords()) as opened:
        yield opened


def test_a_question_is_answered_by_the_words_that_the_setting_names(library: Library) -> None:
    assert library.words.kind == library.settings.words
    answer = library.ask("subject 7", mode=Mode.KEYWORD, filters=Filters(categories=("cs.LG",)))
    assert answer.hits[0].paper.id == "2001.00007"
    assert library.ask("zebras").hits[0].named
    assert library.count(words="zebra") == 1
    assert library.status().words == f"{library.settings.words}, 21 papers"


def test_no_other_setting_is_taken(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        put_all(catalogue, paper(1))
    with pytest.raises(BadRequest, match="unknown index of words"):
        Library(Settings(tmp_path, words="lucene"), HashedWords())
