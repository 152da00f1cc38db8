"""Scores that are kept rank as FTS5 does, of the state that is read."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.records import Filters
from kg.store.catalogue import Catalogue
from search.index.selection import Selection
from search.index.words import fts5, kept_scores
from search.index.words.fts5 import Fts5Words
from search.index.words.kept_scores import KeptScores
from tests.support.factories import paper, put_all

WORDS = ("merging", "models", "soups", "colour", "color", "weights", "pre-trained", "averaging")


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    made = [
        paper(
            number,
            title=" ".join(WORDS[at] for at in range(8) if number >> at & 1) or "Nothing",
            abstract=f"We study {WORDS[number % 8]}. " * (number % 5),
            withdrawn=number % 7 == 0,
        )
        for number in range(60)
    ]
    with Catalogue(tmp_path / "atlas.sqlite") as opened:
        put_all(opened, *made, paper(70, title="merging models"), paper(71, title="merging models"))
        yield opened


def asked_before(catalogue: Catalogue) -> Fts5Words:
    index = Fts5Words(catalogue)
    for _ in range(2):
        index.search("soups", 1, Filters())
    return index


def by_sql(
    catalogue: Catalogue, text: str, limit: int, filters: Filters
) -> list[tuple[int, float]]:
    return Fts5Words(catalogue).search(text, limit, filters)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    asked=st.lists(st.sampled_from((*WORDS, "nowhere")), min_size=1, max_size=5),
    limit=st.integers(1, 80),
    withdrawn=st.booleans(),
)
def test_papers_and_scores_are_those_of_fts5(
    catalogue: Catalogue, asked: Sequence[str], limit: int, withdrawn: bool
) -> None:
    text, filters = " ".join(asked), Filters(withdrawn=withdrawn)
    index = asked_before(catalogue)
    with catalogue.reading():
        keys = catalogue.papers.select(filters)
        allowed = None if keys is None else Selection.of_keys(keys, filters)
        wanted = by_sql(catalogue, text, limit, filters)
        assert index.search(text, limit, filters, allowed=allowed) == wanted
        assert index.search(text, limit, filters) == wanted
        assert index.document_frequencies(asked) == Fts5Words(catalogue).document_frequencies(asked)


def test_only_papers_that_are_allowed_are_found(catalogue: Catalogue) -> None:
    index = asked_before(catalogue)
    some = catalogue.papers.keys()[10:40]
    with catalogue.reading():
        wanted = by_sql(catalogue, "merging soups", 9, Filters(withdrawn=True, among=tuple(some)))
        found = index.search(
            "merging soups", 9, Filters(withdrawn=True), allowed=Selection.of_keys(list(some))
        )
        assert found == wanted
        # Where nobody has looked up who passes, SQL does.
        assert (
            index.search("merging soups", 9, Filters(withdrawn=True, among=tuple(some))) == wanted
        )


def test_a_change_is_seen_at_once_and_by_its_writer_before_all(catalogue: Catalogue) -> None:
    index, filters = asked_before(catalogue), Filters()

    def best() -> list[tuple[int, float]]:
        with catalogue.reading():
            return index.search("zebra", 9, filters)

    assert best() == []
    with catalogue.writing():
        (key,) = put_all(catalogue, paper(99, title="Zebra"))
        assert [one for one, _ in best()] == [key]
    assert [one for one, _ in best()] == [key]
    with catalogue.reading():
        assert index.document_frequencies(["zebra"]) == {"zebra": 1}
    catalogue.papers.remove(paper(99).id)
    assert best() == []


def test_the_words_least_recently_asked_for_are_forgotten(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_scores, "MAX_ROWS", 70)
    kept = KeptScores(catalogue.words, fts5.WEIGHTS, ())
    first = kept.of('"merging"')
    for word in ("soups", "models", "merging", "weights", "averaging"):
        kept.of(f'"{word}"')
        assert sum(len(one.keys) for one in kept._kept.values()) == kept._rows <= 70
    again = kept.of('"merging"')
    assert again is not first
    assert np.array_equal(again.scores, first.scores)


def test_one_question_keeps_none(catalogue: Catalogue) -> None:
    index = Fts5Words(catalogue)
    with catalogue.reading():
        index.document_frequencies(["soups"])
        index.search("soups", 1, Filters())
        index.document_frequencies(["soups"])
        assert index._kept() is None
        index.search("soups", 1, Filters())
        assert index._kept() is not None


def test_a_large_atlas_keeps_none(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    index = asked_before(catalogue)
    with catalogue.reading():
        assert index._kept() is not None
        monkeypatch.setattr(fts5, "MAX_KEPT_PAPERS", 10)
        assert index._kept() is None
