"""How many questions the server answers, how fast, and what becomes of its memory.

    python benchmarks/load.py                  # 10,000 questions by each way in
    python benchmarks/load.py --refresh        # and again while `lfm refresh` runs
    python benchmarks/load.py --questions 500  # a quick look
    python benchmarks/load.py --workers 2      # one process and two workers, by turns
    python benchmarks/load.py --workers 2 --before ../earlier  # and one of another checkout

Starts `lfm serve` on the bundled snapshot in a fresh home, and asks through its API over HTTP: in
the protocol that `gradio_client` speaks (`queue/join`, then the event stream of `queue/data`), and
by one request a question (`run/ask`). Each client asks its next question when it has the answer to
the last one. With `--workers N` two servers run, one process and N workers, and are asked by turns
in rounds, so that whatever else the machine does meets both; `--before` adds one process of another
checkout, as `git worktree add ../earlier COMMIT` makes it. The refresh asks the simulated world of
`tests/support/world`.
"""

import argparse
import http.client
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from kg.taxonomy.taxonomy import Taxonomy

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
SHARES = {1: 0.1, 4: 0.2, 16: 0.3, 64: 0.4}
"""Clients at a time, and their part of all questions."""
ROUND = 250
"""Questions in a round, where two servers are asked by turns."""
REFRESH = ("--source", "lists", "oai", "semantic-scholar", "--since")
"""Without the search for the ids of bare titles, half an hour of waiting between requests."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=int, default=10_000, help="by each way in")
    parser.add_argument("--refresh", action="store_true", help="once more during a refresh")
    parser.add_argument(
        "--since", default="2024-01-01", help="of that refresh (default: 2024-01-01)"
    )
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--workers", type=int, help="compare one process with so many workers")
    parser.add_argument("--before", type=Path, help="and with one process of this checkout")
    options = parser.parse_args()
    if options.before and not options.workers:
        parser.error("--before is for a comparison with --workers")
    questions = itertools.cycle(some_questions())
    print(f"{os.cpu_count()} cores, load average before: {os.getloadavg()[0]:.1f}\n")
    if options.workers:
        servers = [Server("1 process"), Server(f"{options.workers} workers", options.workers)]
        if options.before:
            servers.insert(0, Server("before, 1 process", checkout=options.before.resolve()))
        compared(servers, options.questions, options.ways, questions)
        return
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "LFM_HOME": home}
        with serving(environment) as (address, pid), Watch(pid) as watch:
            print("| way | clients | questions | a second | p50 | p95 | worst | failed |", end="")
            print(" processor | memory |\n| --- |" + " ---: |" * 9)
            for way in options.ways:
                for clients, share in SHARES.items():
                    left = [None] * max(clients, round(options.questions * share))
                    run = asked(address, WAYS[way], clients, questions, watch, left.pop)
                    run.tell(way)
            if options.refresh:
                refreshed(environment, address, questions, watch, options.since)
            print(f"\nMemory (MB), by tenths of the run: {watch.told()}")


@dataclass(frozen=True)
class Server:
    """One of the servers that are compared."""

    name: str
    workers: int = 1
    checkout: Path = ROOT


def compared(
    servers: Sequence[Server], count: int, ways: Sequence[str], questions: Iterator[str]
) -> None:
    """Ask some servers by turns, 16 clients at a time."""
    with ExitStack() as stack:
        homes = {
            one.checkout: stack.enter_context(tempfile.TemporaryDirectory()) for one in servers
        }
        places, watches = [], []
        for one in servers:
            environment = {**os.environ, "LFM_HOME": homes[one.checkout]}
            address, pid = stack.enter_context(serving(environment, one.workers, one.checkout))
            places.append(address)
            watches.append(stack.enter_context(Watch(pid)))
        print("| way | server | questions | a second | p50 | p95 | worst | failed |", end="")
        print(" processor | clients' | memory |\n| --- | --- |" + " ---: |" * 9)
        for way in ways:
            runs = [Run(16) for _ in servers]
            for start in range(0, count, ROUND):
                size = min(ROUND, count - start)
                for run, address, watch in zip(runs, places, watches, strict=True):
                    left = [None] * size
                    run.add(asked(address, WAYS[way], 16, questions, watch, left.pop))
            for run, one in zip(runs, servers, strict=True):
                run.tell(way, one.name)


# -- asking --------------------------------------------------------------------------------


class Client:
    """One program that asks, over a connection that it keeps."""

    def __init__(self, address: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
        self.session = uuid.uuid4().hex
        config = json.loads(self.get("/config"))
        (found,) = (one for one in config["dependencies"] if one["api_name"] == "ask")
        self.endpoint = found["id"]

    def get(self, path: str) -> bytes:
        """Return what is at a path."""
        self.connection.request("GET", path)
        return self._answer().read()

    def post(self, path: str, body: object) -> dict[str, object]:
        """Return what JSON is answered by."""
        self.connection.request(
            "POST", path, json.dumps(body), {"Content-Type": "application/json"}
        )
        return json.loads(self._answer().read())

    def _answer(self) -> http.client.HTTPResponse:
        answer = self.connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"HTTP {answer.status}: {answer.read()[:200]!r}")
        return answer

    def by_queue(self, question: str) -> dict[str, object]:
        """Ask as `gradio_client` does: join the queue, then read the stream of events."""
        body = {"data": arguments(question), "fn_index": self.endpoint}
        self.post("/gradio_api/queue/join", {**body, "session_hash": self.session})
        self.connection.request("GET", f"/gradio_api/queue/data?session_hash={self.session}")
        stream, found = self._answer(), {}
        for line in stream:
            message = json.loads(line[5:]) if line.startswith(b"data:") else {}
            if message.get("msg") == "process_completed":
                found = message["output"]
        return found

    def by_one_request(self, question: str) -> dict[str, object]:
        """Ask by one request, whose answer is the answer."""
        return self.post("/gradio_api/run/ask", {"data": arguments(question)})


WAYS = {"gradio_client": Client.by_queue, "one request": Client.by_one_request}


def arguments(question: str) -> list[object]:
    return [question, 10, "", "", "", None, None, False, "hybrid", False]


@dataclass
class Run:
    """What some clients met with."""

    clients: int
    times: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    took: float = 0.0
    """Seconds."""
    processor: float = 0.0
    """Seconds of the server's processor time."""
    clients_processor: float = 0.0
    """Seconds of the clients' processor time."""
    memory: int = 0
    """MB of the server at the end."""

    def add(self, other: "Run") -> None:
        """Take in what other clients met with, at another time."""
        self.times += other.times
        self.failed += other.failed
        self.took += other.took
        self.processor += other.processor
        self.clients_processor += other.clients_processor
        self.memory = other.memory

    def tell(self, way: str, server: str | None = None) -> None:
        """Print a row of the table, of a number of clients or of a server."""
        times = sorted(self.times) or [0.0]
        p95 = times[min(len(times) - 1, round(len(times) * 0.95))]
        count = len(self.times)
        print(
            f"| {way} | {server or self.clients} | {count:,} | {count / self.took:.0f}"
            f" | {statistics.median(times) * 1000:.0f} ms | {p95 * 1000:.0f} ms"
            f" | {times[-1] * 1000:.0f} ms | {len(self.failed)}"
            f" | {self.processor / len(times) * 1000:.0f} ms"
            + (f" | {self.clients_processor / len(times) * 1000:.1f} ms" if server else "")
            + f" | {self.memory} MB |",
            flush=True,
        )
        for line in self.failed[:3]:
            print(f"  failed: {line}", file=sys.stderr)


def asked(
    address: str,
    ask: Callable[[Client, str], dict[str, object]],
    clients: int,
    questions: Iterator[str],
    watch: "Watch",
    another: Callable[[], object],
) -> Run:
    """Let clients ask until `another` raises IndexError, and return what they met with."""
    run, lock = Run(clients), threading.Lock()
    ready = threading.Barrier(clients + 1)

    def client() -> None:
        made = Client(address)
        ready.wait()
        while True:
            try:
                with lock:
                    another()
                    question = next(questions)
            except IndexError:
                return
            started = time.perf_counter()
            try:
                (answer,) = ask(made, question)["data"]
                assert answer["question"] == question.strip(), "the answer to another question"
                # A phrase in quotation marks, say, may be in fewer.
                conditions = any(one["hard"] for one in answer.get("understood", ()))
                assert len(answer["results"]) == 10 or conditions, "too few papers"
                run.times.append(time.perf_counter() - started)
            except Exception as error:
                run.failed.append(f"{type(error).__name__}: {error}")
                made = Client(address)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    ready.wait()
    started, before, own = time.perf_counter(), watch.processor(), time.process_time()
    for thread in threads:
        thread.join()
    run.took, run.processor = time.perf_counter() - started, watch.processor() - before
    run.clients_processor = time.process_time() - own
    run.memory = watch.memory()
    return run


def some_questions() -> list[str]:
    """Return the questions of a benchmark, or what one could ask of each topic."""
    file = SHARED / "bench" / "scholargym_dev" / "queries.jsonl"
    if file.exists():
        return [json.loads(line)["text"] for line in file.open(encoding="utf-8")]
    forms = ("What is {}?", "papers on {} without data", "How do {} methods compare?")
    names = [" of ".join(reversed(one.id.split("/"))).replace("-", " ") for one in Taxonomy.load()]
    return [form.format(name) for form in forms for name in names]


# -- the server ----------------------------------------------------------------------------


@contextmanager
def serving(
    environment: dict[str, str], workers: int = 1, checkout: Path = ROOT
) -> Iterator[tuple[str, int]]:
    """Run `lfm serve`, and give its address and process id."""
    command = [sys.executable, "-m", "ui", "serve", "--port", "0", "--rate", "0"]
    command += ["--workers", str(workers)] if workers > 1 else []
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        cwd=checkout,
        env={**environment, "PYTHONPATH": str(checkout)},
    )
    try:
        yield process.stdout.readline().split()[4], process.pid
    finally:
        process.terminate()
        process.wait()


class Watch:
    """Watches how much memory a process and its children take, and of the processor (on Linux)."""

    def __init__(self, pid: int) -> None:
        # A child that a thread has begun stands beside that thread.
        children = [
            child
            for file in Path("/proc", str(pid), "task").glob("*/children")
            for child in file.read_text().split()
        ]
        self._folders = [Path("/proc", str(one)) for one in (pid, *children)]
        self._seen: list[int] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def memory(self) -> int:
        """Return the resident memory, in MB."""
        pages = sum(int((one / "statm").read_text().split()[1]) for one in self._folders)
        return round(pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000)

    def processor(self) -> float:
        """Return seconds of processor time, from the beginning on."""
        parts = ((one / "stat").read_text().rpartition(")")[2].split() for one in self._folders)
        ticks = sum(int(fields[11]) + int(fields[12]) for fields in parts)
        return ticks / os.sysconf("SC_CLK_TCK")

    def told(self) -> str:
        """Return the memory that was seen, at eleven times from beginning to end."""
        last = len(self._seen) - 1
        return ", ".join(str(self._seen[round(last * tenth / 10)]) for tenth in range(11))

    def _watch(self) -> None:
        while True:
            self._seen.append(self.memory())
            if self._over.wait(1):
                return


# -- a refresh meanwhile -------------------------------------------------------------------


def refreshed(
    environment: dict[str, str],
    address: str,
    questions: Iterator[str],
    watch: Watch,
    since: str,
) -> None:
    """Ask while a refresh changes the atlas."""
    before = papers(address)
    with world() as outside:
        started = time.perf_counter()
        refresh = subprocess.Popen(
            [sys.executable, "-m", "ui", "refresh", "--json", *REFRESH, since],
            env={**environment, **outside},
            stdout=subprocess.DEVNULL,
        )

        def another() -> None:
            if refresh.poll() is not None:
                raise IndexError

        run = asked(address, WAYS["gradio_client"], 16, questions, watch, another)
        took = time.perf_counter() - started
    run.tell("gradio_client, refreshing")
    print(
        f"\nThe refresh took {took:.0f} s, ended with status {refresh.wait()} and made"
        f" {papers(address):,} papers of {before:,}."
    )


def papers(address: str) -> int:
    with_facts = Client(address).post("/gradio_api/run/health", {"data": []})
    return with_facts["data"][0]["counts"]["papers"]


@contextmanager
def world() -> Iterator[dict[str, str]]:
    """Run the simulated world, and give the settings that lead to it."""
    command = [sys.executable, "-m", "tests.support.world", str(SHARED)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    found = {}
    for line in process.stdout:
        if line.startswith("#"):
            break
        name, _, value = line.removeprefix("export ").strip().partition("=")
        found[name] = value
    try:
        yield found
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
