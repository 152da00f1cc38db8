import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.lock import refresh_lock
from kg.errors import Busy, CatalogueError, Holder

NOON = datetime(2024, 2, 29, 12, 0, 5, tzinfo=UTC)

HOLD = """
import sys
from pathlib import Path
from ingest.lock import refresh_lock
with refresh_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock of `tmp_path` until it reads a line."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def try_it(home: Path) -> Holder | None:
    with pytest.raises(Busy) as told, refresh_lock(home):
        pass
    assert "\n" not in str(told.value)
    assert "wait until it is done, or stop that process" in str(told.value)
    return told.value.holder


def test_the_lock_is_free_again_after_each_block(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    for _ in range(3):
        with refresh_lock(home):
            assert (home / "refresh.holder.json").exists()
        assert [file.name for file in home.iterdir()] == ["refresh.lock"]


def test_a_block_that_fails_frees_the_lock(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), refresh_lock(tmp_path):
        _ = 1 / 0
    with refresh_lock(tmp_path):
        pass


def test_another_process_is_told_by_name(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    before = datetime.now(UTC)
    held_by = try_it(tmp_path)
    assert held_by
    assert (held_by.pid, held_by.host) == (holder.pid, socket.gethostname())
    assert held_by.since <= before
    holder.communicate("done\n", timeout=60)
    with refresh_lock(tmp_path):
        pass


def test_the_line_says_who_and_since_when(tmp_path: Path) -> None:
    with refresh_lock(tmp_path, clock=lambda: NOON):
        with pytest.raises(Busy) as told, refresh_lock(tmp_path):
            pass
        assert str(told.value).startswith(
            f"process {os.getpid()} on {socket.gethostname()} has been refreshing this atlas"
            " since 2024-02-29 12:00:05 UTC: wait"
        )


def test_a_killed_holder_leaves_the_lock_free(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait(timeout=60)
    assert (tmp_path / "refresh.holder.json").exists()
    with refresh_lock(tmp_path, clock=lambda: NOON):
        assert try_it(tmp_path) == Holder(os.getpid(), socket.gethostname(), NOON)


def test_threads_keep_each_other_out(tmp_path: Path) -> None:
    found: list[Holder | None] = []
    with refresh_lock(tmp_path):
        thread = threading.Thread(target=lambda: found.append(try_it(tmp_path)))
        thread.start()
        thread.join(60)
    assert [one and one.pid for one in found] == [os.getpid()]


def test_only_one_of_many_threads_is_within_at_a_time(tmp_path: Path) -> None:
    inside: list[int] = []
    most: list[int] = []
    got: list[bool] = []

    def work(number: int) -> None:
        for _ in range(20):
            try:
                with refresh_lock(tmp_path):
                    inside.append(number)
                    most.append(len(inside))
                    inside.remove(number)
                    got.append(True)
            except Busy:
                pass

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert got
    assert set(most) == {1}


def missing(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20])


def garbage(path: Path) -> None:
    path.write_bytes(b"\xff\x00[{")


def deep(path: Path) -> None:
    path.write_bytes(b"[" * 100_000)


def other_types(path: Path) -> None:
    path.write_text('{"pid": "1", "host": null, "since": "2024-02-29T12:00:05+00:00"}')


def no_zone(path: Path) -> None:
    path.write_text('{"pid": 1, "host": "h", "since": "2024-02-29T12:00:05"}')


def a_list(path: Path) -> None:
    path.write_text("[1, 2]")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


RECORDS = [missing, empty, cut, garbage, deep, other_types, no_zone, a_list, a_folder]


@pytest.mark.slow
@pytest.mark.usefixtures("holder")
@pytest.mark.parametrize("spoil", RECORDS)
def test_without_a_good_record_the_lock_still_holds(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(tmp_path / "refresh.holder.json")
    assert try_it(tmp_path) is None


@pytest.mark.slow
@pytest.mark.parametrize("spoil", RECORDS[:-1])
def test_a_bad_record_of_a_dead_process_is_replaced(
    tmp_path: Path, spoil: Callable[[Path], None], holder: subprocess.Popen[str]
) -> None:
    holder.kill()
    holder.wait(timeout=60)
    spoil(tmp_path / "refresh.holder.json")
    with refresh_lock(tmp_path, clock=lambda: NOON):
        assert try_it(tmp_path) == Holder(os.getpid(), socket.gethostname(), NOON)


def test_a_record_that_cannot_be_written_or_removed_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "refresh.holder.json").mkdir()
    with refresh_lock(tmp_path):
        assert try_it(tmp_path) is None
    with refresh_lock(tmp_path):
        pass


@pytest.mark.parametrize("home", ["file", "file/home", "/proc/atlas"])
def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path, home: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CatalogueError, match="LFM_HOME"), refresh_lock(tmp_path / home):
        pass


@pytest.mark.parametrize("name", ["refresh.lock", "refresh.holder.json"])
def test_a_link_that_another_put_there_is_not_written_through(tmp_path: Path, name: str) -> None:
    home, precious = tmp_path / "home", tmp_path / "precious"
    home.mkdir()
    precious.write_text("mine")
    (home / name).symlink_to(precious)
    with suppress(CatalogueError), refresh_lock(home):
        assert name != "refresh.lock"
    assert precious.read_text() == "mine"
