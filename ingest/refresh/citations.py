"""Whom to ask for which papers' references, and storing what they answer."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from tqdm import tqdm

from ingest.report import SourceReport
from ingest.sources.citations.references import Answered, Asked, References
from ingest.sources.citations.semantic_scholar import SEMANTIC_SCHOLAR
from kg.errors import SourceError
from kg.store.catalogue import Catalogue

GOOD_FOR: Final = timedelta(days=30)
"""So long a source's answer holds, whether it knew any references or not."""


def refresh_citations(
    catalogue: Catalogue,
    semantic_scholar: References | None,
    openalex: References | None,
    today: date,
    progress: bool = False,
    limit: int | None = None,
) -> Iterator[SourceReport]:
    """Ask for the references that are not known yet, or not any more, source by source.

    OpenAlex is asked only about what Semantic Scholar does not know, has no references of, or could
    not be asked about. What a source answers is stored batch by batch, so an interrupted run goes
    on where it stopped. References that were kept become citations as soon as both papers are here.

    Parameters
    ----------
    catalogue : Catalogue
    semantic_scholar, openalex : References, optional
        Those that are to be asked.
    today : date
    progress : bool
        Show progress bars on standard error.
    limit : int, optional
        Ask each source about this many papers at most, those asked about longest ago.

    Yields
    ------
    SourceReport
        For each source; `added` are edges.
    """
    settled = catalogue.settle_references()
    later: set[int] = set()
    if semantic_scholar is not None:
        due = _due(catalogue, semantic_scholar, today)
        if limit is not None:
            later = {one.key for one in due[limit:]}
        yield _ask(catalogue, semantic_scholar, due[:limit], today, progress, settled)
    if openalex is not None:
        known = catalogue.reference_checks(SEMANTIC_SCHOLAR)
        due = [
            one
            for one in _due(catalogue, openalex, today)
            if (known[one.key][1] == 0 if one.key in known else one.key not in later)
        ]
        yield _ask(catalogue, openalex, due[:limit], today, progress, settled)


def _due(catalogue: Catalogue, source: References, today: date) -> list[Asked]:
    return [Asked(*row) for row in catalogue.not_asked(source.name, today - GOOD_FOR, today)]


def _ask(
    catalogue: Catalogue,
    source: References,
    due: Sequence[Asked],
    today: date,
    progress: bool,
    settled: Counter[str],
) -> SourceReport:
    """Ask one source about all of `due`, as far as it answers."""
    report = SourceReport(source.name, added=settled[source.name])
    before, references = source.http.requests, 0
    with tqdm(desc=source.name, total=len(due), unit="paper", disable=not progress) as bar:
        for start in range(0, len(due), source.batch):
            batch = due[start : start + source.batch]
            answers: list[Answered] = []
            stopped = False
            try:
                for answer in source.references(batch):
                    answers.append(answer)
            except SourceError as error:
                stopped = True
                report.fail(error)
            _store(catalogue, source.name, answers, today, report)
            references += sum(answer.known for answer in answers)
            names = {one.key: one.arxiv_id or one.doi for one in batch}
            for answer in answers:
                if answer.failed:
                    report.fail(f"{names[answer.key]}: {answer.failed}")
            bar.update(len(answers))
            if stopped:
                break
    report.requests = source.http.requests - before
    if report.fetched:
        report.note(f"{references:,} references of {report.fetched - report.missing:,} papers")
    return report


def _store(
    catalogue: Catalogue,
    source: str,
    answers: Sequence[Answered],
    today: date,
    report: SourceReport,
) -> None:
    with catalogue.writing():
        for answer in answers:
            # One that the source breaks on is asked again with those that it does not know.
            report.added += catalogue.put_references(
                answer.key, source, answer.references, answer.known, today
            )
    report.fetched += sum(not answer.failed for answer in answers)
    report.missing += sum(not answer.found and not answer.failed for answer in answers)
