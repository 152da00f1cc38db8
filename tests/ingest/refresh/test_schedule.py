import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.refresh.schedule import STOP_TIMEOUT_S, Schedule, first_run, parse_every
from kg.errors import BadRequest

NOW = datetime(2024, 2, 29, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOON = timedelta(seconds=0.2)


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait for a condition, which on a busy machine may take long."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


# -- lengths of time ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("24h", 86400),
        ("30m", 1800),
        ("7d", 7 * 86400),
        ("90s", 90),
        ("1h30m", 5400),
        ("1d2h3m4s", 93784),
        ("0d60m", 3600),
        (" 1h ", 3600),
        ("1m", 60),
        ("366d", 366 * 86400),
    ],
)
def test_a_length_of_time_is_read(text: str, seconds: int) -> None:
    assert parse_every(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    ["", " ", "24", "h", "daily", "-1h", "+1h", "1.5h", "1h 30m", "30m1h", "1h1h", "24H", "1w"],
)
def test_anything_else_is_no_length_of_time(text: str) -> None:
    with pytest.raises(BadRequest, match="write 24h, 30m, 7d or 1h30m"):
        parse_every(text)


@pytest.mark.parametrize(
    "text", ["1e3s", "²h", "٣h", "1h\n1m", "1" * 10 + "h", "9" * 5000 + "h"], ids=len
)
def test_stranger_things_are_no_length_of_time_either(text: str) -> None:
    with pytest.raises(BadRequest, match="is no length of time"):
        parse_every(text)


@pytest.mark.parametrize("text", ["0h", "0d0h0m0s", "0s", "59s", "1s"])
def test_too_often_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="too often: every 1m at most"):
        parse_every(text)


@pytest.mark.parametrize("text", ["367d", "366d1s", "999999999d999999999h999999999m999999999s"])
def test_too_seldom_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="too seldom"):
        parse_every(text)


def test_the_least_can_be_chosen() -> None:
    assert parse_every("1s", least=timedelta(seconds=0.5)) == timedelta(seconds=1)
    with pytest.raises(BadRequest, match=r"every 0\.5s at most"):
        parse_every("0s", least=timedelta(seconds=0.5))


# -- the first run -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "first"),
    [
        (None, NOW),
        (NOW - 100 * HOUR, NOW),
        (NOW - HOUR, NOW),
        (NOW - HOUR / 4, NOW + HOUR * 3 / 4),
        (NOW, NOW + HOUR),
        (NOW + 100 * HOUR, NOW + HOUR),
    ],
)
def test_the_first_run_is_when_one_is_due(last: datetime | None, first: datetime) -> None:
    assert first_run(HOUR, last, NOW) == first


# -- a schedule within a process ---------------------------------------------------------------

APPEND = "import sys; open(sys.argv[1], 'a').write('x'); sys.exit(int(sys.argv[2]))"

Make = Callable[..., Schedule]


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def make(lines: list[str]) -> Iterator[Make]:
    """A maker of schedules that are stopped in the end."""
    made: list[Schedule] = []

    def make(
        every: timedelta, code: str, *arguments: object, last: datetime | None = None
    ) -> Schedule:
        command = [sys.executable, "-S", "-c", code, *map(str, arguments)]
        schedule = Schedule(every, command, lambda: last, log=lines.append, stop_timeout=0.1)
        made.append(schedule)
        return schedule

    yield make
    for one in made:
        one.stop()


def test_a_command_that_never_ran_runs_at_once_and_again(
    make: Make, tmp_path: Path, lines: list[str]
) -> None:
    ran = tmp_path / "ran"
    make(SOON, APPEND, ran, 0).start()
    until(lambda: len(lines) >= 3)
    assert len(ran.read_text()) >= 3
    assert all(line.startswith("lfm: refresh was done, exit status 0, after 0:") for line in lines)
    assert all("; next at 20" in line and "\n" not in line for line in lines[:2])


def test_a_quiet_schedule_logs_only_what_ended_otherwise(tmp_path: Path, lines: list[str]) -> None:
    ran = tmp_path / "ran"
    code = (
        "import os; file = open(os.environ['RAN'], 'a'); file.write('x'); file.flush()\n"
        "os._exit({1: 0, 2: 1, 3: 7}.get(file.tell(), 0))"
    )
    schedule = Schedule(
        SOON,
        [sys.executable, "-S", "-c", code],
        lambda: None,
        environment={"RAN": str(ran)},
        quiet=True,
        log=lines.append,
    )
    schedule.start()
    try:
        until(lambda: lines and len(ran.read_text()) > 3)
    finally:
        schedule.stop()
    assert lines[0].startswith("lfm: refresh failed with exit status 7 after")


def test_missed_runs_are_made_up_for_by_one(make: Make, tmp_path: Path, lines: list[str]) -> None:
    ran = tmp_path / "ran"
    before = datetime.now(UTC)
    schedule = make(HOUR, APPEND, ran, 0, last=before - 100 * HOUR)
    schedule.start()
    until(lambda: lines)
    until(lambda: not schedule.running)
    assert ran.read_text() == "x"
    assert schedule.next_run
    assert before + HOUR <= schedule.next_run <= datetime.now(UTC) + HOUR


def test_a_run_that_is_not_due_waits(make: Make, tmp_path: Path) -> None:
    last = datetime.now(UTC) - HOUR / 2
    schedule = make(HOUR, APPEND, tmp_path / "ran", 0, last=last)
    assert schedule.next_run is None
    schedule.start()
    assert schedule.next_run == last + HOUR
    assert not schedule.running
    schedule.stop()
    assert schedule.next_run is None
    assert not (tmp_path / "ran").exists()


def test_a_failed_run_is_told_and_ends_nothing(
    make: Make, tmp_path: Path, lines: list[str]
) -> None:
    make(SOON, APPEND, tmp_path / "ran", 7).start()
    until(lambda: len(lines) >= 3)
    assert all("lfm: refresh failed with exit status 7 after" in line for line in lines)


def test_a_killed_run_is_told(make: Make, lines: list[str]) -> None:
    make(HOUR, "import os; os.kill(os.getpid(), 9)").start()
    until(lambda: lines)
    assert "lfm: refresh was ended by signal 9 after" in lines[0]


def test_a_command_that_does_not_exist_is_told_and_ends_nothing(
    tmp_path: Path, lines: list[str]
) -> None:
    schedule = Schedule(SOON, [str(tmp_path / "none")], lambda: None, log=lines.append)
    schedule.start()
    try:
        until(lambda: len(lines) >= 2)
    finally:
        schedule.stop()
    assert lines[0] == f"lfm: cannot run {tmp_path / 'none'}: No such file or directory"


LONG = """
import os, sys, time
inside = sys.argv[1]
try:
    os.mkdir(inside)
    time.sleep(0.6)
    os.rmdir(inside)
except OSError:
    sys.exit(1)
"""


@pytest.mark.slow
def test_never_two_at_once(make: Make, tmp_path: Path, lines: list[str]) -> None:
    make(SOON, LONG, tmp_path / "inside").start()
    until(lambda: len(lines) >= 3)
    assert all("exit status 0" in line for line in lines[:3])


DEAF = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
with open(sys.argv[1] + ".draft", "w") as file:
    file.write(str(os.getpid()))
os.rename(sys.argv[1] + ".draft", sys.argv[1])
time.sleep(600)
"""


def test_stopping_ends_a_run_that_will_not_end(
    make: Make, tmp_path: Path, lines: list[str]
) -> None:
    pid = tmp_path / "pid"
    schedule = make(HOUR, DEAF, pid)
    schedule.start()
    until(pid.exists)
    assert schedule.running
    schedule.stop()
    assert not alive(int(pid.read_text()))
    until(lambda: lines)
    assert "was ended by signal 9" in lines[0]
    assert "no other is to come" in lines[0]
    schedule.stop()  # Again does nothing.


def test_a_schedule_may_start_again(make: Make, tmp_path: Path, lines: list[str]) -> None:
    schedule = make(HOUR, APPEND, tmp_path / "ran", 0)
    for number in (1, 2):
        schedule.start()
        until(lambda number=number: len(lines) == number)  # type: ignore[misc]
        schedule.stop()
    assert (tmp_path / "ran").read_text() == "xx"


@pytest.mark.parametrize("year", [1999, 2100])
def test_the_schedules_own_clock_decides(lines: list[str], year: int) -> None:
    began = datetime(year, 2, 28, 12, tzinfo=UTC)
    now = began
    schedule = Schedule(
        24 * HOUR,
        ["true"],
        lambda: began,
        log=lines.append,
        clock=lambda: now,
        wake=timedelta(milliseconds=5),
    )
    schedule.start()
    try:
        assert schedule.next_run == began + 24 * HOUR
        for day in (1, 2):
            now = began + timedelta(days=day, seconds=-1)
            time.sleep(0.05)
            assert len(lines) == day - 1
            assert schedule.next_run == began + timedelta(days=day)
            now = began + timedelta(days=day)
            until(lambda day=day: len(lines) == day)  # type: ignore[misc]
            assert schedule.next_run == began + timedelta(days=day + 1)
        # Runs that were missed are made up for by one.
        now = began + timedelta(days=9, hours=1)
        until(lambda: len(lines) == 3)
        assert schedule.next_run == began + timedelta(days=10)
    finally:
        schedule.stop()
    assert len(lines) == 3
    assert f"next at {year}-03-0" in lines[0]


def test_lines_that_nobody_takes_end_nothing(tmp_path: Path) -> None:
    def closed(_: str) -> None:
        raise BrokenPipeError

    ran = tmp_path / "ran"
    command = [sys.executable, "-S", "-c", APPEND, str(ran), "0"]
    schedule = Schedule(SOON, command, lambda: None, log=closed)
    schedule.start()
    try:
        until(lambda: ran.exists() and len(ran.read_text()) >= 2)
    finally:
        schedule.stop()


def test_a_clock_that_is_set_back_delays_no_run_by_more_than_one(lines: list[str]) -> None:
    now = datetime(2031, 3, 15, tzinfo=UTC)
    soon = timedelta(milliseconds=5)
    schedule = Schedule(
        HOUR, ["true"], lambda: None, log=lines.append, clock=lambda: now, wake=soon
    )
    schedule.start()
    try:
        until(lambda: len(lines) == 1)
        now = NOW
        until(lambda: schedule.next_run == NOW + HOUR)
        now = NOW + HOUR
        until(lambda: len(lines) == 2)
    finally:
        schedule.stop()


# -- a schedule that is a process --------------------------------------------------------------

FOREVER = """
import signal
import sys
from datetime import timedelta
from ingest.refresh.schedule import run_every
# What runs in the background of a script is born deaf to SIGINT.
signal.signal(signal.SIGINT, signal.default_int_handler)
print("ready", flush=True)
try:
    run_every(timedelta(hours=1), [sys.executable, "-S", "-c", *sys.argv[1:]], lambda: None)
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_stops_the_schedule_and_a_deaf_child(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    pid = tmp_path / "pid"
    with subprocess.Popen(
        [sys.executable, "-c", FOREVER, DEAF, str(pid)], stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            until(pid.exists)
            process.send_signal(number)
            _, told = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == status
    assert STOP_TIMEOUT_S < 5
    assert not alive(int(pid.read_text()))
    assert told.startswith("lfm: refresh was ended by signal 9 after")
    assert told.count("\n") == 1


def test_a_signal_between_two_runs_stops_the_schedule() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FOREVER, "pass"], stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr
            assert "exit status 0" in process.stderr.readline()
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == 143
            assert process.stderr.read() == ""
        finally:
            process.kill()
