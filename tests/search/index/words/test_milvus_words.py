"""Words in a collection of Milvus: it follows the catalogue, and is whole or not used."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from kg.errors import AtlasError, IndexUnavailable
from kg.records import Filters
from kg.store.catalogue import Catalogue
from search.index.fallback import OtherState, Outage
from search.index.milvus import collection
from search.index.milvus.collection import Collection
from search.index.milvus.server import LOCAL, Server
from search.index.words.fallback import WordsWithFallback
from search.index.words.fts5 import Fts5Words
from search.index.words.milvus_rows import WordContent
from search.index.words.milvus_words import MilvusWords, MilvusWordsKind
from search.index.words.open import Opener, chosen_kind
from tests.support.factories import paper, put_all
from tests.support.filter_changes import CHANGES
from tests.support.indexes import DyingClient, needs_milvus, stop_milvus_lite

pytestmark = needs_milvus


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "atlas.sqlite") as opened:
        put_all(opened, *(paper(n) for n in range(10)))
        yield opened


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "cache"
    stop_milvus_lite(tmp_path / "cache" / "milvus.db")


def opened(catalogue: Catalogue, cache: Path) -> MilvusWords:
    return MilvusWordsKind(LOCAL).opener(catalogue, cache)()


def whole(catalogue: Catalogue, cache: Path) -> MilvusWords:
    """The index of the present state, which has the papers of the catalogue and no others."""
    index = opened(catalogue, cache)
    assert sorted(collection_in(catalogue, cache).keys()) == catalogue.papers.keys()
    assert len(index) == catalogue.papers.count()
    return index


def collection_in(catalogue: Catalogue, cache: Path) -> Collection:
    return collection.opened(LOCAL.or_file_in(cache), catalogue.identity, WordContent())


def numbers(catalogue: Catalogue, index: MilvusWords, text: str) -> list[int]:
    """The numbers of the papers that are found."""
    keys = [key for key, _ in index.search(text, 1000, Filters())]
    return sorted(int(one.id[-5:]) for one in catalogue.papers.get(keys))


# -- following ---------------------------------------------------------------------------------


def test_the_collection_follows_every_change(catalogue: Catalogue, cache: Path) -> None:
    assert numbers(catalogue, whole(catalogue, cache), "subject") == list(range(10))
    catalogue.papers.put(paper(3, title="Zebras"))
    put_all(catalogue, paper(11, title="A zebra"))
    catalogue.papers.remove(paper(4).id)
    index = whole(catalogue, cache)
    assert numbers(catalogue, index, "zebra") == [3, 11]
    assert 4 not in numbers(catalogue, index, "subject")
    assert numbers(catalogue, index, "4") == []
    assert index.named("zebras", Filters()) == [catalogue.identifiers.key(paper(3).id)]


@pytest.mark.parametrize(("change", "filters"), CHANGES)
def test_the_collection_follows_what_papers_are_filtered_by(
    catalogue: Catalogue, cache: Path, change: Callable[[Catalogue], None], filters: Filters
) -> None:
    assert whole(catalogue, cache).search("works", 5, filters) == []
    change(catalogue)
    key = catalogue.identifiers.key(paper(5).id)
    assert [found for found, _ in whole(catalogue, cache).search("works", 5, filters)] == [key]


def test_a_paper_that_came_later_ranks_as_if_it_had_been_there(
    catalogue: Catalogue, cache: Path, tmp_path: Path
) -> None:
    whole(catalogue, cache)
    put_all(catalogue, paper(11, title="A zebra of subject 3"))
    catalogue.papers.remove(paper(4).id)
    later = whole(catalogue, cache).search("subject 3 zebra", 20, Filters())
    anew = whole(catalogue, tmp_path / "other").search("subject 3 zebra", 20, Filters())
    stop_milvus_lite(tmp_path / "other" / "milvus.db")
    assert later == anew
    assert later[0][0] == catalogue.identifiers.key(paper(11).id)


@pytest.mark.parametrize("requests", range(5))
def test_what_was_killed_is_done_again(
    catalogue: Catalogue, cache: Path, requests: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collection, "_BATCH_ROWS", 3)
    whole(catalogue, cache)
    put_all(catalogue, paper(11, title="A zebra"))
    catalogue.papers.remove(paper(4).id)
    found = collection_in(catalogue, cache)
    dying: Any = DyingClient(found._client, requests)
    with pytest.raises(KeyboardInterrupt):
        Collection(LOCAL.or_file_in(cache), dying, found.header, WordContent()).follow(catalogue)
    index = whole(catalogue, cache)
    assert numbers(catalogue, index, "zebra") == [11]
    assert len(numbers(catalogue, index, "subject")) == 10


def test_what_did_not_change_is_not_written_again(catalogue: Catalogue, cache: Path) -> None:
    whole(catalogue, cache)
    found = collection_in(catalogue, cache)
    idle: Any = DyingClient(found._client, 0)
    Collection(LOCAL.or_file_in(cache), idle, found.header, WordContent()).follow(catalogue)


def test_who_reads_an_earlier_state_asks_another_index(catalogue: Catalogue, cache: Path) -> None:
    whole(catalogue, cache)

    def add_and_open() -> None:
        put_all(catalogue, paper(10))
        whole(catalogue, cache)
        catalogue.close()

    with catalogue.reading():
        assert catalogue.size() == 10
        newer = threading.Thread(target=add_and_open)
        newer.start()
        newer.join()
        with pytest.raises(OtherState):
            opened(catalogue, cache)
    assert len(whole(catalogue, cache)) == 11


def test_what_may_be_taken_back_is_not_written(catalogue: Catalogue, cache: Path) -> None:
    with suppress(KeyError), catalogue.writing():
        catalogue.papers.put(paper(10))
        with pytest.raises(OtherState):
            opened(catalogue, cache)
        raise KeyError
    whole(catalogue, cache)


def test_a_collection_of_a_later_state_is_left_alone(
    catalogue: Catalogue, cache: Path, tmp_path: Path
) -> None:
    catalogue.close()
    older = shutil.copy(catalogue.path, tmp_path / "older.sqlite")
    put_all(catalogue, paper(10))
    whole(catalogue, cache)
    with Catalogue(older) as copy:
        with pytest.raises(IndexUnavailable, match="a later state") as raised:
            opened(copy, cache)
        assert not isinstance(raised.value, OtherState)
    whole(catalogue, cache)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"catalogue": "another"}, "of another atlas"),
        ({"format": "lfm-milvus-words-0"}, "not of this version"),
        ({"extra": 1}, "not of this version"),
    ],
)
def test_a_collection_of_something_else_is_refused_and_stays(
    catalogue: Catalogue, cache: Path, changed: dict[str, Any], message: str
) -> None:
    whole(catalogue, cache)
    found = collection_in(catalogue, cache)
    text = json.dumps({**asdict(found.header), **changed})
    found._client.alter_collection_properties(found.header.name, {"lfm.header": text})
    with pytest.raises(AtlasError, match=message) as raised:
        opened(catalogue, cache)
    assert not isinstance(raised.value, IndexUnavailable)
    assert found.count() == 10


# -- what is asked -----------------------------------------------------------------------------


def test_a_server_counts_as_the_catalogue_does(catalogue: Catalogue, cache: Path) -> None:
    put_all(
        catalogue,
        paper(11, title="Behaviour of zebras"),
        paper(12, title="Zebra behavior", abstract="Fine-tuning of model soups."),
        paper(13, title="Finetuning models", abstract="Soups"),
    )
    whole(catalogue, cache)
    index = MilvusWords(catalogue, collection_in(catalogue, cache))
    some = ["behaviour", "zebras", "finetuning", "gorilla", "subject", "model", "_"]
    wanted = Fts5Words(catalogue).document_frequencies(some)
    assert index.document_frequencies(some) == wanted
    # Of a word of several terms, all are to be there.
    both = index.document_frequencies(["models_soups"])["models_soups"]
    assert both == len(index.search("models_soups", 20, Filters())) == 2


def test_a_long_list_of_authors_is_cut_short(catalogue: Catalogue, cache: Path) -> None:
    authors = tuple(f"Ada{n} Bö" for n in range(20_000))
    put_all(catalogue, paper(11, title="Zebras", abstract="Gnus", authors=authors))
    index = whole(catalogue, cache)
    for text, there in (("gnus", True), ("ada5", True), ("ada19999", False)):
        assert (numbers(catalogue, index, text) == [11]) == there
    put_all(catalogue, paper(12, title="Zebras " * 1_000, abstract=""))
    assert numbers(catalogue, whole(catalogue, cache), "zebras") == [11, 12]


@pytest.mark.parametrize("listed", [2, 10_000])
def test_filters_that_the_collection_lacks(
    catalogue: Catalogue, cache: Path, listed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.index.milvus.passing._MAX_LISTED", listed)
    monkeypatch.setattr("search.index.milvus.passing._LISTED", 2)
    put_all(catalogue, *(paper(n, authors=("Bo Writer",)) for n in range(20, 25)))
    index, local = whole(catalogue, cache), Fts5Words(catalogue)
    for filters in (Filters(author="Bo Writer"), Filters(author="Bo Writer", since=2030)):
        wanted = {key for key, _ in local.search("subject works", 20, filters)}
        assert {key for key, _ in index.search("subject works", 20, filters)} == wanted
        assert len(index.search("subject works", 3, filters)) == min(3, len(wanted))


@pytest.mark.parametrize("limit", [3, 4, 5, 9, 20])
def test_more_than_milvus_returns_at_once(
    catalogue: Catalogue, cache: Path, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = whole(catalogue, cache)
    wanted = index.search("subject 3", 20, Filters())
    monkeypatch.setattr("search.index.milvus.passing.MAX_DEPTH", 4)
    monkeypatch.setattr("search.index.milvus.passing._LISTED", 3)
    found = index.search("subject 3", limit, Filters())
    assert [score for _, score in found] == [score for _, score in wanted[:limit]]
    assert len(index.search("works", limit, Filters(withdrawn=True))) == min(10, limit)


# -- the setting, and another index meanwhile ---------------------------------------------------


def test_words_go_along_with_vectors_on_a_server() -> None:
    assert chosen_kind("auto", 10, "milvus") == "milvus"
    assert chosen_kind("auto", 10**6, "milvus") == "milvus"
    assert chosen_kind("fts5", 10, "milvus") == "fts5"
    assert chosen_kind("auto", 10, "faiss") == "fts5"
    assert chosen_kind("milvus", 10, "exact") == "milvus"


def test_a_server_that_goes_away_is_done_without(
    catalogue: Catalogue, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = Fts5Words(catalogue)
    index = WordsWithFallback("milvus", lambda: opened(catalogue, cache), lambda: local, Outage())
    wanted = local.search("subject 3", 1, Filters())[0][0]
    assert index.note is None

    def away(*_: object, **__: object) -> None:
        raise IndexUnavailable("it does not answer")

    monkeypatch.setattr(Collection, "search", away)
    assert index.search("subject 3", 1, Filters())[0][0] == wanted
    assert index.named("Paper number 3", Filters()) == local.named("Paper number 3", Filters())
    assert index.document_frequencies(["subject"]) == {"subject": 10}
    assert index.note == "it does not answer; the local index answers meanwhile"


@pytest.mark.parametrize(("made", "kind"), [(False, "fts5"), (True, "tantivy")])
def test_no_local_index_is_made_because_a_server_is_away(
    catalogue: Catalogue, cache: Path, made: bool, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.index.words.open.MIN_TANTIVY_PAPERS", 10)
    if made:
        Opener(catalogue, "auto", cache).opened()
    nowhere = Server("http://127.0.0.1:1")
    index = Opener(catalogue, "milvus", cache, server=nowhere).opened()
    assert isinstance(index, WordsWithFallback)
    assert index.search("subject 3", 1, Filters())[0][0] == 4
    assert index.note == (
        "Milvus at http://127.0.0.1:1 does not answer; the local index answers meanwhile"
    )
    assert index._local is not None
    assert index._local.kind == kind
    assert (cache / "words").exists() == made


def test_it_is_kept_where_the_setting_says(catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "own" / "words.db"
    index = MilvusWordsKind(Server(str(path))).opener(catalogue, tmp_path / "cache")()
    stop_milvus_lite(path)
    assert len(index) == 10
    assert path.exists()
    assert not (tmp_path / "cache").exists()
