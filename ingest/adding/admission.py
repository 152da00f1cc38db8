"""Letting papers in that someone brings: known ones are completed, placed ones enter, others are
judged as a refresh judges its candidates."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ingest.adding.lookup import Records
from ingest.adding.read_file import Reading
from ingest.embedding import embed_missing
from ingest.lock import refresh_lock
from ingest.merge.merge import Merger, paper_of, same_title
from ingest.net.outside import Outside
from ingest.placement.placement import Placer
from ingest.placement.triage import judge, trained
from ingest.report import Placing
from kg.entities import ListEntry, Paper, PlacedBy, Placement
from kg.errors import Busy
from kg.store.reviews import Decision
from search.embedding.base import Embedder
from search.embedding.open import open_embedder
from search.library import Library

_CHUNK = 512
"""Candidates that are judged and stored together."""


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms papers are let in."""

    topic: str | None = None
    """Id of the topic under which all are placed."""
    only_known: bool = False
    """Whether only papers that the atlas has are taken."""
    take_all: bool = False
    """Whether papers that nothing places are taken as they are, without a judgement."""

    @property
    def unconditional(self) -> bool:
        """Whether a paper enters though nothing places it."""
        return self.topic is not None or self.take_all


class Admission:
    """Lets papers in and counts what became of them.

    Parameters
    ----------
    library : Library
    terms : Terms
    outside : Outside
    embedder : Embedder, optional
        Used in place of the model that the settings name.
    progress : bool
        Show progress bars on standard error.
    """

    def __init__(
        self,
        library: Library,
        terms: Terms,
        outside: Outside,
        embedder: Embedder | None = None,
        progress: bool = False,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self.failed: list[str] = []
        self._library, self._catalogue = library, library.catalogue
        self._terms, self._outside, self._progress = terms, outside, progress
        self._given = embedder
        self._told: set[str] = set()
        self._today = outside.now.date()

    def records(self, papers: Sequence[Paper], source: str) -> None:
        """Let in papers as an authoritative source describes them."""
        merger = Merger(self._catalogue)
        candidates: dict[str, Paper] = {}
        with self._catalogue.writing():
            for paper in papers:
                self.counts["read"] += 1
                # An id that a list gave to another paper by mistake does not make this one known.
                merger.release(paper)
                if self._terms.unconditional or merger.knows(paper):
                    if self._terms.only_known and not merger.knows(paper):
                        continue
                    # Else a collection with two records of a paper would change it each time.
                    past = merger.is_past(paper, paper.id in self._told)
                    self._told.add(paper.id)
                    self.counts["unchanged" if past else merger.metadata(paper)] += 1
                    self._settle(paper.id, source)
                elif not self._terms.only_known:
                    other = candidates.setdefault(paper.id, paper)
                    if paper.updated and other.updated and paper.updated > other.updated:
                        candidates[paper.id] = paper
                    self._told.add(paper.id)
        size = self._catalogue.size()
        self._judge(list(candidates.values()))
        if entered := self._catalogue.size() - size:
            self.counts["added"] += entered

    def entries(self, reading: Reading) -> None:
        """Let in papers as a list, a page or a bibliography names them."""
        merger = Merger(self._catalogue)
        had = set(self._catalogue.papers.keys())
        self.counts["read"] += len(reading.entries)
        with self._catalogue.writing():
            checked = [
                merger.checked(entry, reading.name) if entry.title else entry
                for entry in reading.entries
            ]
        found = self._fetched(reading, checked)
        candidates: dict[str, Paper] = {}
        judged: list[ListEntry] = []
        with self._catalogue.writing():
            for named, own in zip(checked, reading.topics, strict=True):
                record = found.of(named)
                entry = self._described(named, record, found, reading.name)
                if entry is None:
                    continue
                record = record if entry.title and _is(record, entry) else None
                if merger.knows(entry) or (
                    not self._terms.only_known and (own or self._terms.unconditional)
                ):
                    self._enter(merger, entry, record, own, reading)
                elif not self._terms.only_known:
                    judged.append(entry)
                    paper = _filled(record, entry) if record else paper_of(entry)
                    candidates.setdefault(paper.id, paper)
        self._judge(list(candidates.values()))
        if reading.listed:
            with self._catalogue.writing():
                for entry in judged:
                    if merger.knows(entry):
                        merger.entry(entry, reading.name, None)
        self.counts["added"] += len(set(self._catalogue.papers.keys()) - had)

    def embed(self) -> None:
        """Embed the papers whose text is new."""
        self.counts["embedded"] += embed_missing(self._catalogue, self._embedder, self._progress)

    # -- records of services -------------------------------------------------------------------

    def _fetched(self, reading: Reading, entries: Sequence[ListEntry]) -> Records:
        """Ask the services for what the entries do not say of themselves."""
        merger, found = Merger(self._catalogue), Records()
        if self._terms.only_known or (reading.listed and self._terms.unconditional):
            return found
        new = [
            entry
            for entry, own in zip(entries, reading.topics, strict=True)
            if not own and not merger.knows(entry)
        ]
        ids = [one.arxiv_id for one in new if one.arxiv_id and not one.abstract]
        dois = [one.doi for one in new if one.doi and not (one.title or one.arxiv_id)]
        if ids or dois:
            found.fetch(self._library.settings, ids, dois, self._outside)
        titled = {one.arxiv_id for one in new if one.arxiv_id and one.title}
        for name in titled & found.unknown:
            self.problems.append(f"arXiv has no paper {name}; what the file says is kept")
        later = titled & found.unasked.keys()
        for line in found.failures:
            kept = "; what the file says is kept, the next refresh completes it" if later else ""
            self.problems.append(line + kept)
        for name in sorted(filter(None, later)):
            self._catalogue.journal.set_cursor("arxiv-unread", name, self._today.isoformat())
        return found

    def _described(
        self, entry: ListEntry, record: Paper | None, found: Records, source: str
    ) -> ListEntry | None:
        """Return the entry with a title, or None where there is none to be had."""
        if entry.title:
            if record is None or _is(record, entry):
                return entry
            # A slip of the file, as of a list: the title tells which paper is meant.
            for scheme, value in (("arxiv", entry.arxiv_id), ("doi", entry.doi)):
                if value:
                    self._catalogue.identifiers.add_conflict(scheme, value, entry.title, source)
            name = entry.arxiv_id or entry.doi
            self.problems.append(f'{name} is "{record.title}" and not "{entry.title}"')
            return replace(entry, arxiv_id=None, doi=None, url=None)
        if record is not None:
            return replace(entry, title=record.title, arxiv_id=record.arxiv_id, doi=record.doi)
        if known := self._named(entry):
            return replace(entry, title=known.title)
        self._unavailable(entry, found)
        return None

    def _named(self, entry: ListEntry) -> Paper | None:
        """Return the paper of the atlas that an entry's identifiers name."""
        for scheme, value in (("arxiv", entry.arxiv_id), ("doi", entry.doi)):
            if value and (name := self._catalogue.identifiers.find(scheme, value)):
                return self._catalogue.papers.get([self._catalogue.identifiers.key(name)])[0]
        return None

    def _unavailable(self, entry: ListEntry, found: Records) -> None:
        """Tell that there is no title for an entry, and let the next refresh ask where it can."""
        name = str(entry.arxiv_id or entry.doi)
        if self._terms.only_known:
            return
        if name not in found.unasked:
            service = "arXiv has no such paper" if entry.arxiv_id else "OpenAlex has no such DOI"
            self.failed.append(f"{name}: {service}")
        elif entry.arxiv_id and not self._terms.unconditional:
            self._catalogue.journal.set_cursor("arxiv-unread", name, self._today.isoformat())
            self.failed.append(f"{name}: not added yet, the next refresh asks for it")
        else:
            self.failed.append(f"{name}: not added")

    # -- into the atlas ------------------------------------------------------------------------

    def _enter(
        self,
        merger: Merger,
        entry: ListEntry,
        record: Paper | None,
        own: str | None,
        reading: Reading,
    ) -> None:
        if record is not None:
            merger.metadata(record)
            if record.arxiv_id and record.categories:
                self._catalogue.journal.set_cursor(
                    "arxiv", record.arxiv_id, self._today.isoformat()
                )
        topic = None if self._terms.topic else own
        self._settle(merger.entry(entry, reading.name, topic, reading.listed), reading.name)

    def _settle(self, paper_id: str, source: str) -> None:
        """Place a paper where the user wants it; what waited for a decision waits no more."""
        if self._terms.topic:
            placement = Placement(self._terms.topic, PlacedBy.PERSON, source)
            self._catalogue.placements.add(paper_id, [placement])
        self._catalogue.reviews.remove(paper_id)

    def _judge(self, papers: Sequence[Paper]) -> None:
        """Judge candidates; what was decided or judged before, as it is, stands."""
        if not papers:
            return
        news = self._catalogue.candidates.unclassified(papers)
        settled = {paper.id for paper in papers} - {paper.id for paper in news}
        placing = Placing()
        self._catalogue.candidates.add(news)
        try:
            if news:
                with refresh_lock(self._library.settings.home):
                    # Vectors first: the judge learns from those of the papers that are placed.
                    self.embed()
                    for start in range(0, len(news), _CHUNK):
                        judge(
                            self._catalogue,
                            news[start : start + _CHUNK],
                            lambda: self._embedder,
                            lambda: self._placer,
                            self._today,
                            placing,
                        )
        except Busy as error:
            self.counts["held"] += len(news)
            self.problems.append(f"{error.message}: it, or the next one, judges {len(news)} papers")
        self.counts["embedded"] += placing.judged
        self._count(placing, settled, papers)

    def _count(self, placing: Placing, settled: set[str], papers: Iterable[Paper]) -> None:
        decided = self._catalogue.reviews.decided()
        rejected = {one for one in settled if decided.get(one) is Decision.REJECT}
        waiting = self._catalogue.reviews.ids()
        queued = sum(paper.id in waiting for paper in papers)
        self.counts["placed"] += placing.placed
        self.counts["queued"] += queued
        self.counts["outside"] += placing.outside + len(settled - rejected - waiting)
        if rejected:
            self.counts["rejected"] += len(rejected)

    @cached_property
    def _embedder(self) -> Embedder:
        settings = self._library.settings
        return self._given or open_embedder(settings.model, state=settings.cache, bulk=True)

    @cached_property
    def _placer(self) -> Placer:
        return trained(self._catalogue, self._library.taxonomy, self._embedder)


def _is(record: Paper | None, entry: ListEntry) -> bool:
    return record is not None and same_title(record.title, entry.title)


def _filled(record: Paper, entry: ListEntry) -> Paper:
    return replace(record, doi=record.doi or entry.doi, venue=record.venue or entry.venue)
