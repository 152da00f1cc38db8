"""What arXiv has that the atlas lacks: new records, better ones, and ids for bare titles."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import NoReturn, TypeAlias

from tqdm import tqdm

from ingest.merge.merge import Merger, is_telling
from ingest.net.http import Http
from ingest.refresh.candidates import renew, take, withdraw
from ingest.report import SourceReport
from ingest.sources.arxiv.api import MAX_IDS, ArxivApi, IdLookup, named_by
from ingest.sources.arxiv.queries import CATEGORIES, topic_queries
from ingest.sources.oai.harvest import Harvest
from ingest.sources.oai.protocol import OaiPmh, OaiRecord
from kg.entities import Paper
from kg.errors import Forbidden, Overloaded, SourceError, Unreachable
from kg.ids.titles import normalised_title
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy

Bar: TypeAlias = "tqdm[NoReturn]"

SETS = ("cs:cs:LG", "cs:cs:CL", "cs:cs:CV", "cs:cs:AI", "cs:cs:NE", "stat:stat:ML")
"""OAI-PMH sets that are harvested: the categories in which the field publishes."""

FIRST_WINDOW = timedelta(days=30)
"""So far back the first harvest and the first search look."""

_OVERLAP = timedelta(days=3)
"""Papers are announced up to three days after the date under which they are searched."""

_RECORDS_GOOD_FOR = timedelta(days=30)
_TITLES_GOOD_FOR = timedelta(days=90)
_TITLES = 10
"""Titles that are looked up, and stored, together."""

_BROKEN = frozenset({200, 400, 500, 504})
"""Statuses of answers that what was asked for may have broken; others are the server's own."""

_MISSES = 3
"""Batches, or topics, in a row that fail until it is the server that fails."""


class ArxivRefresh:
    """The steps that ask arXiv, each from where it stopped.

    Parameters
    ----------
    catalogue : Catalogue
    oai, api : Http
        Through which OAI-PMH and the API are asked. They share arXiv's gate; each keeps to itself
        what its service says of being asked too much.
    today : date
    since : date, optional
        Look for new papers from here on, whatever the last refresh saw.
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
        self.catalogue, self._https = catalogue, (oai, api)
        self.oai, self.api = OaiPmh(oai, settings.oai_url), ArxivApi(api, settings.arxiv_url)
        self.today, self.since, self.progress = today, since, progress
        self._failed: set[str] = set()

    @contextmanager
    def _asking(self, report: SourceReport) -> Iterator[None]:
        """Tell in the report what fails within the block, and how many requests it made.

        After a 403 nothing more is asked of arXiv, by whichever service.
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
                # By itself its record may be whole.
                if name := named_by(flaw):
                    self.catalogue.journal.set_cursor("arxiv-unread", name, self.today.isoformat())
            self.api.removed = 0
            self.api.flaws.clear()

    # -- OAI-PMH ---------------------------------------------------------------------------

    def harvest(self) -> SourceReport:
        """Take in all records of the field's categories that changed since the last harvest."""
        report = SourceReport("oai")
        with self._bar("arXiv OAI-PMH", "record") as bar:
            for name in SETS:
                with self._asking(report):
                    self._harvest(name, report, bar)
        return report

    def _harvest(self, name: str, report: SourceReport, bar: Bar) -> None:
        kept = self.catalogue.journal.cursor("oai", name)
        state = Harvest.load(kept) if kept else None
        first = self.since or self.today - FIRST_WINDOW
        if state is None:
            state = Harvest.start(name, first)
        elif self.since is not None or state.since > self.today:
            # A state of the future tells nothing of what changed since it was written.
            state = replace(Harvest.start(name, first), holes=state.holes)
        for page, state in state.pages(self.oai):  # noqa: B020
            with self.catalogue.writing():
                for record in page.records:
                    if record.deleted and record.arxiv_id:
                        withdraw(self.catalogue, record.arxiv_id, report)
                    if record.problem:
                        self._unread(record, report)
                take(self.catalogue, (r.paper for r in page.records if r.paper), report)
                self.catalogue.journal.set_cursor("oai", name, state.dump())
            report.removed += page.removed
            bar.update(len(page.records))
        for day, reason in state.holes.items():
            report.fail(f"{name} of {day} passed over, to be asked for again: {reason}")

    def _unread(self, record: OaiRecord, report: SourceReport) -> None:
        """Let the API be asked for a record that OAI-PMH told in a way that cannot be read."""
        report.note(f"{record.identifier or 'a record without a name'}: {record.problem}")
        if record.arxiv_id:
            self.catalogue.journal.set_cursor(
                "arxiv-unread", record.arxiv_id, self.today.isoformat()
            )

    # -- the API ---------------------------------------------------------------------------

    def ids(self, report: SourceReport) -> None:
        """Ask for the papers whose record is unknown or old; where the API fails, by OAI-PMH."""
        batches = self._wanted_ids()
        misses, total = 0, sum(map(len, batches))
        with self._bar("arXiv records", "paper", total) as bar, self._asking(report):
            try:
                for batch in batches:
                    try:
                        for found in self.api.by_ids(batch):
                            self._store(found, report)
                        misses = 0
                    except SourceError as error:
                        misses += 1
                        if error.status not in _BROKEN or misses == _MISSES:
                            raise
                        self._store(IdLookup((), (), dict.fromkeys(batch, error.reason)), report)
                        report.fail(error)
                    bar.update(len(batch))
            except (Overloaded, Unreachable) as error:
                report.note(f"{error.reason}: asked OAI-PMH instead")
                self._ids_by_oai(report, bar)

    def _wanted_ids(self) -> list[list[str]]:
        """Return the ids to ask for, in batches.

        Those of which the API could give no record before are the last, apart from the others.
        """
        unread = self.catalogue.journal.cursors("arxiv-unread")
        ids = list(dict.fromkeys((*unread, *self._stale_ids())))
        failed = self.catalogue.journal.cursors("arxiv-failed")
        for name in failed.keys() - set(ids):
            self.catalogue.journal.set_cursor("arxiv-failed", name, None)
        later = sorted(
            (name for name in ids if name in failed and name not in self._failed),
            key=lambda name: (failed[name], name),
        )
        fresh = [name for name in ids if name not in failed and name not in self._failed]
        return [
            some[start : start + MAX_IDS]
            for some in (fresh, later)
            for start in range(0, len(some), MAX_IDS)
        ]

    def _ids_by_oai(self, report: SourceReport, bar: Bar) -> None:
        """Ask OAI-PMH, one record at a time; the API is asked again, for the version's number."""
        told, limit = self._days("arxiv-by-oai"), self._limit(_RECORDS_GOOD_FOR)
        for arxiv_id in self._stale_ids():
            if told.get(arxiv_id, "") > limit:
                continue
            record = self.oai.record(arxiv_id)
            if record and record.deleted:
                withdraw(self.catalogue, arxiv_id, report)
            with self.catalogue.writing():
                if record and record.paper:
                    report.fetched += 1
                    renew(self.catalogue, Merger(self.catalogue), record.paper, report)
                self.catalogue.journal.set_cursor("arxiv-by-oai", arxiv_id, self.today.isoformat())
            report.missing += record is None
            bar.update()

    def _days(self, source: str) -> dict[str, str]:
        """Return the days that were kept for a source; one to come was written by a wrong clock."""
        today = self.today.isoformat()
        return {
            name: day
            for name, day in self.catalogue.journal.cursors(source).items()
            if day <= today
        }

    def _limit(self, good_for: timedelta) -> str:
        return (self.today - good_for).isoformat()

    def _stale_ids(self) -> list[str]:
        """arXiv ids whose record was never asked for, or long ago; the oldest first."""
        asked = self._days("arxiv")
        limit = self._limit(_RECORDS_GOOD_FOR)
        ids = self.catalogue.papers.arxiv_ids()
        return sorted(
            (i for i in ids if asked.get(i, "") <= limit), key=lambda i: (asked.get(i, ""), i)
        )

    def _store(self, found: IdLookup, report: SourceReport) -> None:
        """Store what the API answered for some ids; those that failed are asked for again, last."""
        today = self.today.isoformat()
        with self.catalogue.writing():
            take(self.catalogue, found.papers, report)
            for name in (*(paper.id for paper in found.papers), *found.missing):
                self.catalogue.journal.set_cursor("arxiv", name, today)
                self.catalogue.journal.set_cursor("arxiv-unread", name, None)
                self.catalogue.journal.set_cursor("arxiv-failed", name, None)
            for name in found.failed:
                self.catalogue.journal.set_cursor("arxiv-failed", name, today)
        for name, reason in found.failed.items():
            report.note(f"{name} could not be read, to be asked for again: {reason}")
        self._failed |= found.failed.keys()
        report.missing += len(found.missing)

    def titles(self) -> SourceReport:
        """Look for the arXiv id of papers that are known by title alone."""
        report = SourceReport("arxiv-titles")
        asked, doubtful = self._days("arxiv-title"), self._days("arxiv-title-failed")
        limit = self._limit(_TITLES_GOOD_FOR)
        wanted = [
            (name, title)
            for name, title in self.catalogue.papers.without_arxiv_id()
            if is_telling(title) and asked.get(name, "") <= limit
        ]
        wanted.sort(key=lambda one: doubtful.get(one[0], ""))
        with self._bar("arXiv titles", "title", len(wanted)) as bar, self._asking(report):
            for start in range(0, len(wanted), _TITLES):
                batch = wanted[start : start + _TITLES]
                found = self.api.by_titles([title for _, title in batch])
                with self.catalogue.writing():
                    for name, title in batch:
                        if title in found or title not in self.api.doubtful:
                            self._identify(name, found.get(title), report)
                        else:
                            today = self.today.isoformat()
                            self.catalogue.journal.set_cursor("arxiv-title-failed", name, today)
                bar.update(len(batch))
        return report

    def _identify(self, name: str, paper: Paper | None, report: SourceReport) -> None:
        report.fetched += 1
        self.catalogue.journal.set_cursor("arxiv-title", name, self.today.isoformat())
        self.catalogue.journal.set_cursor("arxiv-title-failed", name, None)
        if paper is None or not paper.arxiv_id:
            report.missing += 1
            return
        # Nearly the same title is enough for who asked; the merger wants the same.
        self.catalogue.identifiers.add(
            self.catalogue.identifiers.key(name), "title", normalised_title(paper.title)
        )
        renew(self.catalogue, Merger(self.catalogue), paper, report)
        self.catalogue.journal.set_cursor("arxiv", paper.arxiv_id, self.today.isoformat())

    def search(self, taxonomy: Taxonomy) -> SourceReport:
        """Search for new papers by the terms of each topic."""
        report = SourceReport("arxiv-search")
        topics = [topic for topic in taxonomy if topic.terms]
        last, misses = self._days("arxiv-search"), 0
        with self._bar("arXiv search", "topic", len(topics)) as bar, self._asking(report):
            for topic in topics:
                since = self.today - FIRST_WINDOW
                if self.since or topic.id in last:
                    since = self.since or date.fromisoformat(last[topic.id]) - _OVERLAP
                try:
                    for query in topic_queries(topic.terms, CATEGORIES, since, self.today):
                        self._search(query, report)
                    misses = 0
                    self.catalogue.journal.set_cursor(
                        "arxiv-search", topic.id, self.today.isoformat()
                    )
                except SourceError as error:
                    misses += 1
                    if error.status not in _BROKEN or misses == _MISSES:
                        raise
                    report.fail(f"{topic.id}: {error.reason}")
                bar.update()
        return report

    def _search(self, query: str, report: SourceReport) -> None:
        """Take in what a query finds; where a page stays broken, all but what breaks it."""
        try:
            for papers in self.api.search(query):
                take(self.catalogue, papers, report)
        except SourceError as error:
            if error.status not in (200, 500, 504):
                raise
            for papers in self.api.search(query, careful=True):
                take(self.catalogue, papers, report)

    def _bar(self, text: str, unit: str, total: int | None = None) -> Bar:
        return tqdm(total=total, desc=text, unit=unit, disable=not self.progress or total == 0)
