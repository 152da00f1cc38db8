"""Refreshing citations: which source is asked for which papers' references."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from tqdm import tqdm

from ingest.report import SourceReport
from ingest.sources.citations.source import CitationSource, CitingPaper, PaperReferences
from ingest.sources.registry import CITATIONS
from kg.errors import SourceError
from kg.store.catalogue import Catalogue
from kg.store.reports import Report

ANSWER_MAX_AGE: Final = timedelta(days=30)
"""Age at which a source is asked about a paper again, whether it had references or not."""


def refresh_citations(
    catalogue: Catalogue,
    sources: Sequence[CitationSource],
    today: date,
    progress: bool = False,
    limit: int | None = None,
) -> Iterator[SourceReport]:
    """Fetch references that are missing or old, source by source.

    A source is asked only about papers that those before it in the registry do not know, have no
    references of, or could not be asked about. Answers are committed batch by batch, so that an
    interrupted run is continued. References to papers outside become citations once the atlas has
    both papers.

    Parameters
    ----------
    sources : sequence of CitationSource
        The sources to ask, in the registry's order.
    progress : bool
        Show progress bars on standard error.
    limit : int, optional
        Most papers to ask each source about, those asked about longest ago.

    Yields
    ------
    SourceReport
        For each source; `added` counts edges.
    """
    settled = catalogue.citations.resolve_references()
    later: dict[str, set[int]] = {}
    for source in sources:
        unchecked = catalogue.citations.unchecked(source.name, today - ANSWER_MAX_AGE, today)
        due = [CitingPaper(*row) for row in unchecked]
        for name in CITATIONS:
            if name == source.name:
                break
            known, left = catalogue.citations.reference_checks(name), later.get(name, set())
            due = [
                one
                for one in due
                if (known[one.key][1] == 0 if one.key in known else one.key not in left)
            ]
        if limit is not None:
            later[source.name] = {one.key for one in due[limit:]}
        yield _ask(catalogue, source, due[:limit], today, progress, settled)


def _ask(
    catalogue: Catalogue,
    source: CitationSource,
    due: Sequence[CitingPaper],
    today: date,
    progress: bool,
    settled: Counter[str],
) -> SourceReport:
    """Ask one source about all of `due`, until it fails."""
    report = SourceReport(source.name, added=settled[source.name])
    before, references = source.http.requests, 0
    with tqdm(desc=source.name, total=len(due), unit="paper", disable=not progress) as bar:
        for start in range(0, len(due), source.batch):
            batch = due[start : start + source.batch]
            answers: list[PaperReferences] = []
            stopped = False
            try:
                for answer in source.references(batch):
                    answers.append(answer)
            except SourceError as error:
                stopped = True
                report.fail(error)
            with catalogue.writing():
                for answer in answers:
                    # A paper on which the source fails counts as one that it does not know.
                    report.added += catalogue.citations.put_references(
                        answer.key, source.name, answer.references, answer.known, today
                    )
                    if facts := answer.facts:
                        told = (facts.citations, facts.open_access, facts.venue)
                        catalogue.reports.put(answer.key, Report(source.name, today, *told))
            names = {one.key: one.arxiv_id or one.doi for one in batch}
            for answer in answers:
                references += answer.known
                if answer.failed:
                    report.fail(f"{names[answer.key]}: {answer.failed}")
                else:
                    report.fetched += 1
                    report.missing += not answer.found
            bar.update(len(answers))
            if stopped:
                break
    report.requests = source.http.requests - before
    if report.fetched:
        report.note(f"{references:,} references of {report.fetched - report.missing:,} papers")
    return report
