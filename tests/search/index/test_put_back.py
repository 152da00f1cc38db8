"""An older copy of the catalogue that is put back, and goes on past the revision of its caches."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.embedding import embed_missing
from kg.records import Filters
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.index.columns.open import opened
from search.index.vectors import faiss_ivf, ivf_build
from search.index.vectors.faiss_ivf import IvfIndex
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all

PAPERS = 150


def add(home: Path, subject: str, count: int, first: int = PAPERS) -> None:
    """Add papers, of the same keys whatever their subject, each by a commit of its own."""
    with Catalogue(home / "atlas.sqlite") as catalogue:
        for n in range(first, first + count):
            one = paper(
                n, title=f"A {subject}, part {n}", categories=(f"cs.{subject[:2].upper()}",)
            )
            put_all(catalogue, one)
            embed_missing(catalogue, HashedWords())


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(ivf_build, "MIN_PAPERS", 100)
    monkeypatch.setattr(faiss_ivf, "MAX_BESIDE", 0)  # All changes go into the file.
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        put_all(catalogue, *(paper(n) for n in range(PAPERS)))
        embed_missing(catalogue, HashedWords())
    return tmp_path


def put_back(home: Path) -> None:
    for log in home.glob("atlas.sqlite-*"):
        log.unlink()
    (home / "older").replace(home / "atlas.sqlite")


def nearest(library: Library) -> list[int]:
    return library.index.search(HashedWords().encode_query("zebra"), 5)[0].tolist()


def in_index(library: Library) -> list[float]:
    """Cosines to their papers' vectors in the catalogue of what an index has."""
    keys = np.sort(library.index.keys)
    stored = library.catalogue.vectors.get(HashedWords.model, keys.tolist())
    found = []
    for vector in stored.values():
        query = np.frombuffer(vector, "<f4")
        found.append(float(library.index.search(query, 1)[1][0]))
    assert len(keys) == len(stored)
    return [round(one, 3) for one in found]


def lists(library: Library) -> tuple[int, int]:
    """How many papers the inverted lists have, and how many when they were made."""
    assert isinstance(library.index, IvfIndex)
    header = library.index.header
    assert header
    return header.papers, header.trained_for


def by_words(library: Library) -> list[int]:
    return sorted(key for key, _ in library.words.search("zebra", 99, Filters()))


def by_category(library: Library) -> list[list[int]]:
    names = "cs.ZE", "cs.HO"
    return [library.passing(Filters(categories=(name,))) for name in names]


ASKED: dict[str, Callable[[Library], Any]] = {
    "exact": in_index,
    "faiss": in_index,
    "ivf": lists,
    "words": by_words,
    "columns": by_category,
}


def answer(home: Path, cache: str) -> Any:
    settings = Settings(home, index="exact" if cache in ("words", "columns") else cache)
    with Library(replace(settings, words="tantivy"), HashedWords()) as library:
        library.min_column_papers = 0
        if cache == "columns":  # Into the file, however few changed.
            opened(library.catalogue, settings.cache / "columns", max_changed=0)
        return ASKED[cache](library)


@pytest.mark.parametrize("cache", ASKED)
@pytest.mark.parametrize("later", [1, 3, 5], ids=["behind", "at", "past"])
def test_what_was_made_of_the_other_future_is_made_again(
    home: Path, tmp_path: Path, cache: str, later: int
) -> None:
    path = home / "atlas.sqlite"
    before = answer(home, cache)
    shutil.copy(path, home / "older")
    add(home, "zebra", 3)
    assert answer(home, cache) != before
    put_back(home)
    add(home, "horse", later)
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    shutil.copy(path, fresh / "atlas.sqlite")
    assert answer(home, cache) == answer(fresh, cache)


@pytest.mark.parametrize("kind", ["exact", "ivf"])
def test_an_open_atlas_notices_it_too(home: Path, kind: str) -> None:
    path = home / "atlas.sqlite"
    shutil.copy(path, home / "older")
    settings = Settings(home, index=kind, words="tantivy")
    with Library(settings, HashedWords()) as library:
        library.min_column_papers = 0
        add(home, "zebra", 2)
        assert [len(keys) for keys in by_category(library)] == [2, 0]
        assert len(by_words(library)) == 2
        zebras = nearest(library)
        put_back(home)
        add(home, "horse", 2)
        assert [len(keys) for keys in by_category(library)] == [0, 2]
        assert not by_words(library)
        assert nearest(library) != zebras
        library.close()


@pytest.mark.parametrize("cache", ASKED)
def test_what_an_earlier_version_made_stays_good(home: Path, cache: str) -> None:
    """Neither the caches of an earlier version nor its catalogue have marks."""
    with Catalogue(home / "atlas.sqlite") as catalogue:
        catalogue.database.execute("UPDATE revisions SET mark = ''")
    answer(home, cache)
    files = {path: path.stat().st_mtime_ns for path in (home / "cache").rglob("*")}
    answer(home, cache)
    assert files == {path: path.stat().st_mtime_ns for path in (home / "cache").rglob("*")}
