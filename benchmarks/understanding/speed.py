"""How long it takes to understand a question: `search.understanding`, without answering it.

    python benchmarks/understanding/speed.py

Prints a Markdown table of processor times of questions of about 20 words, in an open atlas of the
bundled papers and in the large one of `benchmarks/entities.py`, to whose papers their authors and
words are added here. Each question is asked again and again; the first time is apart.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does, before NumPy
sys.path.insert(0, str(Path(__file__).parents[1]))

from entities import OFFSET, enlarge

from kg.settings import Settings
from search.library import Library
from search.understanding.understand import understand

QUESTIONS = {
    "nothing to understand": "how can several networks that were trained apart be put together so"
    " that the result solves the problems of all of them well",
    "a topic": "what is the best way to do model merging when the networks to be combined come from"
    " rather different starting points in the end",
    "two methods and a need": "does LoRA need fewer examples than prefix tuning when a language"
    " model is adapted without any training data to a new task",
    "many conditions": "most cited surveys of knowledge distillation for vision by Dacheng Tao"
    " since 2020 with code at NeurIPS or ICML in cs.LG please",
    "what is compared": "what is the difference between ROME and MEMIT when thousands of facts are"
    " edited at once in a large language model of today",
    "what is excluded": "recent methods of parameter-efficient fine-tuning other than LoRA and"
    " adapters that are not for vision or speech and need no labels at all",
    "typing errors": "how to avoid catastropic forgeting when a language model is finetunned on one"
    " task after the other without seeing the old data",
}
WARM_MS = {"bundled": 1.0, "large": 3.0}
"""What the median of each may be."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=101)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        times = {}
        for name in WARM_MS:
            with Library(Settings(Path(folder, name))) as library:
                library.catalogue.size()
                if name == "large":
                    enlarge(library)
                    add_words(library)
                library.embedder.knows("model")
                counts = library.catalogue.size(), library.catalogue.entities.count()
                times[name] = counts, spent(library, rounds)
    heads = [f"{name}: {p:,} papers, {e:,} entities" for name, ((p, e), _) in times.items()]
    print(f"{rounds} rounds, {os.cpu_count()} cores\n")
    print(f"| question | words | {' | first | '.join(heads)} | first |")
    print("| --- | ---: |" + " ---: | ---: |" * len(times))
    for name, question in QUESTIONS.items():
        cells = [
            f"{statistics.median(own[name][1:]):.2f} ms | {own[name][0]:.1f} ms"
            for _, own in times.values()
        ]
        print(f"| {name} | {len(question.split())} | {' | '.join(cells)} |")
    for name, (_, own) in times.items():
        middle = statistics.median(statistics.median(each[1:]) for each in own.values())
        print(f"\n{name}: median {middle:.2f} ms, of {WARM_MS[name]:.0f} ms that it may take")


def spent(library: Library, rounds: int) -> dict[str, list[float]]:
    """Return the milliseconds of processor time that each question takes, by round."""
    times: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    for _ in range(rounds):
        for name, question in QUESTIONS.items():
            with library.catalogue.reading():  # As a question is answered.
                started = time.process_time()
                understand(library, question)
                times[name].append((time.process_time() - started) * 1000)
    return times


def add_words(library: Library) -> None:
    """Add the authors and words of the papers of which `enlarge` made copies."""
    catalogue = library.catalogue
    with catalogue.writing():
        db = catalogue.database.connection
        for table, key, columns in (
            ("authorships", "paper", "position, name, folded"),
            ("words", "rowid", "title, abstract, authors, card, stems"),
        ):
            db.execute(
                f"INSERT INTO {table} ({key}, {columns}) SELECT copy, {columns}"
                f" FROM (SELECT key AS copy FROM papers WHERE key > {OFFSET})"
                f" JOIN {table} ON {table}.{key} = copy % {OFFSET}"
            )


if __name__ == "__main__":
    main()
