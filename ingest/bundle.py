"""Making the bundled snapshot from a folder of lists, metadata and citations.

    python -m ingest.bundle DATA_FOLDER kg/snapshot/data

The folder has `lists/OWNER+REPOSITORY.md`, `papers.jsonl.gz` and `citations.csv`. Titles, names,
dates, topics and citation edges go into the snapshot, the vectors that are computed from titles and
abstracts, and the map that is drawn from these; no abstract does.
"""

import csv
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from ingest.embedding import embed_missing
from ingest.merge.merger import KnownRecords, Merger
from ingest.sources.arxiv import dump
from ingest.sources.lists import awesome_list
from ingest.sources.lists.followed import ListSource, load_lists
from kg.entities import Citation, ListEntry, Paper
from kg.errors import AtlasError
from kg.ids.titles import is_distinctive, normalised_title
from kg.snapshot import bundled
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy
from search.embedding.open import open_embedder
from search.map import paper_map

PlacedEntry = tuple[ListEntry, str, str]
"""An entry, the name of its list and its topic."""


def read_lists(folder: Path, sources: Iterable[ListSource]) -> list[PlacedEntry]:
    """Return the entries of all lists whose headings stand for a topic."""
    return [
        (entry, source.name, topic)
        for source in sources
        for entry in awesome_list.read(folder / f"{source.repository.replace('/', '+')}.md")
        if (topic := source.topic_of(entry.headings))
    ]


def read_known(path: Path, entries: list[PlacedEntry]) -> KnownRecords:
    """Return the metadata of the papers that the entries name by id or by exact title."""
    ids = {entry.arxiv_id for entry, _, _ in entries if entry.arxiv_id}
    titles = {
        normalised_title(entry.title) for entry, _, _ in entries if is_distinctive(entry.title)
    }
    by_id: dict[str, Paper] = {}
    by_title: dict[str, Paper] = {}
    for paper in dump.read(path, progress=True):
        if paper.arxiv_id in ids:
            by_id[paper.arxiv_id] = paper
        if (title := normalised_title(paper.title)) in titles:
            by_title.setdefault(title, paper)
    return KnownRecords(by_id, by_title)


def build(data: Path, folder: Path) -> Counter[str]:
    """Make the snapshot of `data` in `folder` and return its counts."""
    entries = read_lists(data / "lists", load_lists(Taxonomy.load()).values())
    known = read_known(data / "papers.jsonl.gz", entries)
    with (
        tempfile.TemporaryDirectory() as temporary,
        Catalogue(Path(temporary) / "atlas.sqlite") as catalogue,
    ):
        merger = Merger(catalogue, known)
        with catalogue.writing():
            for entry, source, topic in entries:
                merger.put_entry(entry, source, topic)
        with (data / "citations.csv").open(encoding="utf-8", newline="") as file:
            catalogue.citations.add(
                Citation(
                    dump.mended_id(row["citing_arxiv_id"]),
                    dump.mended_id(row["cited_arxiv_id"]),
                    "survey-sample",
                )
                for row in csv.DictReader(file)
            )
        embedder = open_embedder(bulk=True)
        embed_missing(catalogue, embedder, progress=True)
        paper_map.update(catalogue, embedder.model, embedder.dim)
        bundled.save(catalogue, embedder.model, embedder.dim, folder)
        return Counter(catalogue.counts())


def main() -> int:
    """Run the command."""
    if len(sys.argv) != 3:
        print("usage: python -m ingest.bundle DATA_FOLDER SNAPSHOT_FOLDER", file=sys.stderr)
        return 2
    try:
        counts = build(Path(sys.argv[1]), Path(sys.argv[2]))
    except AtlasError as error:
        print(error, file=sys.stderr)
        return 1
    for name, count in counts.items():
        print(f"{name:>14} {count:7,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
