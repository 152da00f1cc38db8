"""Papers that may enter the snapshot, where they have a card and placement is sure of them.

They are those of the lists on neighbouring subjects whose abstract is known,
``more/candidates_in_shared.csv`` (arXiv ids of ``papers.jsonl.gz``),
``more/recent_candidates.jsonl.gz``, and the papers whose ids lists give to others: those of
``more/id_mismatches.csv``, and those that merging found.
"""

from collections.abc import Iterable
from pathlib import Path

from ingest.bundle.metadata import Metadata, csv_rows, json_lines, partial_record
from ingest.merge.corrections import built_in
from ingest.merge.merger import Merger, paper_of_entry
from ingest.sources.arxiv import dump
from kg.ids.titles import normalised_title
from kg.records import ListEntry, Paper


def candidates(
    data: Path, entries: Iterable[ListEntry], metadata: Metadata, merger: Merger
) -> list[Paper]:
    """Return the candidates that the catalogue lacks, each once, with all that is known of them."""
    found: dict[str, Paper] = {}
    conflicts = merger.catalogue.identifiers.conflicts()
    for paper in _papers(data, entries, metadata, conflicts):
        full = metadata.completed(paper)
        if full.abstract and not (built_in().is_duplicate(full) or merger.knows(full)):
            found.setdefault(full.id, full)
    return list(found.values())


def _papers(
    data: Path,
    entries: Iterable[ListEntry],
    metadata: Metadata,
    conflicts: Iterable[tuple[str, str, str, str]],
) -> Iterable[Paper]:
    for row in csv_rows(data / "more/candidates_in_shared.csv"):
        yield metadata.by_id[dump.mended_id(row["arxiv_id"])]
    for row in json_lines(data / "more/recent_candidates.jsonl.gz"):
        yield partial_record(row)
    for row in csv_rows(data / "more/id_mismatches.csv"):
        yield partial_record({"key": row["arxiv_id"], "title": row["title_of_that_id"]})
    for scheme, value, *_ in conflicts:
        if scheme == "arxiv" and value in metadata.by_id:
            yield metadata.by_id[value]
    for entry in entries:
        record = metadata.by_id.get(entry.arxiv_id) if entry.arxiv_id else None
        record = record or metadata.by_title.get(normalised_title(entry.title))
        arxiv_id = record.arxiv_id if record else entry.arxiv_id
        yield paper_of_entry(record, entry, arxiv_id)
