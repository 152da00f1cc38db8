"""Values that are kept until the catalogue changes."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.store.copy import renew_identity
from kg.store.database import Database
from kg.store.lists import ListStore
from kg.store.papers import PaperStore
from kg.store.revision_cache import RevisionCache
from tests.support.factories import paper


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "atlas.sqlite") as opened:
        yield opened


def test_a_value_is_computed_again_only_after_a_change(database: Database) -> None:
    cache, papers = RevisionCache(database), PaperStore(database)
    assert [cache.get("papers", papers.count) for _ in range(2)] == [0, 0]
    computed = []
    for _ in range(2):
        papers.put(paper(1))
        assert cache.get("papers", lambda: computed.append(papers.count()) or computed[-1]) == 1
    assert computed == [1]
    renew_identity(database)
    assert cache.get("papers", lambda: "of another catalogue") == "of another catalogue"


def test_keys_and_revisions_of_their_own_are_apart(database: Database) -> None:
    cache, lists = RevisionCache(database), ListStore(database)
    assert cache.get(("lists", "a"), lambda: 1, revision=7) == 1
    assert cache.get(("lists", "b"), lambda: 2, revision=7) == 2
    PaperStore(database).put(paper(1))
    lists.add(paper(1).id, "a", starred=False)
    assert cache.get(("lists", "a"), lambda: 3, revision=7) == 1
    assert cache.get(("lists", "a"), lambda: 4, revision=8) == 4


def test_what_failed_is_tried_again(database: Database) -> None:
    cache = RevisionCache(database)
    cache.get("a", lambda: 1, revision=1)
    with pytest.raises(ZeroDivisionError):
        cache.get("a", lambda: 1 // 0, revision=2)
    assert cache.get("a", lambda: 3, revision=1) == 3


def test_threads_compute_one_value_once_and_others_meanwhile(database: Database) -> None:
    cache, begun, go = RevisionCache(database), threading.Event(), threading.Event()
    computed, got = [], []

    def slow() -> object:
        begun.set()
        assert go.wait(30)
        computed.append(object())
        return computed[-1]

    threads = [threading.Thread(target=lambda: got.append(cache.get("slow", slow))) for _ in "abc"]
    for thread in threads:
        thread.start()
    assert begun.wait(30)
    assert cache.get("other", lambda: "at once") == "at once"
    go.set()
    for thread in threads:
        thread.join()
    assert got == computed * 3
