import json
import math
import os
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from filelock import FileLock, Timeout
from hypothesis import given
from hypothesis import strategies as st

from ingest.net.gate import FileGate, Pace
from kg.errors import AtlasError

GAP = 3.0

ASK = """
import socket, sys
from pathlib import Path
from ingest.net.gate import FileGate
gate = FileGate(Path(sys.argv[1]), gap=float(sys.argv[2]))
for _ in range(int(sys.argv[4])):
    with gate, socket.create_connection(("127.0.0.1", int(sys.argv[3]))) as line:
        line.recv(1)
"""

HOLD = """
import sys, time
from pathlib import Path
from ingest.net.gate import FileGate
with FileGate(Path(sys.argv[1]), gap=float(sys.argv[2])):
    print(time.monotonic(), flush=True)
    sys.stdin.readline()
"""


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self.slept: list[float] = []
        self.interrupted = False
        """Whether the next to sleep is interrupted halfway."""

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        if self.interrupted:
            self.interrupted = False
            self.now += seconds / 2
            raise KeyboardInterrupt
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["pace", "file"])
def gate(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Pace | FileGate:
    if request.param == "pace":
        return Pace(GAP, clock, clock.sleep)
    return FileGate(tmp_path / "gate", GAP, clock, clock.sleep)


def starts(gate: Pace | FileGate, clock: Clock, *lengths: float) -> list[float]:
    """Return when requests of those lengths started."""
    found = []
    for length in lengths:
        with gate:
            found.append(clock.now)
            clock.now += length
    return found


def test_the_first_request_waits_for_nothing(gate: Pace | FileGate, clock: Clock) -> None:
    starts(gate, clock, 0)
    assert clock.slept == []


def test_the_gap_is_counted_from_the_end_of_a_request(gate: Pace | FileGate, clock: Clock) -> None:
    assert starts(gate, clock, 0, 10, 0, 1) == [1000, 1003, 1016, 1019]


def test_time_that_passes_anyway_is_not_waited_for(gate: Pace | FileGate, clock: Clock) -> None:
    starts(gate, clock, 0)
    clock.now += 2
    starts(gate, clock, 0)
    clock.now += 50
    starts(gate, clock, 0)
    assert clock.slept == [1]


def test_postponing_holds_off_the_next_request_and_no_other(
    gate: Pace | FileGate, clock: Clock
) -> None:
    with gate:
        gate.postpone(60)
        gate.postpone(5)
    assert starts(gate, clock, 0, 0) == [1060, 1063]


def test_a_postponement_shorter_than_the_gap_changes_nothing(
    gate: Pace | FileGate, clock: Clock
) -> None:
    with gate:
        gate.postpone(1)
    assert starts(gate, clock, 0) == [1003]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError])
def test_a_request_that_is_interrupted_leaves_the_gate_open_and_the_gap_kept(
    gate: Pace | FileGate, clock: Clock, error: type[BaseException]
) -> None:
    with pytest.raises(error), gate:
        raise error
    assert starts(gate, clock, 0) == [1003]


def test_who_is_interrupted_while_waiting_leaves_the_gate_open(
    gate: Pace | FileGate, clock: Clock
) -> None:
    starts(gate, clock, 0)
    clock.interrupted = True
    with pytest.raises(KeyboardInterrupt), gate:
        pytest.fail("nobody may enter")
    assert starts(gate, clock, 0) == [1003]


def test_threads_take_turns(tmp_path: Path) -> None:
    for gate in (Pace(0.01), FileGate(tmp_path / "gate", 0.01)):
        inside, most = [], []

        def ask(gate: Pace | FileGate, inside: list[int], most: list[int]) -> None:
            for _ in range(5):
                with gate:
                    inside.append(1)
                    most.append(len(inside))
                    inside.pop()

        threads = [threading.Thread(target=ask, args=(gate, inside, most)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert most == [1] * 20


def test_two_gates_of_one_process_are_one(tmp_path: Path, clock: Clock) -> None:
    one, other = (FileGate(tmp_path / "gate", GAP, clock, clock.sleep) for _ in "ab")
    assert starts(one, clock, 0) + starts(other, clock, 0) + starts(one, clock, 0) == [
        1000,
        1003,
        1006,
    ]


# Pace


def test_a_refusal_doubles_the_pace_up_to_a_minute(clock: Clock) -> None:
    pace = Pace(1.0, clock, clock.sleep)
    gaps = []
    for _ in range(8):
        pace.refused()
        gaps.append(pace.gap)
    assert gaps == [2, 4, 8, 16, 32, 60, 60, 60]
    assert starts(pace, clock, 0, 0) == [1000, 1060]


def test_answers_bring_the_pace_back(clock: Clock) -> None:
    pace = Pace(1.0, clock, clock.sleep)
    pace.refused()
    pace.served()
    assert pace.gap == pytest.approx(1.9)
    for _ in range(100):
        pace.served()
    assert pace.gap == pytest.approx(1.0, abs=1e-3)


@given(st.floats(0, 1000), st.lists(st.booleans(), max_size=50))
def test_a_pace_is_never_faster_than_its_least(least: float, answers: list[bool]) -> None:
    pace = Pace(least)
    for refused in answers:
        before = pace.gap
        (pace.refused if refused else pace.served)()
        assert least <= pace.gap <= max(60.0, least)
        assert not refused or pace.gap > before or pace.gap >= 60


# FileGate


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"{",
        b"null",
        b"[3]",
        b'"next"',
        b"\xff\xfe\x00",
        b"{}",
        b'{"at": 990}',
        b'{"at": 990, "next": "soon"}',
        b'{"at": 990, "next": [1]}',
        b'{"at": NaN, "next": NaN}',
        b'{"at": 0, "next": Infinity}',
        b'{"at": 990, "next": 1e300}',
        b'{"at": 990, "next": 900}',
        b'{"at": 990, "next": ' + b"9" * 400 + b"}",
        b'{"at": 990, "next": 991}}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_costs_one_gap(tmp_path: Path, clock: Clock, garbage: bytes) -> None:
    gate = FileGate(tmp_path, GAP, clock, clock.sleep)
    (tmp_path / "next.json").write_bytes(garbage)
    assert starts(gate, clock, 0, 0) == [1003, 1006]


@given(
    record=st.binary()
    | st.builds(
        lambda **times: json.dumps(times).encode(), at=st.floats(), next=st.floats() | st.text()
    )
)
def test_no_file_holds_a_request_for_more_than_an_hour(
    tmp_path_factory: pytest.TempPathFactory, record: bytes
) -> None:
    clock = Clock()
    path = tmp_path_factory.mktemp("gate")
    (path / "next.json").write_bytes(record)
    (start,) = starts(FileGate(path, GAP, clock, clock.sleep), clock, 0)
    assert 1000 <= start <= 4600.1


@pytest.mark.parametrize("back", [1.0, 100.0, 1e6])
def test_a_clock_that_was_started_anew_keeps_what_is_left_to_wait(
    tmp_path: Path, clock: Clock, back: float
) -> None:
    gate = FileGate(tmp_path, GAP, clock, clock.sleep)
    with gate:
        gate.postpone(60)
    clock.now -= back
    (start,) = starts(gate, clock, 0)
    assert start == 1000 - back + 60


def test_a_clock_that_is_set_back_meanwhile_holds_nobody_for_days(
    tmp_path: Path, clock: Clock
) -> None:
    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        clock.now -= 1e6

    gate = FileGate(tmp_path, GAP, clock, sleep)
    starts(gate, clock, 0, 0)
    assert clock.slept == [GAP]


def test_nobody_postpones_for_more_than_an_hour(tmp_path: Path, clock: Clock) -> None:
    gate = FileGate(tmp_path, GAP, clock, clock.sleep)
    with gate:
        gate.postpone(math.inf)
    assert starts(gate, clock, 0) == [4600]


def test_all_users_of_the_machine_may_use_the_gate(tmp_path: Path) -> None:
    mask = os.umask(0o077)
    try:
        with FileGate(tmp_path / "new" / "gate", 0.0):
            pass
    finally:
        os.umask(mask)
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in [tmp_path / "new" / "gate", *(tmp_path / "new" / "gate").iterdir()]
    }
    assert modes == {"gate": 0o777, "lock": 0o666, "next.json": 0o666}


@pytest.mark.parametrize("name", ["next.json", "lock"])
@pytest.mark.parametrize("kind", ["symlink_to", "hardlink_to"])
def test_a_link_that_another_put_there_is_not_written_through(
    tmp_path: Path, name: str, kind: str
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    precious.chmod(0o600)
    gate = FileGate(tmp_path / "gate", 0.0)
    gate.path.mkdir()
    getattr(gate.path / name, kind)(precious)
    # A lock that is another name of a file is locked, and no more.
    if (name, kind) == ("lock", "hardlink_to"):
        with gate:
            pass
    else:
        with pytest.raises(AtlasError, match="cannot use the gate"), gate:
            pytest.fail("nobody may enter")
    assert precious.read_text() == "mine"
    if name == "next.json":
        assert stat.S_IMODE(precious.stat().st_mode) == 0o600


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_that_another_put_there_holds_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "next.json")
    with pytest.raises(AtlasError, match="cannot use the gate"), FileGate(tmp_path, 0.0):
        pytest.fail("nobody may enter")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no users as on Unix")
def test_a_gate_is_not_where_another_users_link_leads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "next.json").write_text("mine")
    gate = FileGate(tmp_path / "gate", 0.0)
    gate.path.symlink_to(elsewhere)
    with monkeypatch.context() as patch:
        patch.setattr(os, "geteuid", lambda: os.getuid() + 1)
        with pytest.raises(AtlasError, match="a link that another user made"), gate:
            pytest.fail("nobody may enter")
    assert [file.name for file in elsewhere.iterdir()] == ["next.json"]
    assert (elsewhere / "next.json").read_text() == "mine"
    with gate:  # One's own link is one's own affair.
        pass


def test_a_gate_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    folder = tmp_path / "folder"
    (folder / "next.json").mkdir(parents=True)
    for path in (file, file / "under", folder):
        gate = FileGate(path)
        for _ in range(2):  # The lock is not left held.
            with pytest.raises(AtlasError, match="set LFM_GATE to a folder"), gate:
                pytest.fail("nobody may enter")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no users as on Unix")
def test_another_users_closed_gate_says_so(tmp_path: Path) -> None:
    path = tmp_path / "gate"
    with FileGate(path, 0.0):
        pass
    text = f"""
import os, sys
from pathlib import Path
from ingest.net.gate import FileGate
from kg.errors import AtlasError
if os.geteuid() == 0:
    os.setuid(65534)
try:
    with FileGate(Path({str(path)!r}), 0.0):
        print("in")
except AtlasError as error:
    print(error)
"""
    # The folders that pytest makes are closed to others.
    for folder in [path, *path.parents][:4]:
        folder.chmod(0o755)
    (path / "next.json").chmod(0o600)
    (path / "lock").chmod(0o400)
    path.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, timeout=60, check=True
    )
    assert "cannot use the gate" in done.stdout
    assert "Permission denied" in done.stdout


# Across processes


@pytest.fixture
def arrivals() -> Iterator[tuple[int, list[tuple[float, float]]]]:
    """A server that takes note of when each request starts and ends."""
    seen: list[tuple[float, float]] = []
    server = socket.create_server(("127.0.0.1", 0), backlog=50)

    def serve() -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            with line:
                began = time.monotonic()
                time.sleep(0.02)
                seen.append((began, time.monotonic()))

    thread = threading.Thread(target=serve)
    thread.start()
    yield server.getsockname()[1], seen
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


@pytest.mark.slow
def test_processes_never_ask_closer_than_the_gap(
    tmp_path: Path, arrivals: tuple[int, list[tuple[float, float]]]
) -> None:
    gap, processes, times = 0.15, 4, 5
    port, seen = arrivals
    running = [
        subprocess.Popen(
            [sys.executable, "-c", ASK, *map(str, (tmp_path / "gate", gap, port, times))]
        )
        for _ in range(processes)
    ]
    for process in running:
        assert process.wait(60) == 0
    assert len(seen) == processes * times
    assert min(after[0] - before[1] for before, after in pairwise(seen)) >= gap


def test_a_process_killed_within_the_gate_leaves_it_open_and_the_gap_kept(tmp_path: Path) -> None:
    gap = 0.5
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "gate"), str(gap)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        entered = float(holder.stdout.readline())
        with pytest.raises(Timeout):
            FileLock(tmp_path / "gate" / "lock").acquire(blocking=False)
        holder.kill()
        holder.wait(10)
    with FileGate(tmp_path / "gate", gap):
        assert entered + gap - 0.1 <= time.monotonic() < entered + 20


def test_who_waits_for_another_process_can_be_interrupted(tmp_path: Path) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    with (
        FileGate(tmp_path, 0.0),
        pytest.raises(KeyboardInterrupt),
        FileGate(tmp_path, 0.0, sleep=interrupted),
    ):
        pytest.fail("nobody may enter")
    with FileGate(tmp_path, 0.0):
        pass
