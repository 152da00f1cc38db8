"""Conditions that are looked up for what ranks best find what going through all papers finds."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from ingest.embedding import embed_missing
from kg.entities.entity import Entity, EntityType, Name, Relation, Source
from kg.records import Field, Filters, Term
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.store.papers import PaperStore
from search.library import Library
from search.ranking import passing
from search.ranking.mode import Mode
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all

WORDS = "merging models weights averaging editing facts vision language adapters teacher".split()
PAPERS = 600
ADD_UP = "method/addup"


def texts(seed: int) -> Iterator[tuple[str, str]]:
    rng = np.random.default_rng(seed)
    for number in range(PAPERS):
        some = rng.choice(WORDS, size=6)
        yield f"Study {number} of {some[0]} {some[1]}", f"We look at {' '.join(some[2:])}."


@pytest.fixture(scope="module", params=["fts5", "tantivy"])
def library(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Library]:
    settings = Settings(tmp_path_factory.mktemp("atlas"), words=request.param)
    with Catalogue(settings.catalogue) as catalogue:
        put_all(
            catalogue,
            *(
                paper(
                    n,
                    title=title,
                    abstract=text,
                    withdrawn=n % 50 == 0,
                    authors=("Karl Weiß",) if n % 3 else ("Ada Ant",),
                    year=2018 + n % 6,
                )
                for n, (title, text) in enumerate(texts(3))
            ),
        )
        add_up = catalogue.entities.put(Entity(ADD_UP, EntityType.METHOD, (Name("AddUp"),)))
        some = catalogue.papers.keys()[::7]
        catalogue.relations.replace(
            some, [(add_up, Relation.BUILDS_ON, key, Source.CARD) for key in some]
        )
        embed_missing(catalogue, HashedWords())
        with Library(settings, HashedWords()) as opened:
            opened.min_column_papers = 0
            yield opened


FILTERS = {
    "a word": Filters(terms=(Term("vision"),)),
    "no such word": Filters(terms=(Term("vision", excluded=True),)),
    "two words apart": Filters(
        terms=(Term("vision", excluded=True), Term("language", excluded=True))
    ),
    "a phrase": Filters(terms=(Term("merging models", exact=True),)),
    "a phrase of no paper": Filters(terms=(Term("models of zebras", exact=True),)),
    "a title": Filters(terms=(Term("weights", Field.TITLE),), until=2021),
    "an author as well": Filters(terms=(Term("editing"), Term("weiss", Field.AUTHOR))),
    "what another filter excludes": Filters(
        excluded=(Filters(withdrawn=True, terms=(Term("adapters"),)),), since=2020
    ),
    "about a method": Filters(about=ADD_UP, terms=(Term("models", excluded=True),)),
    "about no method": Filters(excluded=(Filters(withdrawn=True, about=ADD_UP),)),
    "withdrawn ones too": Filters(terms=(Term("facts"),), withdrawn=True),
}


@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS)
@pytest.mark.parametrize("mode", list(Mode))
def test_what_is_looked_up_is_what_is_found_among_all(
    library: Library, monkeypatch: pytest.MonkeyPatch, filters: Filters, mode: Mode
) -> None:
    looked_up: list[int] = []
    look_up = PaperStore.passing

    def counted(store: PaperStore, keys: Any, asked: Filters) -> set[int]:
        looked_up.append(len(list(keys)))
        return look_up(store, keys, asked)

    monkeypatch.setattr(PaperStore, "passing", counted)
    found = {}
    for way, cost in (("each", 1e9), ("all", 0.0)):
        looked_up.clear()
        monkeypatch.setattr(passing, "_LOOKUPS", dict.fromkeys(("words", "exact", "about"), cost))
        for question in ("merging models", "Which papers average weights?", "Study 7 of facts"):
            answer = library.ask(question, 12, filters, mode=mode)
            found[way, question] = [(hit.key, hit.score, hit.keyword) for hit in answer.hits]
            wanted = library.catalogue.papers.select(filters) or ()
            assert {hit.key for hit in answer.hits} <= set(wanted)
            assert len(answer.hits) == min(12, len(wanted)) or mode is Mode.KEYWORD
        # Others look up a few; of words that no paper has, nothing is.
        assert (max(looked_up, default=0) >= 24) == (way == "each" and bool(wanted))
    for (way, question), hits in found.items():
        assert hits == found["all", question], (way, question)
