"""Refreshing from arXiv: new records, changed ones, and ids of papers known by title."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import NoReturn, TypeAlias

from tqdm import tqdm

from ingest.merge.merger import Merger
from ingest.net.http import Http
from ingest.refresh.candidates import mark_withdrawn, store_records, update_paper
from ingest.report import SourceReport
from ingest.sources.arxiv.api import MAX_IDS, ArxivApi, IdLookup, named_by
from ingest.sources.arxiv.queries import CATEGORIES, topic_queries
from ingest.sources.oai.harvest import Harvest
from ingest.sources.oai.protocol import OaiPmh, OaiRecord
from kg.errors import Forbidden, Overloaded, SourceError, Unreachable
from kg.ids.titles import is_distinctive, normalised_title
from kg.records import Paper
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy

Bar: TypeAlias = "tqdm[NoReturn]"

OAI_SETS = ("cs:cs:LG", "cs:cs:CL", "cs:cs:CV", "cs:cs:AI", "cs:cs:NE", "stat:stat:ML")
"""Sets that are harvested: the categories in which the field publishes."""

FIRST_PERIOD = timedelta(days=30)
"""How far back the first harvest and the first search look."""

_SEARCH_OVERLAP = timedelta(days=3)
"""Papers are announced up to three days after the date by which they are searched."""

_RECORD_MAX_AGE = timedelta(days=30)
_TITLE_LOOKUP_MAX_AGE = timedelta(days=90)
_TITLES_PER_BATCH = 10
"""Titles that are looked up, and committed, together."""

_QUERY_STATUSES = frozenset({200, 400, 500, 504})
"""Statuses of failures that may be due to the query; others are the server's."""

_MAX_FAILURES_IN_ROW = 3
"""Failed batches, or topics, in a row from which on the failure is taken for the server's."""


class ArxivRefresh:
    """The steps that ask arXiv, each from its cursor.

    Parameters
    ----------
    oai, api : Http
        Clients of OAI-PMH and of the API. They share arXiv's gate; each has its own state of
        `Retry-After` and overload.
    since : date, optional
        Look for new papers from this day on, instead of where the last refresh stopped.
    progress : bool
        Show progress bars on standard error.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        oai: Http,
        api: Http,
        settings: Settings,
        today: date,
        since: date | None = None,
        progress: bool = False,
    ) -> None:
        self.catalogue, self.journal = catalogue, catalogue.journal
        self._https = oai, api
        self.oai, self.api = OaiPmh(oai, settings.oai_url), ArxivApi(api, settings.arxiv_url)
        self.today, self.day = today, today.isoformat()
        self.since, self.progress = since, progress
        self._failed: set[str] = set()

    @contextmanager
    def _reporting(self, report: SourceReport) -> Iterator[None]:
        """Report failures within the block, and the number of requests.

        After a 403 no request is sent to arXiv any more, to either service.
        """
        before = sum(http.requests for http in self._https)
        try:
            yield
        except SourceError as error:
            if isinstance(error, Forbidden):
                for http in self._https:
                    http.stop()
            report.fail(error)
        finally:
            report.requests += sum(http.requests for http in self._https) - before
            report.removed += self.api.removed
            for flaw in self.api.flaws:
                report.note(flaw)
                # Alone, its record may be whole.
                if name := named_by(flaw):
                    self.journal.set_cursor("arxiv-unread", name, self.day)
            self.api.removed = 0
            self.api.flaws.clear()

    # -- OAI-PMH ---------------------------------------------------------------------------

    def harvest(self) -> SourceReport:
        """Store all records of the field's categories that changed since the last harvest."""
        report = SourceReport("oai")
        with self._bar("arXiv OAI-PMH", "record") as bar:
            for name in OAI_SETS:
                with self._reporting(report):
                    self._harvest(name, report, bar)
        return report

    def _harvest(self, name: str, report: SourceReport, bar: Bar) -> None:
        kept = self.journal.cursor("oai", name)
        state = Harvest(name, self.since or self.today - FIRST_PERIOD)
        if kept:
            last = Harvest.load(kept)
            # A state of the future was written by a wrong clock.
            continues = self.since is None and last.since <= self.today
            state = last if continues else replace(state, holes=last.holes)
        for page, state in state.pages(self.oai):  # noqa: B020
            with self.catalogue.writing():
                for record in page.records:
                    if record.deleted and record.arxiv_id:
                        mark_withdrawn(self.catalogue, record.arxiv_id, report)
                    if record.problem:
                        self._ask_api_later(record, report)
                store_records(self.catalogue, (r.paper for r in page.records if r.paper), report)
                self.journal.set_cursor("oai", name, state.dump())
            report.removed += page.removed
            bar.update(len(page.records))
        for day, reason in state.holes.items():
            report.fail(f"{name} of {day} passed over, to be asked for again: {reason}")

    def _ask_api_later(self, record: OaiRecord, report: SourceReport) -> None:
        """Have the API asked for a record of OAI-PMH that cannot be parsed."""
        report.note(f"{record.identifier or 'a record without a name'}: {record.problem}")
        if record.arxiv_id:
            self.journal.set_cursor("arxiv-unread", record.arxiv_id, self.day)

    # -- the API ---------------------------------------------------------------------------

    def ids(self, report: SourceReport) -> None:
        """Fetch the records that are missing or old; by OAI-PMH if the API fails."""
        batches = self._wanted_ids()
        failures, total = 0, sum(map(len, batches))
        with self._bar("arXiv records", "paper", total) as bar, self._reporting(report):
            try:
                for batch in batches:
                    try:
                        for found in self.api.by_ids(batch):
                            self._store(found, report)
                        failures = 0
                    except SourceError as error:
                        failures += 1
                        if error.status not in _QUERY_STATUSES or failures == _MAX_FAILURES_IN_ROW:
                            raise
                        self._store(IdLookup((), (), dict.fromkeys(batch, error.reason)), report)
                        report.fail(error)
                    bar.update(len(batch))
            except (Overloaded, Unreachable) as error:
                report.note(f"{error.reason}: asked OAI-PMH instead")
                self._ids_by_oai(report, bar)

    def _wanted_ids(self) -> list[list[str]]:
        """Return the ids to ask for, in batches.

        Those of which the API had no readable record before are in batches of their own, at the
        end.
        """
        unread = self.journal.cursors("arxiv-unread")
        ids = list(dict.fromkeys((*unread, *self._stale_ids())))
        failed = self.journal.cursors("arxiv-failed")
        for name in failed.keys() - set(ids):
            self.journal.set_cursor("arxiv-failed", name, None)
        due = [name for name in ids if name not in self._failed]
        fresh = [name for name in due if name not in failed]
        later = sorted(failed.keys() & set(due), key=lambda name: (failed[name], name))
        return [
            some[start : start + MAX_IDS]
            for some in (fresh, later)
            for start in range(0, len(some), MAX_IDS)
        ]

    def _ids_by_oai(self, report: SourceReport, bar: Bar) -> None:
        """Fetch from OAI-PMH, one record at a time; the API is asked later for the version."""
        asked, limit = self._days("arxiv-by-oai"), self._limit(_RECORD_MAX_AGE)
        for arxiv_id in self._stale_ids():
            if asked.get(arxiv_id, "") > limit:
                continue
            record = self.oai.record(arxiv_id)
            if record and record.deleted:
                mark_withdrawn(self.catalogue, arxiv_id, report)
            with self.catalogue.writing():
                if record and record.paper:
                    report.fetched += 1
                    update_paper(self.catalogue, Merger(self.catalogue), record.paper, report)
                self.journal.set_cursor("arxiv-by-oai", arxiv_id, self.day)
            report.missing += record is None
            bar.update()

    def _days(self, source: str) -> dict[str, str]:
        """Return the days in a source's cursors, without future ones of a wrong clock."""
        days = self.journal.cursors(source)
        return {name: day for name, day in days.items() if day <= self.day}

    def _limit(self, max_age: timedelta) -> str:
        return (self.today - max_age).isoformat()

    def _stale_ids(self) -> list[str]:
        """Return the arXiv ids whose record was never asked for, or long ago; the oldest first."""
        asked, limit = self._days("arxiv"), self._limit(_RECORD_MAX_AGE)
        due = ((asked.get(name, ""), name) for name in self.catalogue.papers.arxiv_ids())
        return [name for day, name in sorted(due) if day <= limit]

    def _store(self, found: IdLookup, report: SourceReport) -> None:
        """Store the API's answer for some ids; those that failed are asked for again, last."""
        with self.catalogue.writing():
            store_records(self.catalogue, found.papers, report)
            for name in (*(paper.id for paper in found.papers), *found.missing):
                self.journal.set_cursor("arxiv", name, self.day)
                self.journal.set_cursor("arxiv-unread", name, None)
                self.journal.set_cursor("arxiv-failed", name, None)
            for name in found.failed:
                self.journal.set_cursor("arxiv-failed", name, self.day)
        for name, reason in found.failed.items():
            report.note(f"{name} could not be read, to be asked for again: {reason}")
        self._failed |= found.failed.keys()
        report.missing += len(found.missing)

    def titles(self) -> SourceReport:
        """Look up the arXiv ids of papers that have only a title."""
        report = SourceReport("arxiv-titles")
        asked, doubtful = self._days("arxiv-title"), self._days("arxiv-title-failed")
        limit = self._limit(_TITLE_LOOKUP_MAX_AGE)
        wanted = [
            (name, title)
            for name, title in self.catalogue.papers.without_arxiv_id()
            if is_distinctive(title) and asked.get(name, "") <= limit
        ]
        wanted.sort(key=lambda one: doubtful.get(one[0], ""))
        with self._bar("arXiv titles", "title", len(wanted)) as bar, self._reporting(report):
            for start in range(0, len(wanted), _TITLES_PER_BATCH):
                batch = wanted[start : start + _TITLES_PER_BATCH]
                found = self.api.by_titles([title for _, title in batch])
                with self.catalogue.writing():
                    for name, title in batch:
                        if title in found or title not in self.api.doubtful:
                            self._identify(name, found.get(title), report)
                        else:
                            self.journal.set_cursor("arxiv-title-failed", name, self.day)
                bar.update(len(batch))
        return report

    def _identify(self, name: str, paper: Paper | None, report: SourceReport) -> None:
        report.fetched += 1
        self.journal.set_cursor("arxiv-title", name, self.day)
        self.journal.set_cursor("arxiv-title-failed", name, None)
        if paper is None or not paper.arxiv_id:
            report.missing += 1
            return
        # The look-up accepts nearly the same title; the merger needs the same.
        identifiers = self.catalogue.identifiers
        identifiers.add(identifiers.key(name), "title", normalised_title(paper.title))
        update_paper(self.catalogue, Merger(self.catalogue), paper, report)
        self.journal.set_cursor("arxiv", paper.arxiv_id, self.day)

    def search(self, taxonomy: Taxonomy) -> SourceReport:
        """Search for new papers by the terms of each topic."""
        report = SourceReport("arxiv-search")
        topics = [topic for topic in taxonomy if topic.terms]
        last, failures = self._days("arxiv-search"), 0
        with self._bar("arXiv search", "topic", len(topics)) as bar, self._reporting(report):
            for topic in topics:
                since = self.today - FIRST_PERIOD
                if self.since or topic.id in last:
                    since = self.since or date.fromisoformat(last[topic.id]) - _SEARCH_OVERLAP
                try:
                    for query in topic_queries(topic.terms, CATEGORIES, since, self.today):
                        self._search(query, report)
                    failures = 0
                    self.journal.set_cursor("arxiv-search", topic.id, self.day)
                except SourceError as error:
                    failures += 1
                    if error.status not in _QUERY_STATUSES or failures == _MAX_FAILURES_IN_ROW:
                        raise
                    report.fail(f"{topic.id}: {error.reason}")
                bar.update()
        return report

    def _search(self, query: str, report: SourceReport) -> None:
        """Store the results of a query; if a page stays broken, all but the broken entry."""
        try:
            for papers in self.api.search(query):
                store_records(self.catalogue, papers, report)
        except SourceError as error:
            if error.status not in (200, 500, 504):
                raise
            for papers in self.api.search(query, careful=True):
                store_records(self.catalogue, papers, report)

    def _bar(self, text: str, unit: str, total: int | None = None) -> Bar:
        return tqdm(total=total, desc=text, unit=unit, disable=not self.progress or total == 0)
