"""How long a question takes: cold (a new process) and warm (an open library).

    python benchmarks/questions.py

Prints a Markdown table of medians. Cold times are of `lfm ask` as a user runs it, after one run
that puts the files into the disk cache; a bare interpreter is timed beside it in the same rounds.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does, before NumPy

from kg import settings
from search.library import Library
from search.ranking.mode import Mode

QUESTIONS = (
    "How can models be merged without any training data?",
    "Which methods edit a fact in a language model without retraining?",
    "distil a teacher network when its training data are not available",
    "How do I adapt a large model by training only a few parameters?",
    "data-free meta-learning from black-box models",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=21)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as home:
        os.environ["LFM_HOME"] = home
        ask = [sys.executable, "-m", "ui", "ask"]
        first = seconds([*ask, QUESTIONS[0]])
        cold, bare = [], []
        for turn in range(rounds):
            cold.append(seconds([*ask, QUESTIONS[turn % len(QUESTIONS)]]))
            bare.append(seconds([sys.executable, "-c", "import numpy"]))
        warm = {mode: [] for mode in Mode}
        with Library(settings.load()) as library:
            for turn in range(rounds * 5):
                for mode in Mode:
                    # A question never asked before: nothing can have been kept from the last time.
                    question = f"{QUESTIONS[turn % len(QUESTIONS)]} {turn}"
                    warm[mode].append(library.ask(question, mode=mode).took_ms)
            papers = library.catalogue.size()
    print(f"{papers:,} papers, {rounds} rounds, {os.cpu_count()} cores\n")
    print("| what | median |\n| --- | ---: |")
    print(f"| first use: the snapshot is unpacked and indexed | {first:.2f} s |")
    print(f"| `lfm ask`, cold | {statistics.median(cold):.3f} s |")
    print(f"| `python -c 'import numpy'`, beside it | {statistics.median(bare):.3f} s |")
    for mode, times in warm.items():
        print(f"| warm question, {mode} | {statistics.median(times):.1f} ms |")


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
