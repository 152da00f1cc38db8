"""Whoever waits for an index sees on standard error what is made, and how far it is."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.adding.add import add
from ingest.embedding import embed_missing
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.index import progress
from search.index.vectors import ivf_build
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all

PAPERS = 150


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """An atlas of which all indexes are to be made."""
    monkeypatch.setattr(ivf_build, "MIN_PAPERS", 100)
    settings = Settings(tmp_path / "home", index="ivf", words="tantivy")
    with Catalogue(settings.catalogue) as catalogue:
        put_all(catalogue, *(paper(n) for n in range(PAPERS)))
        embed_missing(catalogue, HashedWords())
    with Library(settings, HashedWords()) as opened:
        opened.min_column_papers = 0
        yield opened


def test_each_index_says_that_it_is_made_and_how_far(
    library: Library, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "MIN_PAPERS", 100)
    monkeypatch.setattr(progress, "_EVERY_S", 0)
    library.ask("merging of models")
    out, err = capsys.readouterr()
    assert out == ""
    for what in ("vector index", "index of words"):
        assert f"making the {what}:   0%|" in err
        assert f"making the {what}: 100%|" in err
    assert "centres of its lists" in err
    assert "making the columns of filters" in err


def test_of_few_papers_nothing_is_shown(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    library.update_indexes()
    assert capsys.readouterr() == ("", "")


def test_after_an_addition_no_question_waits_for_an_index(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "dump.jsonl"
    record = {"id": "2401.00001", "title": "Zebras", "abstract": "Of zebras."}
    path.write_text(json.dumps(record) + "\n")
    add(library, path, take_all=True, embedder=HashedWords())
    monkeypatch.setattr(ivf_build, "build", None)
    with Library(library.settings, HashedWords()) as other:
        index, words = other.index, other.words
        assert len(index) == len(words) == PAPERS + 1
    assert (library.settings.cache / "columns").exists()
