"""Dumps of arXiv's metadata: in pieces, resumed where a run was stopped, in bounded memory."""

import gzip
import json
import os
import random
import signal
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.adding import dump as adding
from ingest.adding.add import Added, add
from ingest.sources.arxiv.dump import BEGINNING, pieces
from kg.errors import BadSource
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.store.database import Database
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.factories import contents, paper, put_all

TITLE = "On the {}th way to merge models"
NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


def record(number: int, **facts: Any) -> str:
    made = {
        "id": f"2401.{number:05}",
        "title": TITLE.format(number),
        "abstract": f"We merge {number} models.",
        "update_date": "2024-01-02",
    }
    return json.dumps({**made, **facts}) + "\n"


def lines(count: int) -> list[str]:
    """Return records, some of them about a paper that came before."""
    made = [record(number) for number in range(count)]
    for number in range(0, count, 7):
        again = record(number, abstract=f"Another text {number}.")
        later = record(number, abstract=f"A later text {number}.", update_date="2024-02-03")
        made += [again] if number % 2 else [again, later]
    return made


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adding, "PIECE_LINES", 10)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An atlas of three papers, of two of which the dump has records."""
    chosen = Settings(tmp_path / "home")
    start(chosen)
    return chosen


def start(chosen: Settings) -> None:
    with Catalogue(chosen.catalogue, clock=lambda: NOW) as catalogue:
        known = [
            paper(n, id=f"2401.{n:05}", arxiv_id=f"2401.{n:05}", title=TITLE.format(n))
            for n in (3, 14)
        ]
        put_all(catalogue, paper(900), *known)


def put(settings: Settings, path: Path, **options: Any) -> Added:
    with Library(settings, HashedWords(), clock=lambda: NOW) as library:
        return add(library, path, embedder=HashedWords(), **options)


def papers(settings: Settings) -> int:
    with Catalogue(settings.catalogue) as catalogue:
        return catalogue.size()


def state(settings: Settings) -> list[str]:
    """Return all rows but what is random, and but the log, which counts the last run."""
    without = ("'identity'", 'INSERT INTO "revisions"', "fetch_log")
    return [row for row in contents(settings.catalogue) if not any(one in row for one in without)]


def stopped(run: Callable[[], object], after: int) -> bool:
    """Run in a process that SIGKILL ends after so many statements; return whether it did."""
    child = os.fork()
    if not child:
        left = after
        execute = Database.execute

        def counting(self: Database, *arguments: Any) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            execute(self, *arguments)

        Database.execute = counting  # type: ignore[method-assign]
        with suppress(BaseException):
            run()
            os._exit(0)
        os._exit(1)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL)
    return status == signal.SIGKILL


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"take_all": True}, {}, {"topic": "model-reuse"}])
def test_a_run_that_is_killed_anywhere_goes_on_and_ends_in_the_same_atlas(
    options: dict[str, Any], settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "dump.jsonl"
    path.write_text("".join(lines(120)))
    whole = Settings(tmp_path / "whole")
    whole.home.mkdir()
    whole.catalogue.write_bytes(settings.catalogue.read_bytes())
    put(whole, path, **options)
    chance, kills = random.Random(1), 0
    while stopped(lambda: put(settings, path, **options), chance.randrange(30, 300)):
        kills += 1
    assert kills >= 3
    assert state(settings) == state(whole)
    with Catalogue(settings.catalogue) as catalogue:
        assert not catalogue.journal.cursors("add-dump")


def stop_in_piece(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the next run stop before the commit of a piece."""
    reach, left = adding.DumpRun.reach, number

    def stopping(self: adding.DumpRun, end: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            monkeypatch.setattr(adding.DumpRun, "reach", reach)
            raise KeyboardInterrupt
        reach(self, end)

    monkeypatch.setattr(adding.DumpRun, "reach", stopping)


def interrupted(settings: Settings, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_in_piece(2, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        put(settings, path, take_all=True)


@pytest.mark.parametrize("zipped", [False, True])
def test_where_it_goes_on_is_reported(
    zipped: bool, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "dump.jsonl"
    data = "".join(record(number) for number in range(35)).encode()
    path.write_bytes(gzip.compress(data) if zipped else data)
    interrupted(settings, path, monkeypatch)
    report = put(settings, path, take_all=True)
    assert report.notes == ("dump.jsonl: went on at line 21, where a run was stopped",)
    assert report.counts["read"] == 15
    assert papers(settings) == 36
    again = put(settings, path, take_all=True)
    assert (again.notes, again.counts["read"], again.counts["unchanged"]) == ((), 35, 35)


def test_another_file_or_other_options_begin_at_the_beginning(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "dump.jsonl"
    path.write_text("".join(record(number) for number in range(35)))
    interrupted(settings, path, monkeypatch)
    assert put(settings, path, only_known=True).counts["read"] == 35
    interrupted(settings, path, monkeypatch)
    path.write_text("".join(record(number) for number in range(1, 36)))
    os.utime(path, (1, 1))
    assert put(settings, path, take_all=True).counts["read"] == 35
    with Catalogue(settings.catalogue) as catalogue:
        sources = catalogue.database.column("SELECT DISTINCT source FROM cursors")
        assert not [one for one in sources if one.startswith("add-dump")]


# -- bad input ---------------------------------------------------------------------------------


def test_what_is_wrong_with_a_line_is_told_and_the_rest_is_taken(
    settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "dump.jsonl"
    bad = [
        b'{"id": "2401.00050", "title": "Caf\xe9"}\n',
        record(51, title="").encode(),
        record(52, id="no id").encode(),
    ]
    good = [record(number).encode() for number in range(25)]
    path.write_bytes(b"".join([*good[:5], *bad, *good[5:], record(60).encode()[:-30]]))
    report = put(settings, path, take_all=True)
    assert [line.split(": ")[0].rpartition(":")[2] for line in report.problems] == [
        "6",
        "7",
        "8",
        "29",
    ]
    assert (report.counts["read"], report.counts["failed"]) == (25, 4)
    assert papers(settings) == 26


def test_of_a_gzip_file_that_is_cut_what_is_there_is_taken(
    settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "dump.jsonl.gz"
    noise = random.Random(2).randbytes
    text = "".join(record(n, comments=noise(300).hex()) for n in range(100))
    path.write_bytes(gzip.compress(text.encode())[:-9000])
    report = put(settings, path, take_all=True)
    (failed,) = report.failed
    assert "cut off or damaged here" in failed
    assert report.counts["read"] > 20
    assert papers(settings) == report.counts["read"] + 1


def test_a_file_of_which_nothing_can_be_read(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "dump.jsonl"
    path.write_text(record(1))
    path.chmod(0)
    before = state(settings)
    if os.access(path, os.R_OK):  # As root may.
        path.unlink()
        path.mkdir()
    with Catalogue(settings.catalogue) as catalogue, pytest.raises(BadSource):
        adding.DumpRun(catalogue, path, ())
    assert state(settings) == before


# -- as a stream -------------------------------------------------------------------------------


def test_pieces_go_on_at_the_end_of_any(tmp_path: Path) -> None:
    path = tmp_path / "dump.jsonl"
    path.write_text("\n".join([record(n).strip() for n in range(8)]) + "\n\n" + "no json\n")
    every = list(pieces(path, 3))
    assert [len(one.papers) for one in every] == [3, 3, 2]
    assert [len(one.problems) for one in every] == [0, 0, 1]
    assert every[-1].end.line == 10
    for number, one in enumerate(every):
        rest = list(pieces(path, 3, one.end))
        assert [r.papers for r in rest] == [r.papers for r in every[number + 1 :]]
    assert [one.end for one in pieces(path, 3, BEGINNING)] == [one.end for one in every]


def test_memory_does_not_grow_with_the_dump(settings: Settings, tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = tmp_path / f"{count}.jsonl"
        with path.open("w") as file:
            file.writelines(record(n, abstract="words " * 300) for n in range(count))
        with Library(settings, HashedWords()) as library:
            run = adding.DumpRun(library.catalogue, path, ())
            tracemalloc.start()
            for piece in pieces(path, adding.PIECE_LINES):
                with library.catalogue.writing():
                    for one in piece.papers:
                        run.see(one)
                    run.reach(piece.end)
            found = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return found

    peak(50)
    assert peak(2000) < 1.5 * peak(200)


def test_progress_goes_to_standard_error(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "dump.jsonl"
    path.write_text("".join(record(number) for number in range(25)))
    put(settings, path, take_all=True, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "25 lines" in err
    assert "100%" in err
