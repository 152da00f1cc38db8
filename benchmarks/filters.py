"""What it takes to know which papers pass filters, by SQL and by columns.

    python benchmarks/filters.py ATLAS [--times N]

ATLAS is a home folder (`benchmarks/scale.py` makes large ones); its catalogue is copied first.
With ``--times``, every paper is there N times, with its topics, categories, card and links, without
words and vectors: filters read none. Prints Markdown.
"""

import argparse
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np

from kg.records import Filters
from kg.store.catalogue import Catalogue
from search.index.columns.open import PaperFilter, opened

RUNS = 3


def multiplied(source: Path, target: Path, times: int) -> None:
    """Copy a catalogue's papers, and what they are filtered by, so many times."""
    with closing(sqlite3.connect(source)) as original:
        original.execute("VACUUM INTO ?", (str(target),))
    if times == 1:
        return
    with closing(sqlite3.connect(target)) as db:
        names = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in names.fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute("PRAGMA synchronous = OFF")
        ((step,),) = db.execute("SELECT max(key) FROM papers")
        tables = {
            "papers": ("key", ("id", "arxiv_id", "abstract")),
            **dict.fromkeys(
                ("placements", "categories", "cards", "card_values", "links"), ("paper", ())
            ),
        }
        for table, (key, others) in tables.items():
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            values = {name: name for name in columns} | {key: f"{key} + ?1"}
            if others:
                values |= {"id": "id || '#' || ?1", "arxiv_id": "NULL", "abstract": "NULL"}
            sql = (
                f"INSERT INTO {table} ({', '.join(columns)})"
                f" SELECT {', '.join(values.values())} FROM {table} WHERE {key} <= ?2"
            )
            for copy in range(1, times):
                db.execute(sql, (copy * step, step))
        db.commit()


def median_ms(call: Callable[[], object], runs: int = RUNS) -> float:
    """Return the median time of a call in milliseconds."""
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - begun))
    return statistics.median(taken)


def examples(catalogue: Catalogue) -> dict[str, Filters]:
    """Return filters by what is most frequent in a catalogue."""
    ((topic, _), *_) = catalogue.database.rows(
        "SELECT topic, count(*) FROM placements GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
    )
    category = catalogue.papers.category_counts()[0][0]
    area = topic.partition("/")[0]
    return {
        "a topic": Filters(topic=topic),
        "an area": Filters(topic=area),
        "a category": Filters(categories=(category,)),
        "since 2024": Filters(since=2024),
        "a kind": Filters(kind="method"),
        "with code": Filters(code=True),
        "area, category, since 2023 and kind": Filters(
            topic=area, categories=(category,), since=2023, kind="method"
        ),
        "neither since 2024 nor surveys": Filters(
            excluded=(Filters(since=2024), Filters(kind="survey"))
        ),
    }


def report(catalogue: Catalogue, file: Path) -> None:
    """Print the times of a catalogue."""
    print(f"## {catalogue.size():,} papers\n")
    begun = time.perf_counter()
    opened(catalogue, file)
    built = time.perf_counter() - begun
    opening = median_ms(lambda: opened(catalogue, file))
    print(
        f"The file: {file.stat().st_size / 1e6:.1f} MB, built in {built:.1f} s,"
        f" opened in {opening:.1f} ms.\n"
    )
    print("| filters | papers | SQL, ms | columns first, ms | columns, ms |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, filters in examples(catalogue).items():
        columns = opened(catalogue, file)
        assert columns is not None
        wanted = catalogue.papers.select(filters)
        by_sql = median_ms(lambda one=filters: catalogue.papers.select(one))
        first = median_ms(lambda one=filters, it=columns: it.mask(one), 1)
        by_columns = median_ms(lambda one=filters, it=columns: it.mask(one))
        mask = columns.mask(filters)
        assert mask is not None
        assert np.flatnonzero(mask).tolist() == wanted
        print(f"| {name} | {len(wanted or ()):,} | {by_sql:.1f} | {first:.2f} | {by_columns:.2f} |")
    columns = opened(catalogue, file)
    assert columns is not None
    one = Filters(since=2023)
    print(
        f"\nThe 10 newest since 2023: {median_ms(lambda: catalogue.papers.newest(one, 10)):.0f} ms"
        f" by SQL, {median_ms(lambda: columns.in_order(one, True, 10)):.1f} ms by columns.\n"
    )
    changes(catalogue, file)


def changes(catalogue: Catalogue, file: Path) -> None:
    """Print what it takes to follow a catalogue of which papers changed."""
    print("| papers changed | opened, beside the file, ms | written into the file, ms |")
    print("| ---: | ---: | ---: |")
    keys = catalogue.papers.keys()
    original = file.read_bytes()
    for count in (10, 100, 1_000):
        some = keys[:: len(keys) // count][:count]
        catalogue.database.execute_many(
            "INSERT OR REPLACE INTO paper_changes VALUES (?, ?)",
            [(key, catalogue.revision + 1) for key in some],
        )

        def follow(most: int) -> PaperFilter | None:
            file.write_bytes(original)
            return opened(catalogue, file, most)

        copying = median_ms(lambda: file.write_bytes(original))
        beside, into = (median_ms(lambda it=most: follow(it)) for most in (10**6, 0))
        print(f"| {count:,} | {max(beside - copying, 0):.0f} | {max(into - copying, 0):.0f} |")
    print()


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("atlas", type=Path)
    parser.add_argument("--times", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "atlas.sqlite")
        multiplied(args.atlas / "atlas.sqlite", path, args.times)
        with Catalogue(path) as catalogue:
            report(catalogue, Path(folder, "columns"))
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
