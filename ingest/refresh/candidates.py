"""Storing arXiv's records: known papers are updated, others become candidates."""

from collections.abc import Iterable
from dataclasses import replace

from ingest.merge.merger import Merger
from ingest.report import SourceReport
from kg.records import Paper
from kg.store.catalogue import Catalogue
from kg.store.journal import ChangeKind


def store_records(catalogue: Catalogue, papers: Iterable[Paper], report: SourceReport) -> None:
    """Store authoritative records; those of papers that the atlas lacks become candidates.

    Parameters
    ----------
    report : SourceReport
        Counts what became of each.
    """
    merger = Merger(catalogue)
    with catalogue.writing():
        unknown = []
        for paper in papers:
            report.fetched += 1
            # An id that a list gave to another paper by mistake must not match it.
            merger.release_arxiv_id(paper)
            if merger.knows(paper):
                update_paper(catalogue, merger, paper, report)
            else:
                unknown.append(paper)
        news = catalogue.candidates.unclassified(unknown)
        catalogue.candidates.add(news)
        report.candidates += len(news)
        report.unchanged += len(unknown) - len(news)


def update_paper(catalogue: Catalogue, merger: Merger, paper: Paper, report: SourceReport) -> None:
    """Update a paper of the atlas and count the outcome."""
    was = catalogue.papers.is_withdrawn(paper.arxiv_id)
    outcome = merger.put_record(paper)
    if outcome == "unchanged":
        report.unchanged += 1
    elif paper.withdrawn and not was:
        report.withdrawn += 1
    else:
        report.updated += 1
    if outcome != "unchanged" and paper.version is None and paper.arxiv_id:
        # OAI-PMH reports that there is a new version, and not its number: ask the API.
        catalogue.journal.set_cursor("arxiv", paper.arxiv_id, None)


def mark_withdrawn(catalogue: Catalogue, arxiv_id: str, report: SourceReport) -> None:
    """Mark a paper as withdrawn since arXiv deleted its record."""
    report.fetched += 1
    paper = catalogue.papers.by("arxiv", arxiv_id)
    if paper is None or paper.withdrawn:
        report.unchanged += 1
        return
    with catalogue.writing():
        catalogue.papers.put(replace(paper, withdrawn=True))
        catalogue.journal.log_change(paper.id, ChangeKind.WITHDRAWN, "deleted by arXiv")
    report.withdrawn += 1
