"""How well names are recognised in texts: precision and recall of (paper, entity) pairs.

    python benchmarks/names.py ABSTRACTS...

ABSTRACTS are JSON Lines of `id`, `title` and `abstract`, or folders of these, as `python -m
ingest.entities rebuild` takes them; abstracts are not part of the project. `names_read.jsonl.gz`
has what a reader found in the papers of three lots: `right`, the entities that title or abstract
name; of these `missed`, and `wrong`, by the rules of the day. Names are looked for in title and
abstract alone, without the card. What is found and is not among `right` counts as wrong.
"""

import argparse
import gzip
import json
import math
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.cards.abstracts import Abstracts
from ingest.cards.bundled_file import DATA
from ingest.entities.reader import Reader
from kg.snapshot import bundled
from kg.store.catalogue import Catalogue

READ = Path(__file__).with_name("names_read.jsonl.gz")
LOTS = {"dev": "development", "report": "reporting", "fresh": "reporting, fresh"}
_Z = 1.96
"""Standard deviations of a 95% interval."""


@dataclass
class Counts:
    """Pairs of the papers of a lot."""

    papers: int = 0
    found: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, found: set[str], right: set[str]) -> None:
        """Count what was found in a paper."""
        self.papers += 1
        self.found += len(found)
        self.wrong += len(found - right)
        self.missed += len(right - found)

    def row(self) -> str:
        """Return the cells of a row of the table."""
        right = self.found - self.wrong
        shares = (share(right, self.found), share(right, right + self.missed))
        return f"{self.papers} | {self.found} | {self.wrong} | {self.missed} | {' | '.join(shares)}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("abstracts", nargs="+", type=Path)
    options = parser.parse_args(arguments)
    with gzip.open(READ, "rt", encoding="utf-8") as lines:
        read = [json.loads(line) for line in lines]
    with tempfile.TemporaryDirectory() as folder, Catalogue(Path(folder, "a.sqlite")) as catalogue:
        bundled.load(catalogue, DATA)
        report(catalogue, read, options.abstracts)


def report(catalogue: Catalogue, read: list[dict[str, list[str]]], abstracts: list[Path]) -> None:
    """Print the table of the lots, what differs from the reader, and the time of all papers."""
    keys = catalogue.papers.keys()
    papers = dict(zip(keys, catalogue.papers.get(keys), strict=True))
    texts = Abstracts({paper.id: paper.title for paper in papers.values()})
    texts.read(abstracts)
    reader, known = Reader(catalogue), catalogue.entities.keys()
    ids = {key: one for one, key in known.items()}
    counts = {(lot, whose): Counts() for lot in LOTS for whose in ("all", "of others")}
    differences, absent = [], 0
    for line in read:
        key = catalogue.identifiers.look_up(str(line["paper"]))
        if key is None or not (some := texts.found.get(papers[key].id)):
            absent += 1
            continue
        paper = replace(papers[key], abstract=some[0][1])
        found = {ids[entity] for entity in reader.named(key, paper, None)}
        right = set(line["right"]) & known.keys()
        own = {ids[entity] for entity in reader.introduced.get(key, ())}
        counts[str(line["lot"]), "all"].add(found, right)
        counts[str(line["lot"]), "of others"].add(found - own, right - own)
        differences += [f"{paper.id} wrong {one}" for one in sorted(found - right)]
        differences += [f"{paper.id} missed {one}" for one in sorted(right - found)]
    print("| lot | pairs | papers | found | wrong | missed | precision | recall |")
    print("| --- | --- | ---: | ---: | ---: | ---: | --- | --- |")
    for (lot, whose), one in counts.items():
        print(f"| {LOTS[lot]} | {whose} | {one.row()} |")
    print(f"\n{absent} papers without an abstract at hand\n\n" + "\n".join(differences))
    start = time.process_time()
    matches = sum(
        1
        for paper in papers.values()
        for text in (paper.title, *(abstract for _, abstract in texts.found.get(paper.id, ())[:1]))
        for _ in reader.gazetteer.matches(text)
    )
    took = time.process_time() - start
    print(f"\n{matches:,} names in {len(texts.found):,} abstracts and all titles: {took:.1f} s")


def share(part: int, whole: int) -> str:
    """Return a share with its 95% interval (Wilson's)."""
    if not whole:
        return "-"
    p, n = part / whole, whole
    middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n * n))
    return f"{p:.3f} ({middle - half:.3f} to {middle + half:.3f})"


if __name__ == "__main__":
    main()
