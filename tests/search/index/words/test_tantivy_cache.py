"""The folder of a tantivy index: it follows the catalogue, and is whole or not used."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from filelock import FileLock

from kg.records import Filters
from kg.store.catalogue import Catalogue
from search.index.words import open as word_indexes
from search.index.words.open import Opener
from search.index.words.tantivy_schema import date_terms, terms_between
from tests.support.factories import paper, put_all
from tests.support.filter_changes import CHANGES
from tests.support.folders import ROOT
from tests.support.small_disk import fill, small_disk


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "atlas.sqlite") as opened:
        put_all(opened, *(paper(n) for n in range(10)))
        yield opened


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def opener(catalogue: Catalogue, cache: Path) -> Opener:
    return Opener(catalogue, "tantivy", cache)


def numbers(catalogue: Catalogue, opener: Opener, text: str, kind: str = "tantivy") -> list[int]:
    """The numbers of the papers that are found, by an index of the kind."""
    index = opener.opened()
    assert index.kind == kind
    if kind == "tantivy":
        assert len(index) == catalogue.papers.count()
    keys = [key for key, _ in index.search(text, 1000, Filters())]
    return sorted(int(one.id[-5:]) for one in catalogue.papers.get(keys))


# -- following ---------------------------------------------------------------------------------


def test_the_index_follows_every_change(catalogue: Catalogue, cache: Path) -> None:
    words = opener(catalogue, cache)
    assert numbers(catalogue, words, "subject") == list(range(10))
    segments = {file.name for file in (cache / "words").glob("*.idx")}
    catalogue.papers.put(paper(3, title="Zebras"))
    put_all(catalogue, paper(11, title="A zebra"))
    catalogue.papers.remove(paper(4).id)
    assert numbers(catalogue, words, "zebra") == [3, 11]
    assert 4 not in numbers(catalogue, words, "subject")
    assert numbers(catalogue, words, "4") == []
    # What had not changed was not written again.
    assert segments <= {file.name for file in (cache / "words").glob("*.idx")}


@pytest.mark.parametrize(("change", "filters"), CHANGES)
def test_the_index_follows_what_papers_are_filtered_by(
    catalogue: Catalogue, cache: Path, change: Callable[[Catalogue], None], filters: Filters
) -> None:
    words = opener(catalogue, cache)
    assert words.opened().search("works", 5, filters) == []
    change(catalogue)
    key = catalogue.identifiers.key(paper(5).id)
    assert [found for found, _ in words.opened().search("works", 5, filters)] == [key]


def test_another_process_finds_it_as_it_was_left(catalogue: Catalogue, cache: Path) -> None:
    words, other = opener(catalogue, cache), opener(catalogue, cache)
    assert numbers(catalogue, words, "subject") == numbers(catalogue, other, "subject")
    catalogue.papers.put(paper(3, title="Zebras"))
    assert numbers(catalogue, other, "zebras") == [3]
    left = written(cache)
    assert numbers(catalogue, words, "zebras") == [3]
    assert numbers(catalogue, opener(catalogue, cache), "zebras") == [3]
    assert written(cache) == left


def written(cache: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mtime_ns for file in (cache / "words").iterdir()}


def test_an_older_copy_of_the_catalogue_is_indexed_anew(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "atlas.sqlite"
    with Catalogue(path) as catalogue:
        put_all(catalogue, paper(1), paper(2))
        catalogue.database.checkpoint()
        shutil.copy(path, tmp_path / "older.sqlite")
        put_all(catalogue, paper(3))
        assert numbers(catalogue, opener(catalogue, cache), "subject") == [1, 2, 3]
    shutil.copy(tmp_path / "older.sqlite", path)
    with Catalogue(path) as catalogue:
        assert numbers(catalogue, opener(catalogue, cache), "subject") == [1, 2]


def test_another_catalogue_is_indexed_anew(
    catalogue: Catalogue, cache: Path, tmp_path: Path
) -> None:
    numbers(catalogue, opener(catalogue, cache), "subject")
    with Catalogue(tmp_path / "other.sqlite") as other:
        put_all(other, paper(20), paper(21))
        assert numbers(other, opener(other, cache), "subject") == [20, 21]


def test_another_format_is_indexed_anew(
    catalogue: Catalogue, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers(catalogue, opener(catalogue, cache), "subject")
    before = written(cache)
    monkeypatch.setattr("search.index.words.tantivy_cache.FORMAT", "another")
    numbers(catalogue, opener(catalogue, cache), "subject")
    assert not set(before) & {name for name in written(cache) if name.endswith(".idx")}


def test_who_reads_an_earlier_state_is_answered_from_it(catalogue: Catalogue, cache: Path) -> None:
    words = opener(catalogue, cache)
    with catalogue.reading():
        assert catalogue.size() == 10
        newer = threading.Thread(target=_add_and_ask, args=(catalogue, words))
        newer.start()
        newer.join()
        assert numbers(catalogue, words, "subject", kind="fts5") == list(range(10))
    before = written(cache)
    assert numbers(catalogue, words, "subject") == list(range(11))
    assert written(cache) == before


def _add_and_ask(catalogue: Catalogue, words: Opener) -> None:
    put_all(catalogue, paper(10))
    assert numbers(catalogue, words, "subject") == list(range(11))
    catalogue.close()


def test_what_may_be_taken_back_is_not_indexed(catalogue: Catalogue, cache: Path) -> None:
    words = opener(catalogue, cache)
    with suppress(KeyError), catalogue.writing():
        catalogue.papers.put(paper(10))
        assert numbers(catalogue, words, "subject", kind="fts5") == list(range(11))
        raise KeyError
    assert numbers(catalogue, words, "subject") == list(range(10))


# -- faults ------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["meta.json", "*.idx", "*.term", "*.fast", "*.store"])
@pytest.mark.parametrize("harm", ["gone", "half", "zeros", "empty"])
def test_a_damaged_index_is_made_again(
    catalogue: Catalogue, cache: Path, part: str, harm: str
) -> None:
    assert numbers(catalogue, opener(catalogue, cache), "subject") == list(range(10))
    for file in (cache / "words").glob(part):
        whole = file.read_bytes()
        if harm == "gone":
            file.unlink()
        else:
            half = len(whole) // 2
            # Not in place: what is mapped of a file that gets shorter cannot be read any more.
            other = file.with_name("other")
            other.write_bytes({"half": whole[:half], "zeros": b"\0" * half, "empty": b""}[harm])
            other.replace(file)
    assert numbers(catalogue, opener(catalogue, cache), "subject") == list(range(10))


class PanicException(BaseException):
    """What tantivy raises where its code in Rust panics."""


@pytest.mark.parametrize("error", [PanicException, ValueError, OSError])
def test_damage_is_found_when_it_is_read(
    catalogue: Catalogue, cache: Path, error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def __getattr__(self, name: str) -> None:
            raise error("cannot read the posting list")

    words = opener(catalogue, cache)
    whole = words.opened()
    wanted = [key for key, _ in whole.search("subject", 20, Filters())]
    names = written(cache)
    broken = words.opened()
    monkeypatch.setattr(broken, "_any_withdrawn", False)
    monkeypatch.setattr(broken, "_searcher", Broken())
    monkeypatch.setattr(type(broken), "__len__", lambda _: 10)
    assert [key for key, _ in broken.search("subject", 20, Filters())] == wanted
    assert broken.named("Paper number 3", Filters()) == [4]
    assert broken.document_frequencies(["subject"]) == {"subject": 10}
    assert [key for key, _ in words.opened().search("subject", 20, Filters())] == wanted
    assert not {name for name in names if name.endswith(".idx")} & set(written(cache))


def test_while_another_process_writes_fts5_answers(catalogue: Catalogue, cache: Path) -> None:
    words = opener(catalogue, cache)
    cache.mkdir()
    with FileLock(cache / "words.lock"):
        assert numbers(catalogue, words, "subject", kind="fts5") == list(range(10))
    assert numbers(catalogue, words, "subject") == list(range(10))


def test_a_folder_that_nobody_may_write_is_no_error(catalogue: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    words = opener(catalogue, tmp_path / "file")
    assert numbers(catalogue, words, "subject", kind="fts5") == list(range(10))
    assert numbers(catalogue, words, "subject", kind="fts5") == list(range(10))


@pytest.mark.slow
def test_a_full_disk_is_no_error(catalogue: Catalogue, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 2) as disk:
        fill(disk)
        words = opener(catalogue, disk / "cache")
        assert numbers(catalogue, words, "subject", kind="fts5") == list(range(10))


def test_without_tantivy_fts5_answers(
    catalogue: Catalogue, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "search.index.words.tantivy_cache")
    monkeypatch.delattr("search.index.words.tantivy_cache", raising=False)
    monkeypatch.setitem(sys.modules, "tantivy", None)
    monkeypatch.delattr(word_indexes, "tantivy_cache", raising=False)
    assert numbers(catalogue, opener(catalogue, cache), "subject", kind="fts5") == list(range(10))
    assert not cache.exists()


ADDING = """
import sys
import time
from pathlib import Path
from kg.records import Filters
from kg.store.catalogue import Catalogue
from search.index.words.open import Opener

with Catalogue(Path(sys.argv[1])) as catalogue:
    print("open", flush=True)
    Opener(catalogue, "tantivy", Path(sys.argv[2])).opened()
    time.sleep(600)  # However fast the machine is, it is killed.
"""


@pytest.mark.slow
def test_an_index_of_a_killed_process_is_whole(tmp_path: Path, cache: Path) -> None:
    draw = random.Random(17)
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        put_all(catalogue, *(paper(n) for n in range(400)))
        opener(catalogue, cache).opened()
        taken = _seconds_of(catalogue, cache)
        for attempt in range(20):
            # Few enough to be added; where all have changed, the index is built anew.
            some = range(150) if attempt % 4 else range(400)
            with catalogue.writing():
                for number in some:
                    catalogue.papers.put(paper(number, title=f"Zebras of round{attempt}"))
            process = subprocess.Popen(
                [sys.executable, "-c", ADDING, str(catalogue.path), str(cache)],
                stdout=subprocess.PIPE,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
            assert process.stdout
            process.stdout.readline()
            time.sleep(draw.random() * taken)
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
            process.stdout.close()
            words = opener(catalogue, cache)
            assert numbers(catalogue, words, f"round{attempt}") == list(some)
            assert len(numbers(catalogue, words, "subject")) == 400


def _seconds_of(catalogue: Catalogue, cache: Path) -> float:
    """Return how long it takes to index all papers."""
    started = time.perf_counter()
    Opener(catalogue, "tantivy", cache.with_name("timed")).opened()
    return time.perf_counter() - started


def test_threads_share_one_index(catalogue: Catalogue, cache: Path) -> None:
    words, failed = opener(catalogue, cache), []

    def ask() -> None:
        try:
            for _ in range(20):
                assert len(words.opened().search("subject", 20, Filters())) == 10
        except BaseException as error:
            failed.append(error)
        finally:
            catalogue.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


# -- parts -------------------------------------------------------------------------------------


def test_a_date_lies_between_days_by_any_of_its_terms() -> None:
    dates = ["1999", "2021", "2021-05", "2021-05-17", "2021-12-31", "2022-01", "2022-02-01"]
    for since in ("0000-00-00", "2021-05-17", "2021-06-01", "2022-01-31"):
        for until in ("9999-99-99", "2021-05-17", "2021-12-31", "2022-01-15"):
            terms = set(terms_between(since, until))
            for day in dates:
                passes = since[: len(day)] <= day <= until[: len(day)]
                assert passes == bool(terms & set(date_terms(day))), (since, until, day)


def test_to_open_it_loads_nothing_that_writes() -> None:
    code = (
        "import sys, search.index.words.tantivy_cache\n"
        "heavy = {'logging', 'shutil', 'tempfile'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
