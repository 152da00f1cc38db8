"""Large tables: in pieces, resumed where a run was stopped, in bounded memory."""

import csv
import io
import tracemalloc
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.adding import table as adding
from ingest.adding.add import Added, add
from ingest.adding.dump import DumpRun
from ingest.sources.arxiv.dump import BEGINNING
from ingest.sources.bibliography import readers
from ingest.sources.bibliography.readers import Limits
from kg.errors import BadSource
from kg.records import Paper
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all

NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
TITLE = "On the {}th way, of {} ways,\nto merge “models”"


def row(number: int) -> tuple[str, ...]:
    return TITLE.format(number, number), f"10.1000/{number}", f"Ada Ant{number}; Bo Bee", "2024"


def table(rows: Sequence[Sequence[str]], end: str = "\n") -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator=end).writerows([("Title", "DOI", "Authors", "Year"), *rows])
    return file.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A table of 45 papers, each on two lines, some of them twice."""
    path = tmp_path / "papers.csv"
    rows = [row(number) for number in range(45)]
    path.write_text(table([*rows, *rows[::7], ("", "", "", ""), ("", "", "Nobody", "")]))
    return path


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adding, "PIECE_ROWS", 10)
    monkeypatch.setattr(adding, "MAX_WHOLE_BYTES", 100)


def put(home: Path, path: Path, **options: Any) -> Added:
    if not (home / "atlas.sqlite").exists():
        with Catalogue(Settings(home).catalogue, clock=lambda: NOW) as catalogue:
            put_all(catalogue, paper(900), paper(3, title=row(3)[0], doi="10.1000/3"))
    with Library(Settings(home), HashedWords(), clock=lambda: NOW) as library:
        return add(library, path, embedder=HashedWords(), **options)


def papers(home: Path) -> list[Paper]:
    with Catalogue(home / "atlas.sqlite") as catalogue:
        found = catalogue.papers.get(catalogue.papers.keys())
        assert all(catalogue.vectors.keys(HashedWords.model))
        return sorted(found, key=lambda one: one.id)


@pytest.mark.parametrize("options", [{"take_all": True}, {"only_known": True}, {}])
def test_in_pieces_it_is_as_whole(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, bool]
) -> None:
    pieces = put(tmp_path / "pieces", file, **options)
    monkeypatch.setattr(adding, "MAX_WHOLE_BYTES", 10**6)
    whole = put(tmp_path / "whole", file, **options)
    assert papers(tmp_path / "pieces") == papers(tmp_path / "whole")
    assert pieces.counts == whole.counts | {"failed": 1}
    (problem,) = pieces.problems
    assert problem == f"{file}:107: row in line 107 has no title and no identifier"
    assert [one.partition(": ")[0] for one in whole.problems] == [f"{file}:107"]


@pytest.mark.parametrize("stop", [1, 3, 5])
def test_a_run_that_was_stopped_goes_on(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    reached, own = [], DumpRun.reach

    def stopping(self: DumpRun, end: Any) -> None:
        reached.append(end)
        if len(reached) == stop:
            raise KeyboardInterrupt
        own(self, end)

    with monkeypatch.context() as patch:
        patch.setattr(DumpRun, "reach", stopping)
        with pytest.raises(KeyboardInterrupt):
            put(tmp_path / "stopped", file, take_all=True)
    again = put(tmp_path / "stopped", file, take_all=True)
    assert len(again.notes) == (stop > 1)
    for note in again.notes:
        assert note == f"papers.csv: went on at line {20 * (stop - 1) + 2}, where a run was stopped"
    put(tmp_path / "whole", file, take_all=True)
    assert papers(tmp_path / "stopped") == papers(tmp_path / "whole")
    assert put(tmp_path / "stopped", file, take_all=True).notes == ()


def entries(path: Path) -> list[tuple[str, int | None]]:
    found = adding.TableFile.of(path)
    assert found
    every = [one for piece in adding._pieces(found, BEGINNING, False) for one in piece.entries]
    return [(one.entry.title, one.entry.line) for one in every]


def test_any_piece_ends_where_the_next_begins(file: Path) -> None:
    found = adding.TableFile.of(file)
    assert found
    every = list(adding._pieces(found, BEGINNING, False))
    assert [len(one) for one in every] == [10, 10, 10, 10, 10, 3]
    for at, piece in enumerate(every[:-1]):
        assert [one.entries for one in adding._pieces(found, piece.end, False)] == [
            one.entries for one in every[at + 1 :]
        ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "cp1252"])
def test_lines_are_counted_whatever_their_ends(tmp_path: Path, end: str, coding: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(f"\n\n{table([row(1), row(2)], end)}".encode(coding))
    titles = [" ".join(row(number)[0].split()) for number in (1, 2)]
    assert entries(path) == [(titles[0], 4), (titles[1], 6)]


def test_behind_a_quote_that_nothing_ends_it_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    rest = "".join(f"Title {number},10.1000/{number}\n" for number in range(9000))
    path.write_text(f'title,doi\n"Open,10.1000/x\n{rest}')
    found = put(tmp_path / "home", path, take_all=True, only_known=False)
    (problem,) = found.problems
    assert "table.csv:2: field larger than field limit" in problem
    assert found.counts["read"] > 1000


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04" * 100, b"# A list\n" * 100, "title,doi\nA,10.1/x\n".encode("utf-16") * 9]
)
def test_what_is_no_table_of_lines_is_read_whole(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    assert adding.TableFile.of(path) is None


def test_memory_does_not_grow_with_the_table(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = tmp_path / f"{count}.csv"
        path.write_text(table([row(number) for number in range(count)]))
        found = adding.TableFile.of(path)
        assert found
        tracemalloc.start()
        rows = sum(len(piece) for piece in adding._pieces(found, BEGINNING, False))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert rows == count
        return most

    peak(50)
    assert peak(4000) < 1.5 * peak(400)


def test_a_bibliography_that_is_too_large_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "FILE_LIMITS", Limits(2_000_000, 10))
    path = tmp_path / "all.bib"
    path.write_text("@misc{a, title = {A}}\n" * 150_000)
    monkeypatch.setattr(readers, "read", None)
    with pytest.raises(BadSource) as caught:
        put(tmp_path / "home", path)
    assert str(caught.value) == (
        f"{path}: 3 MB are too large to be read whole: bring 2 MB at a time at most;"
        " `lfm add` takes CSV and JSON Lines of any size"
    )
