"""`lfm serve --workers 2`, as a server with processes: what holds across them, and faults."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import httpx
import pytest
from mcp import Client

from ingest.embedding import embed_missing
from ingest.lock import refresh_lock
from kg.errors import AtlasError, BadRequest
from kg.snapshot import file as snapshot_file
from kg.store.catalogue import Catalogue
from search.library import Library
from tests.support.factories import paper, put_all
from tests.support.serving import PASSWORDS, accounts, called, small_library
from ui.api.tools import NAMES
from ui.auth.sessions import COOKIE
from ui.web.fleet import Fleet, concurrent, environment
from ui.web.server import MAX_WORKERS, Serving, serve

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="needs Unix sockets")]


@contextmanager
def serving(
    home: Path, *more: str, log: IO[str] | None = None
) -> Iterator[tuple[httpx.Client, int]]:
    """Serve by two workers; gives a client and the front's process id."""
    command = (sys.executable, "-m", "ui", "serve", "--port", "0", "--workers", "2", *more)
    environment = {**os.environ, "LFM_HOME": str(home)}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment
    )
    try:
        assert process.stdout
        address = process.stdout.readline().split()[4]
        with httpx.Client(base_url=address, timeout=60) as client:
            yield client, process.pid
    finally:
        process.terminate()
        process.wait(20)
        assert process.stdout
        process.stdout.close()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    home = tmp_path_factory.mktemp("secret-place")
    with small_library(home) as made, Library(made.settings) as opened:
        embed_missing(opened.catalogue, opened.embedder)
        yield opened


@pytest.fixture(scope="module")
def served(library: Library) -> Iterator[tuple[httpx.Client, int]]:
    with serving(library.settings.home, "--rate", "0") as found:
        yield found


def workers_of(front: int) -> list[int]:
    """Return the process ids of a front's workers, by Linux's and macOS's `ps`."""
    told = subprocess.run(
        ("ps", "-A", "-o", "pid=,ppid=,args="), capture_output=True, text=True, check=True
    )
    rows = (line.split(None, 2) for line in told.stdout.splitlines())
    return [int(pid) for pid, parent, args in rows if int(parent) == front and "worker" in args]


def until(is_so: Callable[[], object], seconds: float = 30) -> None:
    end, pause = time.monotonic() + seconds, threading.Event()
    while not is_so():
        assert time.monotonic() < end
        pause.wait(0.05)


ASK = {"data": ["subject", 3]}


def ask(client: httpx.Client, question: str = "subject") -> httpx.Response:
    return client.post("gradio_api/run/ask", json={"data": [question, 3]})


def by_queue(client: httpx.Client, session: str) -> str:
    """Ask in the protocol of `gradio_client`; returns the question of the answer."""
    config = client.get("config").json()
    (endpoint,) = (one["id"] for one in config["dependencies"] if one["api_name"] == "ask")
    body = {"data": [f"subject {session}", 3], "fn_index": endpoint, "session_hash": session}
    client.post("gradio_api/queue/join", json=body).raise_for_status()
    with client.stream("GET", f"gradio_api/queue/data?session_hash={session}") as stream:
        for line in stream.iter_lines():
            event: dict[str, Any] = json.loads(line[5:]) if line.startswith("data:") else {}
            if event.get("msg") == "process_completed":
                return str(event["output"]["data"][0]["question"])
    return ""


@pytest.mark.model
def test_every_way_in_is_answered_by_either_worker(served: tuple[httpx.Client, int]) -> None:
    client, front = served
    assert len(workers_of(front)) == 2
    assert client.get("health").json()["status"] == "ok"
    assert "<html" in client.get("").text
    assert client.get("atlas/router.js").status_code == 200
    assert client.get("feed", follow_redirects=True).status_code in (200, 404)
    for _ in range(6):
        assert ask(client).json()["data"][0]["results"]
        assert called(client, "show", {"address": "?q=subject"}).json()["title"]
    assert client.post("gradio_api/upload").status_code == 404
    assert client.post("gradio_api/run/ask", json={"data": "x"}).status_code == 400


@pytest.mark.model
def test_a_session_finds_its_answers_at_the_worker_that_has_them(
    served: tuple[httpx.Client, int],
) -> None:
    client, _ = served
    with ThreadPoolExecutor(8) as pool:
        sessions = [f"s{number}" for number in range(24)]
        found = list(pool.map(lambda one: by_queue(client, one), sessions))
    assert found == [f"subject {one}" for one in sessions]


@pytest.mark.model
def test_an_event_is_collected_where_it_waits(served: tuple[httpx.Client, int]) -> None:
    client, _ = served
    opened = [client.post("gradio_api/call/ask", json=ASK).json()["event_id"] for _ in range(8)]
    for event in opened:
        told = client.get(f"gradio_api/call/ask/{event}").text
        assert "event: complete" in told


@pytest.mark.model
def test_a_killed_worker_is_replaced_and_no_request_fails(
    served: tuple[httpx.Client, int],
) -> None:
    client, front = served
    before, over, failed = workers_of(front), threading.Event(), []
    asked = []

    def keep_asking() -> None:
        with httpx.Client(base_url=client.base_url, timeout=60) as mine:
            while not over.is_set():
                asked.append(1)
                told = ask(mine)
                if told.status_code != 200:
                    failed.append(told.text)

    threads = [threading.Thread(target=keep_asking) for _ in range(4)]
    for thread in threads:
        thread.start()
    until(lambda: len(asked) > 20)
    os.kill(before[0], signal.SIGKILL)
    until(lambda: before[0] not in workers_of(front))
    seen = len(asked)
    until(lambda: len(asked) > seen + 40)
    until(lambda: len(workers_of(front)) == 2)
    over.set()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert before[1] in workers_of(front)


@pytest.mark.model
def test_limits_and_sessions_hold_across_workers(library: Library) -> None:
    accounts(library)
    try:
        with serving(library.settings.home, "--rate", "12") as (client, _):
            signed = client.post("login", data={"username": "ada", "password": PASSWORDS["ada"]})
            assert signed.json() == {"success": True}
            assert COOKIE in client.cookies
            statuses = [ask(client).status_code for _ in range(13)]
            assert statuses == [200] * 12 + [429]
            # The window of another user is another's.
            auth = ("bo", PASSWORDS["bo"])
            mine = httpx.Client(base_url=client.base_url, auth=auth, timeout=60)
            with mine:
                assert ask(mine).status_code == 200
            with httpx.Client(base_url=client.base_url, timeout=60) as stranger:
                wrong = {"username": "ada", "password": "not the password"}
                told = [stranger.post("login", data=wrong).status_code for _ in range(11)]
                assert told == [401] * 10 + [429]
                assert ask(stranger).status_code == 401
    finally:
        library.settings.users.unlink()


@pytest.mark.model
def test_one_refresh_at_a_time_whichever_worker_is_asked(
    served: tuple[httpx.Client, int], library: Library
) -> None:
    client, _ = served
    with refresh_lock(library.settings.home):
        assert client.get("health").json()["refreshing"] is True
        for _ in range(4):
            done = called(client, "act", {"action": "refresh", "fields": {}}).json()
            assert done["done"] is False
            assert "refresh" in done["message"]
        status = called(client, "show", {"address": "?view=status"}).json()
        assert status["title"] == "Status"
    assert client.get("health").json()["refreshing"] is False


@pytest.mark.model
def test_all_workers_answer_from_a_snapshot_that_the_front_follows(
    library: Library, tmp_path: Path
) -> None:
    home, file, gone = tmp_path / "reader", tmp_path / "atlas.lfm", paper(3).id
    with Catalogue(home / "atlas.sqlite") as made:
        before = len(put_all(made, *(paper(number) for number in range(1, 7))))
        embed_missing(made, library.embedder)
    shutil.copy(home / "atlas.sqlite", tmp_path)
    with Catalogue(tmp_path / "atlas.sqlite") as writer:
        writer.papers.remove(gone)
        snapshot_file.save(writer, file)
        revision = writer.revision

    def found(client: httpx.Client) -> tuple[int, bool]:
        """Return how many papers a worker knows, and whether it finds the one that goes."""
        told = client.post("gradio_api/run/health", json={"data": []}).json()["data"][0]
        results = ask(client, "subject 3").json()["data"][0]["results"]
        return told["counts"]["papers"], gone in [one["id"] for one in results]

    options = ("--rate", "0", "--follow", str(file), "--every", "1h")
    log = tmp_path / "log"
    with log.open("w") as written, serving(home, *options, log=written) as (client, _):
        seen = set()

        def loaded() -> object:
            seen.add(found(client))
            return client.get("health").json()["following"]["loaded"]

        until(loaded, 60)
        # A question that came meanwhile was answered from the one state or the other.
        assert {size for size, _ in seen} <= {before, before - 1}
        # Requests go to the workers by turns, and at once to both.
        assert {found(client) for _ in range(8)} == {(before - 1, False)}
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(lambda _: found(client), range(16))) == {(before - 1, False)}
        health = client.get("health").json()
        assert (health["papers"], health["revision"]) == (before - 1, revision)
        assert health["following"]["problem"] is None
        assert "follows a snapshot" in called(client, "show", {"address": "?view=status"}).text
        for _ in range(4):
            done = called(client, "act", {"action": "refresh", "fields": {}}).json()
            assert "only reads" in done["message"]
    # One process looked at it, for all.
    told = [line for line in log.read_text().splitlines() if "stopped" not in line]
    assert told == [f"lfm: loaded {file}: {before - 1:,} papers"]


@pytest.mark.model
def test_mcp_clients_are_answered_by_either_worker(library: Library) -> None:
    async def answers(address: str, count: int) -> list[list[str]]:
        async with Client(address) as one, Client(address) as other:
            assert len((await one.list_tools()).tools) == len(NAMES)
            asked = [
                who.call_tool("ask", {"question": f"subject {number}", "k": 2})
                for number in range(count)
                for who in (one, other)
            ]
            told = await asyncio.gather(*asked)
            wrong = await other.call_tool("paper", {"id": "9999.99999"})
            assert wrong.is_error
            return [[one["id"] for one in each.structured_content["results"]] for each in told]

    with serving(library.settings.home, "--mcp", "--rate", "0") as (client, front):
        address = f"{client.base_url}mcp"
        wanted = [
            [hit.paper.id for hit in library.ask(f"subject {number}", 2).hits]
            for number in range(6)
            for _ in range(2)
        ]
        assert asyncio.run(asyncio.wait_for(answers(address, 6), 60)) == wanted
        # No session is lost with a worker: each request stands for itself.
        os.kill(workers_of(front)[0], signal.SIGKILL)
        assert asyncio.run(asyncio.wait_for(answers(address, 6), 60)) == wanted
        assert client.get("mcp").status_code == 405
        strange = client.post("mcp", json={}, headers={"Origin": "https://evil.example"})
        assert strange.status_code == 403


@pytest.mark.model
def test_there_is_no_mcp_unless_it_is_asked_for(served: tuple[httpx.Client, int]) -> None:
    client, _ = served
    assert client.post("mcp", json={}).status_code == 404


@pytest.mark.model
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all(number: int, library: Library) -> None:
    with serving(library.settings.home) as (_, front):
        workers = workers_of(front)
        assert len(workers) == 2
        os.kill(front, number)
        until(lambda: not any(_lives(one) for one in workers))


@pytest.mark.model
def test_workers_end_when_their_front_is_killed(library: Library) -> None:
    with serving(library.settings.home) as (_, front):
        workers = workers_of(front)
        os.kill(front, signal.SIGKILL)
        until(lambda: not any(_lives(one) for one in workers))


def _lives(pid: int) -> bool:
    told = subprocess.run(("ps", "-p", str(pid), "-o", "stat="), capture_output=True, text=True)
    return bool(told.stdout.strip()) and not told.stdout.strip().startswith("Z")


def test_a_worker_that_cannot_start_is_told_in_a_line(library: Library) -> None:
    fails = (sys.executable, "-c", "raise SystemExit(3)")
    with pytest.raises(AtlasError, match="ended before it was ready"), ExitStack() as stack:
        stack.enter_context(Fleet(library.settings, 2, command=fails))


def test_what_keeps_workers_from_starting_is_told_without_a_traceback(library: Library) -> None:
    wrong = {**os.environ, "LFM_HOME": str(library.settings.home), "LFM_MODEL": "./no/such/model"}
    command = (sys.executable, "-m", "ui", "serve", "--port", "0", "--workers", "2")
    told = subprocess.run(command, capture_output=True, text=True, env=wrong, timeout=120)
    assert told.returncode == 1
    assert [line[:32] for line in told.stderr.splitlines()] == [
        "lfm: there is no model folder ./",
        "lfm: a worker ended before it wa",
    ]


def _starting(lives: float) -> Sequence[str]:
    code = (
        f"import sys, time; sys.stdin.readline(); print('ready', flush=True); time.sleep({lives})"
    )
    return (sys.executable, "-c", code)


def test_a_worker_that_dies_again_and_again_is_started_ever_more_seldom(
    library: Library, capfd: pytest.CaptureFixture[str]
) -> None:
    with Fleet(library.settings, 1, command=_starting(0.05)):
        told = ""
        end = time.monotonic() + 30
        while told.count("worker 1 ended") < 3 and time.monotonic() < end:
            threading.Event().wait(0.1)
            told += capfd.readouterr().err
    pauses = [line.rpartition(" in ")[2] for line in told.splitlines() if "worker 1" in line]
    assert pauses[:3] == ["0.2 s", "0.4 s", "0.8 s"]


@pytest.mark.parametrize("workers", [0, -1, MAX_WORKERS + 1])
def test_an_impossible_number_of_workers_is_refused(workers: int, library: Library) -> None:
    with pytest.raises(BadRequest, match=f"{workers} workers cannot serve"):
        serve(library, Serving(port=0, workers=workers))


def test_workers_share_the_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert environment(4)["OPENBLAS_NUM_THREADS"] == "2"
    assert environment(64)["OPENBLAS_NUM_THREADS"] == "1"
    assert environment(4)["OMP_NUM_THREADS"] == "3"
    assert concurrent(64) == 2


def test_sockets_of_workers_are_closed_to_others(library: Library) -> None:
    with Fleet(library.settings, 1, command=_starting(60)) as fleet:
        (worker,) = fleet.ready
        assert Path(worker.path).parent.stat().st_mode & 0o077 == 0
    assert not Path(worker.path).parent.exists()
