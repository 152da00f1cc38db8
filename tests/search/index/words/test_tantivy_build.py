"""Building a tantivy index: it goes on where it was stopped, and damage is found by checksums."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kg.records import Filters
from kg.store.catalogue import Catalogue
from search.index.words import tantivy_build
from search.index.words.open import Opener
from search.index.words.tantivy_build import committed_papers
from search.index.words.tantivy_files import PARTS, damaged_file
from search.index.words.tantivy_words import TantivyWords
from tests.support.factories import paper, put_all
from tests.support.folders import ROOT

PAPERS = 60


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "atlas.sqlite") as opened:
        put_all(opened, *(paper(n) for n in range(PAPERS)))
        yield opened


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture(autouse=True)
def small_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Papers are committed eight at a time, in eight parts."""
    monkeypatch.setattr(tantivy_build, "_MAX_COMMITTED", 8)


def opened(catalogue: Catalogue, cache: Path) -> TantivyWords:
    index = Opener(catalogue, "tantivy", cache).opened()
    assert isinstance(index, TantivyWords)
    assert len(index) == catalogue.size()
    return index


def numbers(catalogue: Catalogue, index: TantivyWords, text: str) -> list[int]:
    keys = [key for key, _ in index.search(text, 1000, Filters())]
    return sorted(int(one.id[-5:]) for one in catalogue.papers.get(keys))


def interrupted(
    catalogue: Catalogue, cache: Path, commits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Begin a build that is interrupted after so many parts."""
    left = [commits]
    add = tantivy_build.add_documents

    def added(*arguments: object) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        add(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(tantivy_build, "add_documents", added)
        with pytest.raises(KeyboardInterrupt):
            opened(catalogue, cache)
    assert not (cache / "words").exists()


@pytest.fixture
def read(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The key behind which each build begins to read."""
    found: list[int] = []
    pages = catalogue.word_documents.all

    def all_after(after: int = -1) -> Iterator[object]:
        found.append(after)
        return pages(after)

    monkeypatch.setattr(catalogue.word_documents, "all", all_after)
    return found


# -- going on ----------------------------------------------------------------------------------


def test_a_built_index_is_one_segment(catalogue: Catalogue, cache: Path) -> None:
    index = opened(catalogue, cache)
    assert index._searcher.num_segments == 1
    assert sorted(path.name for path in cache.iterdir()) == ["words", "words.lock"]


@pytest.mark.parametrize("papers", [1, 16_000, 16_001, 128_000, 128_001, 1_000_000, 3_000_000])
def test_commits_are_a_power_of_eight(papers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tantivy_build, "_MAX_COMMITTED", 16_000)
    size = committed_papers(papers)
    assert 0 < size <= 16_000
    assert -(-papers // size) in {8**n for n in range(8)}


def test_a_build_goes_on_where_it_was_stopped(
    catalogue: Catalogue, cache: Path, read: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(catalogue, cache, 4, monkeypatch)
    index = opened(catalogue, cache)
    first, then = read
    assert first == -1
    # Each part is committed before the next.
    assert then == catalogue.papers.keys()[4 * 8 - 1]
    assert numbers(catalogue, index, "subject") == list(range(PAPERS))
    assert not (cache / "words.unfinished").exists()


def test_what_changed_since_it_was_stopped_is_in_the_index(
    catalogue: Catalogue, cache: Path, read: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(catalogue, cache, 4, monkeypatch)
    catalogue.papers.put(paper(3, title="Zebras"))
    catalogue.papers.put(paper(50, title="Zebras"))
    catalogue.papers.remove(paper(4).id)
    catalogue.papers.remove(paper(51).id)
    put_all(catalogue, paper(PAPERS, title="A zebra"))
    index = opened(catalogue, cache)
    assert read[1] > 0
    assert numbers(catalogue, index, "zebra") == [3, 50, PAPERS]
    left = [n for n in range(PAPERS) if n not in {4, 51}]
    assert [n for n in numbers(catalogue, index, "subject") if n < PAPERS] == left


def test_where_most_has_changed_since_it_was_stopped_it_is_built_anew(
    catalogue: Catalogue, cache: Path, read: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(catalogue, cache, 4, monkeypatch)
    for number in range(PAPERS - 10):
        catalogue.papers.put(paper(number, title="Zebras"))
    index = opened(catalogue, cache)
    assert numbers(catalogue, index, "zebra") == list(range(PAPERS - 10))
    assert read == [-1, read[1], -1]
    assert index.state.revision == catalogue.database.revision


def other_format(note: dict[str, object]) -> None:
    note["format"] = "another"


def other_catalogue(note: dict[str, object]) -> None:
    note["identity"] = "another"


def later(note: dict[str, object]) -> None:
    note["revision"] = 1_000_000


def another_mark(note: dict[str, object]) -> None:
    note["mark"] = "of a copy that went on"


def of_another_form(note: dict[str, object]) -> None:
    note["more"] = 1


@pytest.mark.parametrize(
    "change", [other_format, other_catalogue, later, another_mark, of_another_form]
)
def test_what_was_begun_of_another_state_is_not_taken_up(
    catalogue: Catalogue,
    cache: Path,
    read: list[int],
    change: Callable[[dict[str, object]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    interrupted(catalogue, cache, 4, monkeypatch)
    file = cache / "words.unfinished" / "state.json"
    note = json.loads(file.read_bytes())
    change(note)
    file.write_text(json.dumps(note))
    assert numbers(catalogue, opened(catalogue, cache), "subject") == list(range(PAPERS))
    assert read == [-1, -1]


@pytest.mark.parametrize("part", ["state.json", "made/meta.json", "made/*.term", "made/*.fast"])
@pytest.mark.parametrize("harm", ["gone", "half", "zeros", "empty", "flipped"])
def test_what_was_begun_and_is_damaged_is_begun_anew(
    catalogue: Catalogue, cache: Path, part: str, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(catalogue, cache, 4, monkeypatch)
    for file in (cache / "words.unfinished").glob(part):
        whole = file.read_bytes()
        file.unlink()
        if harm != "gone":
            file.write_bytes(
                {
                    "half": whole[: len(whole) // 2],
                    "zeros": b"\0" * len(whole),
                    "empty": b"",
                    "flipped": bytes([whole[0] ^ 1]) + whole[1:],
                }[harm]
            )
    index = opened(catalogue, cache)
    assert numbers(catalogue, index, "subject") == list(range(PAPERS))
    assert not (cache / "words.unfinished").exists()


BUILDING = """
import sys
import time
from pathlib import Path
from kg.store.catalogue import Catalogue
from search.index.words import tantivy_build
from search.index.words.open import Opener

tantivy_build._MAX_COMMITTED = 8
with Catalogue(Path(sys.argv[1])) as catalogue:
    print("open", flush=True)
    Opener(catalogue, "tantivy", Path(sys.argv[2])).opened()
    time.sleep(600)  # However fast the machine is, it is killed.
"""


@pytest.mark.slow
def test_a_build_that_is_killed_again_and_again_ends(catalogue: Catalogue, cache: Path) -> None:
    draw = random.Random(3)
    started = time.perf_counter()
    opened(catalogue, cache.with_name("timed"))
    taken = time.perf_counter() - started
    for _ in range(20):
        process = subprocess.Popen(
            [sys.executable, "-c", BUILDING, str(catalogue.path), str(cache)],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout
        process.stdout.readline()
        time.sleep(draw.random() * taken / 5)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        process.stdout.close()
        # Nothing is answered from a part of it.
        assert not (cache / "words").exists() or len(opened(catalogue, cache)) == PAPERS
    assert numbers(catalogue, opened(catalogue, cache), "subject") == list(range(PAPERS))


# -- checksums ---------------------------------------------------------------------------------


def flip(path: Path, place: int) -> None:
    """Change a bit of a file, in another file of its name."""
    data = bytearray(path.read_bytes())
    data[place] ^= 16
    path.unlink()
    path.write_bytes(data)


def test_a_flipped_bit_anywhere_is_found(catalogue: Catalogue, cache: Path) -> None:
    opened(catalogue, cache)
    folder = cache / "words"
    assert damaged_file(folder) is None
    files = [file for file in folder.iterdir() if file.suffix[1:] in PARTS]
    assert len(files) == 6
    for file in files:
        whole = file.read_bytes()
        described = whole.rindex(b'{"version"')
        for place in {0, described // 2, described - 1, len(whole) - 1, len(whole) - 5}:
            flip(file, place)
            assert damaged_file(folder) == file
            file.write_bytes(whole)
        for cut in (whole[:-1], whole[: len(whole) // 2], b"", b"\0" * 8, b"\xff" * 5000):
            file.write_bytes(cut)
            assert damaged_file(folder) == file
            file.write_bytes(whole)
    assert damaged_file(folder) is None


@pytest.mark.parametrize("part", ["idx", "fieldnorm", "fast", "term"])
def test_before_papers_are_added_damage_is_found(
    catalogue: Catalogue, cache: Path, part: str, caplog: pytest.LogCaptureFixture
) -> None:
    opened(catalogue, cache)
    (file,) = (cache / "words").glob(f"*.{part}")
    flip(file, 3)
    catalogue.papers.put(paper(3, title="Zebras"))
    index = opened(catalogue, cache)
    assert numbers(catalogue, index, "zebra") == [3]
    assert numbers(catalogue, index, "subject") == list(range(PAPERS))
    assert not file.exists()
    assert damaged_file(cache / "words") is None
    assert f"{file} is damaged; the index is made again" in caplog.text


def test_papers_without_keys_are_damage(
    catalogue: Catalogue, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Keyless:
        def __init__(self, searcher: object) -> None:
            self._searcher = searcher

        def fast_field_values(self, _: str, places: list[object]) -> list[None]:
            return [None] * len(places)

        def __getattr__(self, name: str) -> object:
            return getattr(self._searcher, name)

    index = opened(catalogue, cache)
    monkeypatch.setattr(index, "_searcher", Keyless(index._searcher))
    assert numbers(catalogue, index, "subject") == list(range(PAPERS))
    assert not (cache / "words").exists()
