"""Taking in what arXiv tells: known papers are brought up to date, others wait to be judged."""

from collections.abc import Iterable
from dataclasses import replace

from ingest.merge.merge import Merger
from ingest.report import SourceReport
from kg.entities import Paper
from kg.store.catalogue import Catalogue
from kg.store.journal import ChangeKind


def take(catalogue: Catalogue, papers: Iterable[Paper], report: SourceReport) -> None:
    """Store authoritative records; those of papers that the atlas lacks become candidates.

    Parameters
    ----------
    catalogue : Catalogue
    papers : iterable of Paper
        One record a paper, as arXiv tells it.
    report : SourceReport
        Counts what became of each.
    """
    merger = Merger(catalogue)
    with catalogue.writing():
        strange = []
        for paper in papers:
            report.fetched += 1
            # An id that a list gave to another paper by mistake does not make this one known.
            merger.release(paper)
            if merger.knows(paper):
                renew(catalogue, merger, paper, report)
            else:
                strange.append(paper)
        news = catalogue.candidates.unclassified(strange)
        catalogue.candidates.add(news)
        report.candidates += len(news)
        report.unchanged += len(strange) - len(news)


def renew(catalogue: Catalogue, merger: Merger, paper: Paper, report: SourceReport) -> None:
    """Bring a known paper up to date and count what became of it."""
    was = catalogue.papers.is_withdrawn(paper.arxiv_id)
    outcome = merger.metadata(paper)
    if outcome == "unchanged":
        report.unchanged += 1
    elif paper.withdrawn and not was:
        report.withdrawn += 1
    else:
        report.updated += 1
    if outcome != "unchanged" and paper.version is None and paper.arxiv_id:
        # OAI-PMH tells that there is a new version, and not which.
        catalogue.journal.set_cursor("arxiv", paper.arxiv_id, None)


def withdraw(catalogue: Catalogue, arxiv_id: str, report: SourceReport) -> None:
    """Mark a paper whose record arXiv deleted; it is kept."""
    report.fetched += 1
    found = catalogue.identifiers.find("arxiv", arxiv_id)
    if found is None:
        report.unchanged += 1
        return
    paper = catalogue.papers.get([catalogue.identifiers.key(found)])[0]
    if paper.withdrawn:
        report.unchanged += 1
        return
    with catalogue.writing():
        catalogue.papers.put(replace(paper, withdrawn=True))
        catalogue.journal.log_change(paper.id, ChangeKind.WITHDRAWN, "deleted by arXiv")
    report.withdrawn += 1
