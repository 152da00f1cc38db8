import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kg.cards.card import Data, Kind, Training
from kg.errors import AtlasError, IndexUnavailable
from kg.records import Field, Filters, PlacedBy, Placement, Term
from kg.store.catalogue import Catalogue
from search.index.base import stored_vectors
from search.index.fallback import OtherState
from search.index.milvus import collection
from search.index.milvus.collection import Collection
from search.index.milvus.papers import VectorContent
from search.index.milvus.server import Server
from search.index.milvus.vectors import MilvusIndex
from search.index.selection import Selection
from search.index.vectors.exact import ExactIndex
from tests.support.factories import card, code_link, describe, paper, put_all
from tests.support.indexes import DyingClient, needs_milvus, stop_milvus_lite

pytestmark = needs_milvus

DIM = 8
MODEL = "owner/model"
CONTENT = VectorContent(MODEL, DIM)


def place(catalogue: Catalogue, number: int, topic: str) -> None:
    placed = Placement(topic, PlacedBy.LIST, "a list")
    catalogue.placements.add(paper(number).id, [placed])


def vector(number: int) -> np.ndarray:
    row = np.random.default_rng(number).normal(size=DIM).astype(np.float32)
    return row / np.linalg.norm(row)


def embed(catalogue: Catalogue, *numbers: int, change: int = 0) -> None:
    keys = {n: catalogue.identifiers.key(paper(n).id) for n in numbers}
    rows = [(keys[n], f"h{change}", vector(n + 1000 * change).tobytes()) for n in numbers]
    catalogue.vectors.add(MODEL, rows)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "atlas.sqlite") as opened:
        put_all(opened, *(paper(n) for n in range(12)))
        embed(opened, *range(10))
        yield opened


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    path = tmp_path / "milvus.db"
    yield Server(str(path))
    stop_milvus_lite(path)


def opened(server: Server, catalogue: Catalogue, dim: int = DIM) -> Collection:
    return collection.opened(server, catalogue.identity, VectorContent(MODEL, dim))


def followed(server: Server, catalogue: Catalogue) -> Collection:
    found = opened(server, catalogue)
    found.follow(catalogue)
    return found


def agrees(found: Collection, catalogue: Catalogue) -> None:
    """The collection has the vectors and papers of the catalogue, and no others."""
    assert found.header.revision == catalogue.revision
    assert sorted(found.keys()) == catalogue.papers.keys()
    keys, vectors = stored_vectors(catalogue, MODEL, DIM)
    index = MilvusIndex(found)
    assert sorted(index.keys) == keys.tolist()
    for key, row in zip(keys, vectors, strict=True):
        nearest, (score, *_) = index.search(row, 1)
        assert nearest.tolist() == [key]
        assert score == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("requests", range(6))
def test_what_was_killed_is_done_again(
    server: Server, catalogue: Catalogue, requests: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collection, "_BATCH_ROWS", 3)
    first = opened(server, catalogue)
    dying = Collection(server, DyingClient(first._client, requests), first.header, CONTENT)  # type: ignore[arg-type]
    if requests < 5:  # Four batches, and the header.
        with pytest.raises(KeyboardInterrupt):
            dying.follow(catalogue)
        assert opened(server, catalogue).header.revision == 0
    agrees(followed(server, catalogue), catalogue)

    embed(catalogue, 2, 10, change=1)
    catalogue.papers.remove(paper(5).id)
    before = opened(server, catalogue)
    again = Collection(server, DyingClient(before._client, requests), before.header, CONTENT)  # type: ignore[arg-type]
    if requests < 3:  # One batch, one removal, and the header.
        with pytest.raises(KeyboardInterrupt):
            again.follow(catalogue)
    agrees(followed(server, catalogue), catalogue)


def test_changes_follow(server: Server, catalogue: Catalogue) -> None:
    followed(server, catalogue)
    embed(catalogue, 3, change=1)
    catalogue.vectors.remove(catalogue.identifiers.key(paper(4).id))
    catalogue.papers.remove(paper(6).id)
    put_all(catalogue, paper(20))
    embed(catalogue, 20)
    agrees(followed(server, catalogue), catalogue)


def test_what_did_not_change_is_not_written_again(server: Server, catalogue: Catalogue) -> None:
    first = followed(server, catalogue)
    idle = Collection(server, DyingClient(first._client, 0), first.header, CONTENT)  # type: ignore[arg-type]
    idle.follow(catalogue)


def test_rows_that_somebody_removed_come_back(server: Server, catalogue: Catalogue) -> None:
    followed(server, catalogue).remove([1, 2])
    agrees(followed(server, catalogue), catalogue)


def test_who_reads_an_earlier_state_or_writes_asks_another_index(
    server: Server, catalogue: Catalogue
) -> None:
    followed(server, catalogue)

    def change() -> None:
        embed(catalogue, 10)
        followed(server, catalogue)
        catalogue.close()

    with catalogue.reading():
        assert catalogue.vectors.count(MODEL) == 10
        newer = threading.Thread(target=change)
        newer.start()
        newer.join()
        with pytest.raises(OtherState):
            followed(server, catalogue)
    with suppress(KeyError), catalogue.writing():
        embed(catalogue, 11)
        with pytest.raises(OtherState):
            followed(server, catalogue)
        raise KeyError
    agrees(followed(server, catalogue), catalogue)


def test_a_collection_of_a_later_state_is_left_alone(
    server: Server, catalogue: Catalogue, tmp_path: Path
) -> None:
    catalogue.close()
    older = shutil.copy(catalogue.path, tmp_path / "older.sqlite")
    embed(catalogue, 10)
    followed(server, catalogue)
    with Catalogue(older) as copy, pytest.raises(IndexUnavailable, match="a later state"):
        followed(server, copy)
    agrees(followed(server, catalogue), catalogue)


def test_a_collection_of_other_vectors_is_refused_and_stays(
    server: Server, catalogue: Catalogue
) -> None:
    followed(server, catalogue)
    with pytest.raises(AtlasError, match="of length 8, not owner/model, 4: set LFM_MIL"):
        opened(server, catalogue, dim=4)
    agrees(opened(server, catalogue), catalogue)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"catalogue": "another"}, "of another atlas"),
        ({"model": "other"}, "of other with vectors"),
        ({"format": "lfm-milvus-0"}, "not of this version"),
        ({"extra": 1}, "not of this version"),
        (None, "not of this version"),
    ],
)
def test_a_collection_of_something_else_is_refused_and_stays(
    server: Server, catalogue: Catalogue, changed: dict[str, Any] | None, message: str
) -> None:
    found = followed(server, catalogue)
    text = "" if changed is None else json.dumps({**asdict(found.header), **changed})
    found._client.alter_collection_properties(found.header.name, {"lfm.header": text})
    with pytest.raises(AtlasError, match=message) as raised:
        opened(server, catalogue)
    assert not isinstance(raised.value, IndexUnavailable)
    assert "\n" not in str(raised.value)
    assert "drop that collection" in str(raised.value)
    assert found.count() == 12


def world(catalogue: Catalogue) -> None:
    """Papers with all that is filtered by, some of it unknown."""
    with catalogue.writing():
        for number in range(60):
            facts: dict[str, Any] = {
                "year": None if number % 7 == 0 else 2015 + number % 8,
                "withdrawn": number % 11 == 0,
                "categories": (("cs.LG", "cs.CL", "Stat.ML")[number % 3],),
                "authors": (f"Ada Author{number % 4}",),
                "venue": "ICLR" if number % 5 == 0 else None,
            }
            catalogue.papers.put(paper(number, **facts))
            topics = ("a", "a/b", "a/b/c", "a/bc", "d")
            place(catalogue, number, topics[number % 5])
    for number in range(0, 60, 2):
        kinds = (Kind.METHOD, Kind.SURVEY, Kind.BENCHMARK)
        known = card(kind=kinds[number % 3], training=list(Training)[number % 2])
        describe(catalogue, paper(number).id, known, *([code_link(number)] * (number % 4 == 0)))
    embed(catalogue, *range(60))


FILTERS = [
    Filters(),
    Filters(withdrawn=True),
    *(Filters(topic=topic) for topic in ("a", "a/b", "a/b/c", "a/bc", "d", "none", 'a"] or "')),
    Filters(categories=("CS.lg",)),
    Filters(categories=("cs.cl", "stat.ml"), topic="a"),
    *(Filters(since=since) for since in (2000, 2018, 2030)),
    *(Filters(until=until) for until in (2000, 2018, 2030)),
    Filters(since=2016, until=2017),
    *(Filters(kind=kind) for kind in Kind),
    Filters(data=Data.NONE, training=Training.NONE, modality="text"),
    Filters(author="Author1"),
    Filters(author="Author1", topic="a", since=2016),
    Filters(venue="ICLR", withdrawn=True),
    Filters(code=True),
    Filters(among=(1, 2, 3, 999)),
    Filters(terms=(Term("subject 7", Field.ABSTRACT),)),
    Filters(excluded=(Filters(topic="a"), Filters(since=2019))),
]


@pytest.mark.parametrize("listed", [10_000, 0])
def test_filters_mean_what_they_mean_in_the_catalogue(
    server: Server, catalogue: Catalogue, listed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.index.milvus.passing._MAX_LISTED", listed)
    world(catalogue)
    index = MilvusIndex(followed(server, catalogue))
    whole = ExactIndex(*stored_vectors(catalogue, MODEL, DIM))
    for filters in FILTERS:
        keys = catalogue.papers.select(filters)
        assert keys is not None or filters.withdrawn
        allowed = None if keys is None else Selection.of_keys(keys, filters)
        for k in (3, 100):
            wanted, scores = whole.search(vector(5), k, allowed)
            found, own = index.search(vector(5), k, allowed)
            assert found.tolist() == wanted.tolist(), filters
            np.testing.assert_allclose(own, scores, atol=1e-5)


def test_what_papers_are_filtered_by_follows(server: Server, catalogue: Catalogue) -> None:
    key = catalogue.identifiers.key(paper(4).id)
    allowed = Selection.of_keys([key], Filters(topic="a"))
    assert len(MilvusIndex(followed(server, catalogue)).search(vector(4), 5, allowed)[0]) == 0
    place(catalogue, 4, "a/b")
    found, _ = MilvusIndex(followed(server, catalogue)).search(vector(4), 5, allowed)
    assert found.tolist() == [key]
    catalogue.papers.put(replace(paper(4), withdrawn=True))
    assert len(MilvusIndex(followed(server, catalogue)).search(vector(4), 5, allowed)[0]) == 0


def test_more_than_milvus_returns_at_once(
    server: Server, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.index.milvus.passing.MAX_DEPTH", 4)
    monkeypatch.setattr("search.index.milvus.passing._MAX_LISTED", 2)
    monkeypatch.setattr("search.index.milvus.passing._LISTED", 3)
    index = MilvusIndex(followed(server, catalogue))
    whole = ExactIndex(*stored_vectors(catalogue, MODEL, DIM))
    for allowed in (None, Selection.of_keys([2, 3, 5, 7, 9, 10])):
        for k in (1, 2, 4, 5, 9, 20):
            wanted = whole.search(vector(77), k, allowed)[0].tolist()
            assert index.search(vector(77), k, allowed)[0].tolist() == wanted
