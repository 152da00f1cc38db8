"""Adding papers that a user names: known ones are completed, placed ones are added, others are
candidates, on which the model decides as in a refresh."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from tqdm import tqdm

from ingest.adding.lookup import Records
from ingest.adding.read_file import Reading
from ingest.cards.predicting import predict_cards
from ingest.embedding import embed_missing
from ingest.lock import refresh_lock
from ingest.merge.merger import Merger, paper_of_entry
from ingest.merge.same_paper import same_title
from ingest.net.outside import Outside
from ingest.placement.triage import CHUNK_PAPERS, PlacementModels, triage
from ingest.report import PlacementCounts
from kg.errors import Busy
from kg.records import ListEntry, Paper, PlacedBy, Placement
from search.embedding.base import Embedder
from search.library import Library


class Seen(Protocol):
    """The papers of which a source had a record before."""

    def is_seen(self, paper: Paper) -> bool:
        """Return whether it had a record of the paper."""

    def is_newer(self, paper: Paper) -> bool:
        """Return whether it had none, or only of earlier days."""

    def see(self, paper: Paper) -> None:
        """Note that it has a record of the paper."""


class Admission:
    """Adds papers and counts the outcomes.

    Parameters
    ----------
    topic : str, optional
        Id of the topic under which all papers are placed.
    only_known : bool
        Complete papers of the atlas and add none.
    take_all : bool
        Add papers that nothing places without asking the model.
    embedder : Embedder, optional
        Used in place of the model that the settings name.
    progress : bool
        Show progress bars on standard error.
    """

    def __init__(
        self,
        library: Library,
        outside: Outside,
        topic: str | None = None,
        only_known: bool = False,
        take_all: bool = False,
        embedder: Embedder | None = None,
        progress: bool = False,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self.failed: list[str] = []
        self.notes: list[str] = []
        self._library, self._catalogue = library, library.catalogue
        self._models = PlacementModels(library, embedder)
        self._outside, self.progress = outside, progress
        self._topic, self._only_known = topic, only_known
        # Whether papers are added that no list places.
        self._unconditional = topic is not None or take_all
        self._today = outside.now.date()

    def add_records(self, papers: Sequence[Paper], source: str, run: Seen) -> None:
        """Add papers by records of an authoritative source; `decide` decides on unknown ones.

        Parameters
        ----------
        run : Seen
            What the source had before.
        """
        merger = Merger(self._catalogue)
        candidates: dict[str, Paper] = {}
        with self._catalogue.writing():
            for paper in papers:
                self.counts["read"] += 1
                # An id that a list gave to another paper by mistake must not match it.
                merger.release_arxiv_id(paper)
                if self._unconditional or merger.knows(paper):
                    if self._only_known and not merger.knows(paper):
                        continue
                    # Else a collection with two records of a paper would change it each time.
                    outdated = merger.is_outdated(paper, run.is_seen(paper))
                    run.see(paper)
                    self.counts["unchanged" if outdated else merger.put_record(paper)] += 1
                    self._place(paper.id, source)
                elif not self._only_known:
                    if run.is_newer(paper):
                        candidates[paper.id] = paper
                    run.see(paper)
            if candidates:
                news = self._catalogue.candidates.unclassified(candidates.values())
                self._catalogue.candidates.add(news)
                self._count_settled(candidates.keys() - {paper.id for paper in news})

    def decide(self) -> None:
        """Decide on all candidates; each chunk is committed."""
        candidates, size = self._catalogue.candidates, self._catalogue.size()
        total = candidates.count()
        if not total:
            return
        placing, queued = PlacementCounts(), 0
        try:
            with refresh_lock(self._library.settings.home):
                # Vectors first: the placer is trained on those of the placed papers.
                self.embed()
                candidates.prune_outsiders(self._today)
                with tqdm(
                    total=total, unit="paper", desc="placing", disable=not self.progress
                ) as bar:
                    while papers := candidates.first(CHUNK_PAPERS):
                        triage(self._catalogue, papers, self._models, self._today, placing)
                        queued += len(self._catalogue.reviews.among(one.id for one in papers))
                        bar.update(len(papers))
        except Busy as error:
            self._hold(error, total)
        self.counts["embedded"] += placing.judged
        self.counts["placed"] += placing.placed
        self.counts["queued"] += queued
        self.counts["outside"] += placing.outside
        if entered := self._catalogue.size() - size:
            self.counts["added"] += entered

    def add_entries(self, reading: Reading, decide: bool = True) -> None:
        """Add papers by the entries of a list, a page or a bibliography.

        Parameters
        ----------
        decide : bool
            Decide on candidates at once; else `decide` does.
        """
        merger = Merger(self._catalogue)
        last = self._catalogue.papers.last_key()
        self.counts["read"] += len(reading.entries)
        with self._catalogue.writing():
            checked = [
                merger.without_contested_ids(entry, reading.name) if entry.title else entry
                for entry in reading.entries
            ]
        found = self._fetch(reading, checked)
        candidates: dict[str, Paper] = {}
        undecided: list[ListEntry] = []
        with self._catalogue.writing():
            for named, own in zip(checked, reading.topics, strict=True):
                record = found.of(named)
                entry = self._with_title(named, record, found, reading.name)
                if entry is None:
                    continue
                if record and not (entry.title and same_title(record.title, entry.title)):
                    record = None
                if merger.knows(entry) or (not self._only_known and (own or self._unconditional)):
                    self._put(merger, entry, record, own, reading)
                elif not self._only_known:
                    undecided.append(entry)
                    paper = paper_of_entry(None, entry, entry.arxiv_id)
                    if record:
                        doi, venue = record.doi or entry.doi, record.venue or entry.venue
                        paper = replace(record, doi=doi, venue=venue)
                    candidates.setdefault(paper.id, paper)
        self._triage(list(candidates.values()), decide)
        if reading.listed:
            with self._catalogue.writing():
                for entry in undecided:
                    if merger.knows(entry):
                        merger.put_entry(entry, reading.name, None)
                merger.remove_old_links(reading.name)
        self.counts["added"] += self._catalogue.papers.count_after(last)

    def embed(self) -> None:
        """Embed the papers whose text is new, and predict the cards of those that have none."""
        embedder = self._models.embedder
        self.counts["embedded"] += embed_missing(self._catalogue, embedder, self.progress)
        cache = self._library.settings.cache
        if predicted := predict_cards(self._catalogue, embedder.model, cache):
            self.counts["predicted"] += predicted

    # -- records of services -------------------------------------------------------------------

    def _fetch(self, reading: Reading, entries: Sequence[ListEntry]) -> Records:
        """Fetch the facts that the entries lack."""
        merger, found = Merger(self._catalogue), Records()
        if self._only_known or (reading.listed and self._unconditional):
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

    def _with_title(
        self, entry: ListEntry, record: Paper | None, found: Records, source: str
    ) -> ListEntry | None:
        """Return the entry with a title, or None where none can be found."""
        if entry.title:
            if record is None or same_title(record.title, entry.title):
                return entry
            # A mistake of the file: the title decides which paper is meant.
            for scheme, value in (("arxiv", entry.arxiv_id), ("doi", entry.doi)):
                if value:
                    self._catalogue.identifiers.add_conflict(scheme, value, entry.title, source)
            name = entry.arxiv_id or entry.doi
            self.problems.append(f'{name} is "{record.title}" and not "{entry.title}"')
            return replace(entry, arxiv_id=None, doi=None, url=None)
        if record is not None:
            return replace(entry, title=record.title, arxiv_id=record.arxiv_id, doi=record.doi)
        for scheme, value in (("arxiv", entry.arxiv_id), ("doi", entry.doi)):
            if value and (known := self._catalogue.papers.by(scheme, value)):
                return replace(entry, title=known.title)
        self._report_missing(entry, found)
        return None

    def _report_missing(self, entry: ListEntry, found: Records) -> None:
        """Report an entry without a title, and have the next refresh ask for it if possible."""
        name = str(entry.arxiv_id or entry.doi)
        if self._only_known:
            return
        if name not in found.unasked:
            service = "arXiv has no such paper" if entry.arxiv_id else "OpenAlex has no such DOI"
            self.failed.append(f"{name}: {service}")
        elif entry.arxiv_id and not self._unconditional:
            self._catalogue.journal.set_cursor("arxiv-unread", name, self._today.isoformat())
            self.failed.append(f"{name}: not added yet, the next refresh asks for it")
        else:
            self.failed.append(f"{name}: not added")

    # -- into the atlas ------------------------------------------------------------------------

    def _put(
        self,
        merger: Merger,
        entry: ListEntry,
        record: Paper | None,
        own: str | None,
        reading: Reading,
    ) -> None:
        if record is not None:
            merger.put_record(record)
            if record.arxiv_id and record.categories:
                self._catalogue.journal.set_cursor(
                    "arxiv", record.arxiv_id, self._today.isoformat()
                )
        topic = None if self._topic else own
        self._place(merger.put_entry(entry, reading.name, topic, reading.listed), reading.name)

    def _place(self, paper_id: str, source: str) -> None:
        """Place a paper under the user's topic, and remove it from the review queue."""
        if self._topic:
            placement = Placement(self._topic, PlacedBy.PERSON, source)
            self._catalogue.placements.add(paper_id, [placement])
        self._catalogue.reviews.remove(paper_id)

    def _triage(self, papers: Sequence[Paper], decide: bool) -> None:
        """Store candidates, and decide on them; decisions on unchanged papers stand."""
        if not papers:
            return
        news = self._catalogue.candidates.unclassified(papers)
        settled = {paper.id for paper in papers} - {paper.id for paper in news}
        placing = PlacementCounts()
        self._catalogue.candidates.add(news)
        self._count_settled(settled)
        if not decide:
            return
        try:
            if news:
                with refresh_lock(self._library.settings.home):
                    # Vectors first: the placer is trained on those of the placed papers.
                    self.embed()
                    for start in range(0, len(news), CHUNK_PAPERS):
                        chunk = news[start : start + CHUNK_PAPERS]
                        triage(self._catalogue, chunk, self._models, self._today, placing)
        except Busy as error:
            self._hold(error, len(news))
        self.counts["embedded"] += placing.judged
        self.counts["placed"] += placing.placed
        self.counts["queued"] += len(self._catalogue.reviews.among(paper.id for paper in news))
        self.counts["outside"] += placing.outside

    def _hold(self, error: Busy, papers: int) -> None:
        self.counts["held"] += papers
        self.problems.append(f"{error.message}: it, or the next one, judges {papers} papers")

    def _count_settled(self, settled: set[str]) -> None:
        """Count papers on which was decided before, and that have not changed."""
        rejected = self._catalogue.reviews.rejected(settled)
        waiting = self._catalogue.reviews.among(settled) - rejected
        self.counts["queued"] += len(waiting)
        self.counts["outside"] += len(settled - rejected - waiting)
        if rejected:
            self.counts["rejected"] += len(rejected)
