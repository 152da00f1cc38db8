"""What arXiv has that the atlas lacks: new records, better ones, and ids for bare titles."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import NoReturn, TypeAlias

from tqdm import tqdm

from ingest.http import Http
from ingest.intake import renew, take, withdraw
from ingest.merge import Merger, is_telling
from ingest.report import SourceReport
from ingest.sources.arxiv_api import ArxivApi
from ingest.sources.arxiv_queries import CATEGORIES, topic_queries
from ingest.sources.oai_harvest import Harvest
from ingest.sources.oaipmh import OaiPmh, OaiRecord
from kg.catalogue import Catalogue
from kg.entities import Paper
from kg.errors import Forbidden, Overloaded, SourceError
from kg.identifiers import normalised_title
from kg.settings import Settings
from kg.taxonomy import Taxonomy

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
            report.fail(error.reason)
        finally:
            report.requests += sum(http.requests for http in self._https) - before

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
        kept = self.catalogue.cursor("oai", name)
        if kept is None or self.since is not None:
            harvest = Harvest.start(name, self.since or self.today - FIRST_WINDOW)
        else:
            harvest = Harvest.load(kept)
        for page, state in harvest.pages(self.oai):
            with self.catalogue.writing():
                for record in page.records:
                    if record.deleted and record.arxiv_id:
                        withdraw(self.catalogue, record.arxiv_id, report)
                    if record.problem:
                        self._unread(record, report)
                take(self.catalogue, (r.paper for r in page.records if r.paper), report)
                self.catalogue.keep_cursor("oai", name, state.dump())
            bar.update(len(page.records))

    def _unread(self, record: OaiRecord, report: SourceReport) -> None:
        """Let the API be asked for a record that OAI-PMH told in a way that cannot be read."""
        report.note(f"{record.identifier or 'a record without a name'}: {record.problem}")
        if record.arxiv_id:
            self.catalogue.keep_cursor("arxiv-unread", record.arxiv_id, self.today.isoformat())

    # -- the API ---------------------------------------------------------------------------

    def ids(self, report: SourceReport) -> None:
        """Ask for the papers whose record is unknown or old; where the API is busy, by OAI-PMH."""
        wanted = self._stale_ids()
        unread = self.catalogue.cursors("arxiv-unread")
        with self._bar("arXiv records", "paper", len(wanted)) as bar, self._asking(report):
            try:
                for found in self.api.by_ids(list(unread)):
                    with self.catalogue.writing():
                        take(self.catalogue, found.papers, report)
                        for name in (*(p.id for p in found.papers), *found.missing):
                            self.catalogue.keep_cursor("arxiv-unread", name, None)
                for found in self.api.by_ids(wanted):
                    self._store(found.papers, found.missing, report)
                    bar.update(len(found.papers) + len(found.missing))
            except Overloaded as error:
                report.note(f"{error.reason}: asked OAI-PMH instead")
                self._ids_by_oai(report, bar)

    def _ids_by_oai(self, report: SourceReport, bar: Bar) -> None:
        """Ask OAI-PMH, one record at a time; the API is asked again, for the version's number."""
        told, limit = self.catalogue.cursors("arxiv-by-oai"), self._limit(_RECORDS_GOOD_FOR)
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
                self.catalogue.keep_cursor("arxiv-by-oai", arxiv_id, self.today.isoformat())
            report.missing += record is None
            bar.update()

    def _limit(self, good_for: timedelta) -> str:
        return (self.today - good_for).isoformat()

    def _stale_ids(self) -> list[str]:
        """arXiv ids whose record was never asked for, or long ago; the oldest first."""
        asked = self.catalogue.cursors("arxiv")
        limit = self._limit(_RECORDS_GOOD_FOR)
        ids = self.catalogue.arxiv_ids()
        return sorted(
            (i for i in ids if asked.get(i, "") <= limit), key=lambda i: (asked.get(i, ""), i)
        )

    def _store(self, papers: Sequence[Paper], missing: Sequence[str], report: SourceReport) -> None:
        merger = Merger(self.catalogue)
        with self.catalogue.writing():
            for paper in papers:
                report.fetched += 1
                renew(self.catalogue, merger, paper, report)
            for arxiv_id in (*(p.arxiv_id for p in papers), *missing):
                if arxiv_id:
                    self.catalogue.keep_cursor("arxiv", arxiv_id, self.today.isoformat())
        report.missing += len(missing)

    def titles(self) -> SourceReport:
        """Look for the arXiv id of papers that are known by title alone."""
        report = SourceReport("arxiv-titles")
        asked = self.catalogue.cursors("arxiv-title")
        limit = self._limit(_TITLES_GOOD_FOR)
        wanted = [
            (name, title)
            for name, title in self.catalogue.without_arxiv_id()
            if is_telling(title) and asked.get(name, "") <= limit
        ]
        with self._bar("arXiv titles", "title", len(wanted)) as bar, self._asking(report):
            for start in range(0, len(wanted), _TITLES):
                batch = wanted[start : start + _TITLES]
                found = self.api.by_titles([title for _, title in batch])
                with self.catalogue.writing():
                    for name, title in batch:
                        self._identify(name, found.get(title), report)
                bar.update(len(batch))
        return report

    def _identify(self, name: str, paper: Paper | None, report: SourceReport) -> None:
        report.fetched += 1
        self.catalogue.keep_cursor("arxiv-title", name, self.today.isoformat())
        if paper is None or not paper.arxiv_id:
            report.missing += 1
            return
        # Nearly the same title is enough for who asked; the merger wants the same.
        self.catalogue.name(self.catalogue.key(name), "title", normalised_title(paper.title))
        renew(self.catalogue, Merger(self.catalogue), paper, report)
        self.catalogue.keep_cursor("arxiv", paper.arxiv_id, self.today.isoformat())

    def search(self, taxonomy: Taxonomy) -> SourceReport:
        """Search for new papers by the terms of each topic."""
        report = SourceReport("arxiv-search")
        topics = [topic for topic in taxonomy if topic.terms]
        with self._bar("arXiv search", "topic", len(topics)) as bar, self._asking(report):
            for topic in topics:
                last = self.catalogue.cursor("arxiv-search", topic.id)
                since = self.since or (
                    date.fromisoformat(last) - _OVERLAP if last else self.today - FIRST_WINDOW
                )
                for query in topic_queries(topic.terms, CATEGORIES, since, self.today):
                    for papers in self.api.search(query):
                        take(self.catalogue, papers, report)
                self.catalogue.keep_cursor("arxiv-search", topic.id, self.today.isoformat())
                bar.update()
        return report

    def _bar(self, text: str, unit: str, total: int | None = None) -> Bar:
        return tqdm(total=total, desc=text, unit=unit, disable=not self.progress or total == 0)
