"""Adding a file to the atlas: a list, publication pages or a dump of arXiv metadata."""

import gzip
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ingest import reading
from ingest.embedding import embed_missing
from ingest.merge import Merger
from ingest.sources import arxiv_dump
from kg.entities import PlacedBy, Placement
from kg.errors import BadSource
from search.embedder import Embedder, open_embedder
from search.library import Library

_CHUNK = 1000
"""Papers of a dump that are committed together."""


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a file."""

    source: str
    """The file's name."""
    counts: dict[str, int]
    """How many papers were added, updated, left unchanged, embedded."""
    problems: tuple[str, ...]
    """What could not be read, a line each."""


def add(
    library: Library,
    path: Path,
    topic: str | None = None,
    only_known: bool = False,
    progress: bool = False,
    embedder: Embedder | None = None,
) -> Added:
    """Put all papers of a file into the atlas and embed them.

    Parameters
    ----------
    library : Library
    path : Path
        An awesome list, a publication page, a folder of pages, or JSON Lines of arXiv metadata.
    topic : str, optional
        Place all its papers under this topic; else a list's headings place them.
    only_known : bool
        Of a dump, take only what the atlas already has: abstracts for its papers, no new ones.
    progress : bool
        Show progress bars on standard error.
    embedder : Embedder, optional
        Used in place of the model that the settings name.

    Raises
    ------
    BadSource
        If the file cannot be read at all.
    NotFound
        If there is no such topic.
    """
    if topic is not None:
        topic = library.taxonomy[topic].id
    counts: Counter[str] = Counter()
    problems: list[str] = []
    merger = Merger(library.catalogue)
    if _is_dump(path):
        _add_dump(merger, path, topic, only_known, counts, problems, progress)
    else:
        found = reading.read(path, library.taxonomy)
        problems += [str(problem) for problem in found.problems]
        with library.catalogue.writing():
            known = set(library.catalogue.all_keys())
            for entry, named in zip(found.entries, found.topics, strict=True):
                merger.entry(entry, found.name, topic or named)
            counts["added"] = len(set(library.catalogue.all_keys()) - known)
        counts["read"] = len(found.entries)
    if embedder is None:
        embedder = open_embedder(library.settings.model, state=library.settings.cache, bulk=True)
    counts["embedded"] = embed_missing(library.catalogue, embedder, progress)
    report = Added(path.name, dict(counts), tuple(problems))
    library.catalogue.log_fetch(path.name, {**counts, "problems": len(problems)})
    return report


def _add_dump(
    merger: Merger,
    path: Path,
    topic: str | None,
    only_known: bool,
    counts: Counter[str],
    problems: list[str],
    progress: bool,
) -> None:
    def note(problem: BadSource) -> None:
        if len(problems) < 100:
            problems.append(str(problem))
        counts["failed"] += 1

    papers = arxiv_dump.read(path, progress=progress, on_error=note)
    done = False
    while not done:
        done = True
        with merger.catalogue.writing():
            for _, paper in zip(range(_CHUNK), papers, strict=False):
                done = False
                counts["read"] += 1
                if only_known and not merger.knows(paper):
                    continue
                counts[merger.metadata(paper)] += 1
                if topic:
                    placement = Placement(topic, PlacedBy.PERSON, path.name)
                    merger.catalogue.place(paper.id, [placement])


def _is_dump(path: Path) -> bool:
    """Return whether the file begins as JSON Lines do, gzipped or not."""
    try:
        with path.open("rb") as file:
            start = file.read(2)
        if start == b"\x1f\x8b":
            with gzip.open(path) as zipped:
                start = zipped.read(1)
    except (OSError, EOFError):
        return False
    return start[:1] == b"{"
