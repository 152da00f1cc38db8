import gc
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from kg.errors import CatalogueError, DamagedCatalogue, NewerCatalogue
from kg.records import Filters
from kg.store.catalogue import Catalogue
from kg.store.database import Database, own_migrations
from search.index.words.fts5 import Fts5Words
from tests.support.factories import contents, paper, put_all, spoil
from tests.support.sqlite_connections import prepared


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed catalogue of forty papers."""
    path = tmp_path_factory.mktemp("good") / "atlas.sqlite"
    with Catalogue(path) as catalogue:
        dated = (paper(n, published=date(2020, 1, 1 + n % 28)) for n in range(40))
        keys = put_all(catalogue, *dated)
        catalogue.vectors.add("m", [(key, "h", b"\x3f" * 64) for key in keys])
    return path


@pytest.fixture
def copy(good: Path, tmp_path: Path) -> Path:
    return shutil.copy(good, tmp_path / "atlas.sqlite")


def use(path: Path) -> None:
    """Open the catalogue and read all of it."""
    with Catalogue(path) as catalogue:
        catalogue.database.check()
        catalogue.papers.get(catalogue.papers.keys())
        catalogue.counts()
        catalogue.papers.select(Filters(topic="a", author="ada", categories=("cs.LG",)))
        Fts5Words(catalogue).search("paper number", 100, Filters())
        list(catalogue.vectors.missing("m"))
        catalogue.vectors.all("m")


def test_a_catalogue_is_made_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "new" / "home" / "atlas.sqlite"
    with Catalogue(path) as catalogue:
        assert catalogue.size() == 0
        assert catalogue.revision == 0
    use(path)


def test_a_good_catalogue_passes_its_check(copy: Path) -> None:
    use(copy)


def test_each_catalogue_has_an_identity_that_stays(tmp_path: Path) -> None:
    paths = [tmp_path / "a.sqlite", tmp_path / "b.sqlite", tmp_path / "a.sqlite"]
    identities = []
    for path in paths:
        with Catalogue(path) as catalogue:
            identities.append(catalogue.identity)
    assert identities[0] == identities[2] != identities[1]


# -- files that are no catalogue ---------------------------------------------------------------


def other_application(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE photos (name)")
    connection.close()


def other_application_without_tables(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA application_id = 7; CREATE TABLE t (x); DROP TABLE t;")
    connection.close()


def text(path: Path) -> None:
    path.write_text("Dear diary, this is a text of more than a hundred characters. " * 20)


def short_text(path: Path) -> None:
    path.write_text("notes")


@pytest.mark.parametrize(
    "make", [text, short_text, other_application, other_application_without_tables]
)
def test_another_file_is_refused_and_left_as_it_was(tmp_path: Path, make) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "atlas.sqlite"
    make(path)
    before = path.read_bytes()
    with pytest.raises(DamagedCatalogue, match="move it away"):
        Catalogue(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_an_empty_file_becomes_a_catalogue(tmp_path: Path) -> None:
    path = tmp_path / "atlas.sqlite"
    path.touch()
    use(path)
    assert path.stat().st_size > 0


def test_a_newer_catalogue_is_refused_and_left_as_it_was(copy: Path) -> None:
    connection = sqlite3.connect(copy)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = copy.read_bytes()
    with pytest.raises(NewerCatalogue, match="pip install --upgrade lfm-atlas"):
        Catalogue(copy)
    assert copy.read_bytes() == before


# -- damage ------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [0.001, 0.02, 0.3, 0.5, 0.77, 0.999])
def test_a_truncated_catalogue_is_told(copy: Path, part: float) -> None:
    data = copy.read_bytes()
    copy.write_bytes(data[: max(1, int(len(data) * part))])
    before = copy.read_bytes()
    with pytest.raises(DamagedCatalogue):
        use(copy)
    assert copy.read_bytes() == before


def test_an_overwritten_page_is_told(copy: Path) -> None:
    data = bytearray(copy.read_bytes())
    for start in range(4096, len(data), 4096):
        data[start : start + 16] = b"\xff" * 16
    copy.write_bytes(data)
    with pytest.raises(DamagedCatalogue):
        use(copy)
    assert copy.read_bytes() == bytes(data)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_flipped_bytes_never_give_another_error(good: Path, tmp_path: Path, seed: int) -> None:
    source = random.Random(seed)
    whole = good.read_bytes()
    for number in range(10):
        data = bytearray(whole)
        for _ in range(source.choice((1, 20, 500))):
            data[source.randrange(len(data))] ^= source.randrange(1, 256)
        path = tmp_path / f"{number}.sqlite"
        path.write_bytes(data)
        try:
            use(path)
        except CatalogueError:
            assert path.read_bytes() == bytes(data)


@pytest.mark.parametrize("name", ["papers", "papers_by_year", "words_data"])
def test_what_is_settled_was_read_again(copy: Path, name: str) -> None:
    with Catalogue(copy) as catalogue:
        catalogue.database.checkpoint()
        catalogue.close()
        spoil(copy, name)
        with pytest.raises(DamagedCatalogue):
            catalogue.database.checkpoint()


# -- disk, folder and other processes ----------------------------------------------------------


def test_a_full_disk_is_told_and_harms_nothing(copy: Path) -> None:
    before = contents(copy)
    made: list[sqlite3.Connection] = []
    with prepared(made.append), Catalogue(copy) as catalogue:
        (connection,) = made
        ((pages,),) = connection.execute("PRAGMA page_count")
        connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(CatalogueError, match=r"disk of .* is full"):
            put_all(catalogue, *(paper(n, abstract="long " * 2000) for n in range(100, 120)))
        assert contents(copy) == before
        connection.execute("PRAGMA max_page_count = 1000000")
        put_all(catalogue, paper(100))
        assert catalogue.size() == 41


@pytest.mark.parametrize("home", ["file/home", "file", "/proc/atlas", "/dev/null/atlas"])
def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path, home: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CatalogueError, match="LFM_HOME") as told:
        Catalogue(tmp_path / home / "atlas.sqlite")
    assert "\n" not in str(told.value)


def test_a_folder_in_the_file_s_place_is_told(tmp_path: Path) -> None:
    path = tmp_path / "atlas.sqlite"
    path.mkdir()
    with pytest.raises(CatalogueError):
        Catalogue(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(CatalogueError, match="LFM_HOME"):
        Catalogue(tmp_path / "atlas.sqlite")


def test_a_catalogue_that_another_writes_is_told(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.store.connection.BUSY_TIMEOUT_S", 0.001)
    other = sqlite3.connect(copy, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with Catalogue(copy) as catalogue:
        with pytest.raises(CatalogueError, match="another process"):
            catalogue.papers.put(paper(100))
        assert catalogue.size() == 40
        other.execute("ROLLBACK")
        assert catalogue.papers.put(paper(100)) == "added"
    other.close()


MAKE = """
import sys
from pathlib import Path
from kg.store.catalogue import Catalogue
from kg.records import Paper
sys.stdin.readline()
for number in range(20):
    with Catalogue(Path(sys.argv[1]) / f"{number}.sqlite") as catalogue:
        catalogue.papers.put(Paper(id=sys.argv[2], title=sys.argv[2]))
"""


@pytest.mark.slow
def test_processes_may_make_the_same_catalogue_at_once(tmp_path: Path) -> None:
    names = ["one", "two", "three"]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", MAKE, str(tmp_path), name],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    for process in running:  # All are loaded before the first begins.
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(timeout=60)[1] for process in running]
    assert told == ["", "", ""]
    for number in range(20):
        with Catalogue(tmp_path / f"{number}.sqlite") as catalogue:
            assert sorted(p.id for p in catalogue.papers.get(catalogue.papers.keys())) == sorted(
                names
            )


# -- migrations --------------------------------------------------------------------------------


def test_texts_of_an_older_catalogue_are_brought_into_their_present_form(tmp_path: Path) -> None:
    path, scripts = tmp_path / "atlas.sqlite", own_migrations()
    decoding = next(n for n, script in enumerate(scripts) if "kept_title(title)" in script)
    Database(path, scripts[:decoding]).close()
    title, author = "$\\mu$KE: Sabi\\'a \x1b[2J", r"Jos\'e {\'A}nt"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO papers (key, id, title, venue, text_hash) VALUES (7, 'a', ?, 'Nips', 'h')",
            (title,),
        )
        connection.execute("INSERT INTO authorships VALUES (7, 0, ?, 'jos e ant')", (author,))
        connection.execute("INSERT INTO identifiers VALUES ('title', 'ke sabi a', 7)")
        connection.execute(
            "INSERT INTO words (rowid, title, abstract, authors) VALUES (7, ?, '', ?)",
            (title, author),
        )
    with Catalogue(path) as catalogue:
        (found,) = catalogue.papers.get([7])
        assert (found.title, found.authors, found.venue) == (
            "μKE: Sabiá [2J",
            ("José Ánt",),
            "NeurIPS",
        )
        for name in (r"$\mu$KE: Sabi\'a [2J", "μKE: Sabia [2J"):
            assert catalogue.identifiers.key(name) == 7
        assert list(catalogue.papers.select(Filters(author="jose ant"))) == [7]
        assert [key for key, _ in Fts5Words(catalogue).search("Sabiá José", 5, Filters())] == [7]
        assert catalogue.revision == 1
        # Neither hash nor vector is of the spelling alone.
        assert [hashed for _, hashed, _, _ in catalogue.vectors.missing("m")] != ["h"]
    with Catalogue(path) as catalogue:
        assert catalogue.revision == 1


NEXT = "ALTER TABLE papers ADD COLUMN pages INTEGER; -- a comment; with a semicolon\n"


def version(path: Path) -> tuple[int, list[str]]:
    connection = sqlite3.connect(path)
    try:
        columns = [row[1] for row in connection.execute("PRAGMA table_info (papers)")]
        return connection.execute("PRAGMA user_version").fetchone()[0], columns
    finally:
        connection.close()


def test_a_migration_keeps_what_is_there(copy: Path) -> None:
    before, columns = version(copy)
    Database(copy, [*own_migrations(), NEXT]).close()
    assert version(copy) == (before + 1, [*columns, "pages"])
    Database(copy, [*own_migrations(), NEXT]).close()
    assert version(copy)[0] == before + 1


def test_a_migration_that_fails_leaves_the_old_version(copy: Path) -> None:
    before, rows = version(copy), contents(copy)
    with pytest.raises(CatalogueError):
        Database(copy, [*own_migrations(), NEXT, "CREATE TABLE t (x);\nNONSENSE;\n"])
    assert version(copy) == before
    assert contents(copy) == rows
    use(copy)


def test_a_first_migration_that_fails_leaves_no_table(tmp_path: Path) -> None:
    path = tmp_path / "atlas.sqlite"
    with pytest.raises(CatalogueError):
        Database(path, ["CREATE TABLE t (x);\nNONSENSE;\n"])
    assert contents(path) == ["BEGIN TRANSACTION;", "COMMIT;"]
    use(path)


@pytest.fixture
def opened(copy: Path) -> Iterator[Catalogue]:
    with Catalogue(copy) as catalogue:
        yield catalogue


def test_a_closed_catalogue_opens_again_when_asked(opened: Catalogue) -> None:
    opened.close()
    assert opened.size() == 40


def test_a_catalogue_that_is_left_open_is_warned_of(copy: Path) -> None:
    with pytest.warns(ResourceWarning, match="unclosed catalogue"):
        Database(copy)


@pytest.mark.slow
def test_the_connection_of_a_thread_ends_with_it(copy: Path) -> None:
    connections: list[weakref.ref[sqlite3.Connection]] = []
    with (
        prepared(lambda made: connections.append(weakref.ref(made))),
        Catalogue(copy) as catalogue,
    ):

        def read() -> None:
            assert catalogue.size() == 40

        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
        gc.collect()
        assert [one() is None for one in connections] == [False, True]
    gc.collect()
    assert connections[0]() is None


def test_a_write_may_wait_longer_for_another_writer(
    opened: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.store.connection.BUSY_TIMEOUT_S", 0.02)
    opened.close()
    release, held = threading.Event(), threading.Event()

    def hold() -> None:
        with Catalogue(opened.path) as other, other.writing():
            held.set()
            release.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(30)
        with pytest.raises(CatalogueError, match="being written by another process"):
            opened.journal.set_cursor("a", "b", "c")
        threading.Timer(0.2, release.set).start()
        with Catalogue(opened.path, write_wait_s=60) as patient:
            patient.journal.set_cursor("a", "b", "c")
        assert opened.journal.cursor("a", "b") == "c"
    finally:
        release.set()
        thread.join()
