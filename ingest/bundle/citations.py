"""Citations of the data folder: a sample of the survey's, and those gathered later."""

from collections.abc import Iterator
from pathlib import Path

from ingest.bundle.metadata import csv_rows
from ingest.sources.arxiv import dump
from kg.records import Citation
from kg.store.catalogue import Catalogue

SAMPLE = "survey-sample"
"""Source of the citations of ``citations.csv``."""

GATHERED = "public-collections"
"""Source of the citations that were gathered from several public collections."""


def read_citations(data: Path, catalogue: Catalogue) -> list[Citation]:
    """Return the citations whose ends the catalogue has, under its ids."""
    found = list(_citations(data))
    names = sorted({name for one in found for name in (one.citing, one.cited)})
    keys = catalogue.identifiers.keys(names)
    papers = catalogue.papers.get(list(keys.values()))
    ids = {name: paper.id for name, paper in zip(keys, papers, strict=True)}
    return [
        Citation(ids[one.citing], ids[one.cited], one.source)
        for one in found
        if one.citing in ids and one.cited in ids
    ]


def _citations(data: Path) -> Iterator[Citation]:
    for row in csv_rows(data / "citations.csv"):
        citing, cited = row["citing_arxiv_id"], row["cited_arxiv_id"]
        yield Citation(dump.mended_id(citing), dump.mended_id(cited), SAMPLE)
    for name in ("citations_more", "citations_new_papers"):
        for row in csv_rows(data / f"more/{name}.csv"):
            yield Citation(_id(row["citing"]), _id(row["cited"]), GATHERED)


def _id(text: str) -> str:
    return f"doi:{text}" if text.startswith("10.") else dump.mended_id(text)
