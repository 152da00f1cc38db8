"""Every command under everything that a shell may do to it: a status, a line, no traceback."""

import io
import json
import os
import pwd
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from kg.settings import Settings
from search.library import Library
from tests.support.command_cases import (
    AUTHOR,
    MODEL,
    Case,
    Run,
    cases,
    environment,
    make_home,
    names,
    write_files,
)
from tests.support.small_disk import fill, forbid_writing, small_disk
from ui import signals
from ui.cli import main

COMMANDS = names()
EVERY = [
    pytest.param(name, marks=[pytest.mark.model] if name in MODEL else []) for name in COMMANDS
]
WRITES = {"add", "embed", "refresh", "snapshot"}
"""What cannot be done where nothing can be written."""

MOMENTS = 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("files")
    write_files(made)
    return made


@pytest.fixture(scope="module")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("made") / "home"
    make_home(made)
    return made


@pytest.fixture(scope="module")
def home(made_home: Path) -> Path:
    """One that the commands may write into."""
    return Path(shutil.copytree(made_home, made_home.with_name("used")))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run a case in this process, over streams of its own."""

    def once(home: Path | None, case: Case, encoding: str = "utf-8", **closed: None):
        monkeypatch.delenv("LFM_HOME", raising=False)
        for name, value in environment(home).items():
            monkeypatch.setenv(name, value)
        streams = {
            name: io.TextIOWrapper(io.BytesIO(text.encode()), encoding)
            for name, text in (("stdin", case.stdin), ("stdout", ""), ("stderr", ""))
        }
        with monkeypatch.context() as patch:
            for name, stream in (streams | closed).items():
                patch.setattr(sys, name, stream)
            status = main.main(case.arguments)
            for name in ("stdout", "stderr"):
                if (stream := getattr(sys, name)) is streams[name]:
                    stream.flush()
            out, err = (streams[name].buffer.getvalue().decode() for name in ("stdout", "stderr"))
        return status, out, err

    before = signal.getsignal(signal.SIGINT)
    yield once
    signal.signal(signal.SIGINT, before)


def ended_well(found: tuple[int, str, str], *statuses: int) -> None:
    status, out, err = found
    assert "Traceback" not in out + err
    assert "this failed" not in err
    assert status in statuses, err
    # One line that says what is wrong, and with a refresh one for each step before it.
    assert len(err.splitlines()) <= 3, err
    assert (status == 0) or err.splitlines()[-1].startswith("lfm: ")


def test_every_command_has_a_case(tmp_path: Path) -> None:
    assert list(cases(tmp_path)) == COMMANDS


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY)
def test_a_closed_stdin_is_an_empty_one(name: str, run: Run, home: Path, folder: Path) -> None:
    case = cases(folder)[name]
    wanted = 2 if case.arguments[-1] == "-" else case.status
    ended_well(run(home, case, stdin=None), wanted)


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY)
def test_nobody_listens(name: str, run: Run, home: Path, folder: Path) -> None:
    case = cases(folder)[name]
    ended_well(run(home, case, stdout=None), case.status)
    status, out, err = run(home, case, stdout=None, stderr=None)
    assert (status, out, err) == (case.status, "", "")


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY)
def test_a_terminal_may_know_ascii_only(name: str, run: Run, home: Path, folder: Path) -> None:
    case = cases(folder)[name]
    wanted, found = run(home, case), run(home, case, "ascii")
    ended_well(found, case.status)
    assert found[0] == wanted[0]
    if name != "export":  # Which writes files, in UTF-8.
        assert found[1].isascii()
    assert abs(len(found[1]) - len(wanted[1])) <= 20


def test_json_is_the_same_in_any_encoding(run: Run, home: Path) -> None:
    case = Case(("paper", "2001.00001", "--json"))
    plain, escaped = run(home, case)[1], run(home, case, "ascii")[1]
    assert escaped.isascii()
    assert json.loads(plain) == json.loads(escaped)
    assert json.loads(escaped)["authors"][0] == AUTHOR


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_a_user_may_have_no_home(
    name: str,
    known: bool,
    run: Run,
    home: Path,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = cases(folder)[name]
    for variable in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(variable, raising=False)
    if known:
        data = tmp_path / ".local" / "share"
        data.mkdir(parents=True)
        (data / "lfm-atlas").symlink_to(home)

    def user(_: int) -> SimpleNamespace:
        if not known:  # As in a container that runs under any number.
            raise KeyError("no such user")
        return SimpleNamespace(pw_dir=str(tmp_path))

    with monkeypatch.context() as patch:
        patch.setattr(pwd, "getpwuid", user)
        found = run(None, case)
    ended_well(found, case.status if known else 1)
    if not known:
        assert "LFM_HOME" in found[2]


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("columns", ["0", "20", "no", "²"])
def test_a_terminal_has_any_width(
    name: str,
    columns: str,
    run: Run,
    home: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = cases(folder)[name]
    monkeypatch.delenv("COLUMNS", raising=False)
    usual = run(home, case)[1]
    monkeypatch.setenv("COLUMNS", columns)
    found = run(home, case)
    ended_well(found, case.status)
    if columns == "20":
        words = " ".join(found[1].split())
        assert all(word in words for word in usual.split() if word.startswith("2001."))
    else:
        assert abs(len(found[1]) - len(usual)) <= 20


@pytest.fixture(scope="module")
def read_only(made_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with small_disk(tmp_path_factory.mktemp("disk") / "disk", 30) as disk:
        home = shutil.copytree(made_home, disk / "home")
        forbid_writing(disk)
        yield home


@pytest.fixture(scope="module")
def full(made_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with small_disk(tmp_path_factory.mktemp("disk") / "disk", 30) as disk:
        home = shutil.copytree(made_home, disk / "home")
        fill(disk)
        yield home


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("disk", ["read_only", "full"])
def test_a_disk_may_take_nothing(
    name: str, disk: str, run: Run, folder: Path, request: pytest.FixtureRequest
) -> None:
    case, home = cases(folder)[name], request.getfixturevalue(disk)
    if name == "snapshot":
        case = Case(("snapshot", "save", str(home / "saved.lfm")))
    ended_well(run(home, case), *((0, 1) if name in WRITES else (case.status,)))


INTERRUPTED = """
import resource, signal, sys
# Who runs the tests in the background may have told them to ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
from ui.__main__ import main
after = float(sys.argv.pop(1))
# The time of the processor, so that a busy machine changes nothing.
signal.signal(signal.SIGPROF, lambda *_: signal.raise_signal(signal.SIGINT))
def used():
    so_far = resource.getrusage(resource.RUSAGE_SELF)
    return so_far.ru_utime + so_far.ru_stime
begun = used()
if after:
    signal.setitimer(signal.ITIMER_PROF, after)
try:
    status = main()
    signal.signal(signal.SIGPROF, signal.SIG_IGN)
finally:
    if not after:
        print(used() - begun, file=sys.stderr)
sys.exit(status)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [one for one in EVERY if one.values[0] in ("ask", "add", "export")]
)
def test_it_may_be_interrupted_at_any_moment(
    name: str, made_home: Path, folder: Path, tmp_path: Path
) -> None:
    home = Path(shutil.copytree(made_home, tmp_path / "home"))

    def process(after: float) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-c", INTERRUPTED, str(after), *cases(folder)[name].arguments],
            env=environment(home),
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout, done.stderr

    # The first run also makes what the later ones find there.
    whole = [process(0) for _ in range(3)]
    assert [status for status, _, _ in whole] == [0, 0, 0]
    length = min(float(err) for _, _, err in whole)
    moments = MOMENTS if name == "ask" else MOMENTS // 4
    draw = random.Random(f"moments of {name}")
    statuses = []
    for moment in range(moments):
        after = max(0.001, length * (moment + draw.random()) / moments)
        status, out, err = process(after)
        assert "Traceback" not in out + err, after
        assert (status, err) in ((0, ""), (130, "lfm: stopped; what was done is kept\n")), after
        statuses.append(status)
    assert statuses.count(130) >= moments // 2
    with Library(Settings(home)) as library:
        assert library.faults() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("closing", "status"),
    [(">&-", 0), ("2>&-", 0), ("<&-", 0), ("<&- >&- 2>&-", 0), (">/dev/full", 1)],
)
def test_a_shell_may_close_them(closing: str, status: int, home: Path) -> None:
    # For real: the next file that is opened must not become stdout.
    line = f'"{sys.executable}" -m ui topics {closing}'
    done = subprocess.run(
        ["bash", "-c", line], env=environment(home), capture_output=True, text=True
    )
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == status


def test_a_fault_of_ours_is_one_line_and_can_be_looked_into(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("the fault\x1b[2J\nin two lines")

    monkeypatch.setattr(Library, "topics", fails)
    status, out, err = run(home, Case(("topics",)))
    assert (status, out) == (1, "")
    assert err.startswith("lfm: this failed (RuntimeError: the fault[2J in two lines)")
    assert "LFM_DEBUG=1" in err
    assert err.count("\n") == 1
    monkeypatch.setenv("LFM_DEBUG", "1")
    err = run(home, Case(("topics",)))[2]
    assert "Traceback" in err
    assert err.splitlines()[-1].startswith("lfm: this failed (RuntimeError")


def test_what_was_printed_before_an_error_is_not_lost(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        print("the first half")
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Library, "topics", fails)
    assert run(home, Case(("topics",))) == (
        1,
        "the first half\n",
        "lfm: Input/output error\n",
    )


def test_an_interrupt_that_became_another_error_is_one_all_the_same(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        # As an extension module may make of it, or SQLite within a function of ours.
        raise ImportError("initialisation failed")

    monkeypatch.setattr(Library, "topics", fails)
    monkeypatch.setattr(signals, "interrupted", lambda: True)
    status, _, err = run(home, Case(("topics",)))
    assert (status, err) == (130, "lfm: stopped; what was done is kept\n")


def test_numbers_of_columns_that_are_none_are_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    from ui.cli import terminal

    for text, kept in (("0", None), ("-3", None), ("", None), ("80", "80"), ("9" * 30, "9" * 30)):
        monkeypatch.setenv("COLUMNS", text)
        terminal.prepare()
        assert os.environ.get("COLUMNS") == kept
