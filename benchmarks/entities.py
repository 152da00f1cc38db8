"""How long it takes to ask about methods, cold and warm, and in an atlas eleven times as large.

    python benchmarks/entities.py

Prints Markdown tables. Cold times are of the command as a user runs it, in a new process, after
one run that puts the files into the disk cache, by processor time; the import of NumPy alone is
timed beside each in the same rounds. The large atlas is made of copies of the bundled papers, which
relate to the same listed entities, and to copies of those that a card alone introduces, until there
are 20,000.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kg.settings import Settings
from search.library import Library

PAPERS, ENTITIES = 100_000, 20_000
TOPIC = "model-reuse/model-fusion"
COMMANDS = {
    "lfm about LoRA --json": ("about", "LoRA", "--json"),
    "lfm about LoRA": ("about", "LoRA"),
    "lfm about MAML --json": ("about", "MAML", "--json"),
    "lfm about 'nobody knows it'": ("about", "nobody knows it"),
    "lfm compare LoRA AdaLoRA QLoRA --json": ("compare", "LoRA", "AdaLoRA", "QLoRA", "--json"),
    f"lfm methods --topic {TOPIC} --json": ("methods", "--topic", TOPIC, "--json"),
}
NAMES = ("LoRA", "MAML", "ROME", "TIES", "CoOp", "GSM8K", "CLIP")
OFFSET = 1_000_000
"""Between the keys of one copy and the next."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        bundled, large = Path(folder, "bundled"), Path(folder, "large")
        for home in (bundled, large):
            with Library(Settings(home)) as library:
                library.about("LoRA")
        with Library(Settings(large)) as library:
            enlarge(library)
        print(f"{rounds} rounds, {os.cpu_count()} cores\n")
        cold(bundled, large, rounds)
        warm(bundled, large, rounds)


def cold(bundled: Path, large: Path, rounds: int) -> None:
    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        bare = [sys.executable, "-c", "import numpy"]
        times.setdefault("import numpy", []).append(seconds(bare, bundled))
        for name, arguments in COMMANDS.items():
            command = [sys.executable, "-m", "ui", *arguments]
            times.setdefault(name, []).append(seconds(command, bundled))
            times.setdefault(f"{name}, large", []).append(seconds(command, large))
    numpy = statistics.median(times["import numpy"])
    print("| cold | bundled | by the import of NumPy | large | by the bundled |")
    print("| --- | ---: | ---: | ---: | ---: |")
    print(f"| `python -c 'import numpy'` | {numpy:.3f} s | 1.0 | | |")
    for name in COMMANDS:
        one, other = statistics.median(times[name]), statistics.median(times[f"{name}, large"])
        print(f"| `{name}` | {one:.3f} s | {one / numpy:.2f} | {other:.3f} s | {other / one:.2f} |")


def warm(bundled: Path, large: Path, rounds: int) -> None:
    print("\n| warm, page and family | papers | bundled | papers | large | ratio |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    with Library(Settings(bundled)) as small, Library(Settings(large)) as big:
        for name in NAMES:
            cells, medians = [], []
            for library in (small, big):
                spent = []
                for _ in range(rounds):
                    started = time.process_time()
                    page = library.about(name)
                    spent.append((time.process_time() - started) * 1000)
                medians.append(statistics.median(spent))
                cells.append(f"{len(page.used_by):,} | {medians[-1]:.1f} ms")
            print(f"| {name} | {' | '.join(cells)} | {medians[1] / medians[0]:.2f} |")


def enlarge(library: Library) -> None:
    """Add copies of the papers, and of the entities that no list has, until there are enough."""
    catalogue = library.catalogue
    columns = "title, year, published, updated, withdrawn, venue, text_hash"
    papers, entities = catalogue.size(), catalogue.entities.count()
    more_papers, more_entities = PAPERS - papers, ENTITIES - entities
    with catalogue.writing():
        db = catalogue.database.connection
        for copy in range(1, PAPERS // papers + 1):
            shift = copy * OFFSET
            added = db.execute(
                f"INSERT INTO papers (key, id, {columns}) SELECT key + {shift},"
                f" id || '-{copy}', {columns} FROM papers WHERE key < {OFFSET} LIMIT ?",
                (more_papers,),
            ).rowcount
            more_papers -= added
            own = db.execute(
                "INSERT INTO entities (key, id, type, name, about, source)"
                f" SELECT key + {shift}, id || '-copy-{copy}', type, name || ' {copy}', about,"
                f" source FROM entities WHERE source = 'card' AND key < {OFFSET} LIMIT ?",
                (more_entities,),
            ).rowcount
            more_entities -= own
            db.execute(
                f"INSERT INTO entity_names SELECT entity + {shift}, folded || '{copy}',"
                f" name || ' {copy}', recognised FROM entity_names"
                f" WHERE entity + {shift} IN (SELECT key FROM entities)"
            )
            db.execute(
                "INSERT INTO entity_papers SELECT coalesce((SELECT key FROM entities"
                f" WHERE key = entity + {shift}), entity), relation, paper + {shift}, source"
                f" FROM entity_papers WHERE paper < {OFFSET}"
                f" AND paper + {shift} IN (SELECT key FROM papers)"
                # Papers of one title are not as many introductions of one method.
                f" AND (relation != 'introduces' OR entity + {shift} IN (SELECT key FROM entities))"
            )
            for table, fields in (
                ("cards", "summary, record, source"),
                ("placements", "topic, placed_by, source, confidence"),
            ):
                db.execute(
                    f"INSERT INTO {table} (paper, {fields}) SELECT paper + {shift}, {fields}"
                    f" FROM {table} WHERE paper < {OFFSET}"
                    f" AND paper + {shift} IN (SELECT key FROM papers)"
                )
    made = catalogue.size(), catalogue.entities.count()
    assert made == (PAPERS, ENTITIES), made


def seconds(command: list[str], home: Path) -> float:
    """Return the processor time of a command: on a busy machine others' work is not in it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        command,
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "LFM_HOME": str(home)},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


if __name__ == "__main__":
    main()
