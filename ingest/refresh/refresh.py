"""One refresh: lists, papers, placement, citations, vectors, cards, entities and index.

Every step commits its work together with its cursor, so that a refresh that was killed is continued
by the next one, and ends in the same catalogue.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import date
from pathlib import Path

from tqdm import tqdm

from ingest.cards.predicting import predict_cards
from ingest.delivery.deliver import Delivery
from ingest.embedding import embed_missing, missing
from ingest.entities.propose import propose
from ingest.entities.update import update as update_entities
from ingest.lock import refresh_lock
from ingest.net.outside import Clients, Outside
from ingest.placement.reclassify import reclassify
from ingest.placement.triage import PlacementModels, triage_candidates
from ingest.refresh.arxiv import ArxivRefresh
from ingest.refresh.citations import refresh_citations
from ingest.refresh.links import CHOSEN_PORTION, PORTION, refresh_links
from ingest.refresh.lists import refresh_list
from ingest.report import RefreshReport, SourceReport
from ingest.sources.lists.followed import ListSource, load_lists
from ingest.sources.registry import CITATIONS, LINKS, NAMES
from kg.errors import BadRequest
from kg.store.copy import copy_to
from search.embedding.base import Embedder
from search.library import Library
from search.similarity import refresh as similarity

WRITE_WAIT_S = 3600.0
"""Seconds that its writes should wait for another process: the `write_wait_s` of its library."""


def refresh(
    library: Library,
    sources: Sequence[str] = (),
    since: date | None = None,
    dry_run: bool = False,
    progress: bool = False,
    outside: Outside | None = None,
    embedder: Embedder | None = None,
    say: Callable[[str], object] | None = None,
    delivery: Delivery | None = None,
) -> RefreshReport:
    """Bring the atlas up to date with its sources and store the report.

    Parameters
    ----------
    sources : sequence of str
        Only these: names of `registry.NAMES` or of lists; by default all.
    since : date, optional
        Look for new papers from this day on, instead of where the last refresh stopped.
    dry_run : bool
        Ask and report, but store nothing.
    progress : bool
        Show progress bars on standard error.
    outside : Outside, optional
        Clock and network.
    embedder : Embedder, optional
        Used in place of the model that the settings name.
    say : callable, optional
        Takes a line of progress at a step's beginning or end.
    delivery : Delivery, optional
        Where a digest of what came goes at the end; nowhere from a dry run.

    Returns
    -------
    RefreshReport
        What each source gave, or why it failed; the results of the others are stored.

    Raises
    ------
    BadRequest
        If there is no such source, or `since` is in the future.
    Busy
        If another process is refreshing this atlas.
    """
    outside = outside or Outside()
    if since is not None and since > outside.now.date():
        raise BadRequest(f"{since} is in the future", "name a day that has been")
    if dry_run:
        delivery = None
    lock = nullcontext() if dry_run else refresh_lock(library.settings.home)
    with lock, _target(library, dry_run) as target:
        steps = _Refresh(target, sources, since, progress, outside, embedder, say)
        if delivery:
            delivery.begin(library)
        report = steps.run(dry_run)
        if delivery:
            report.sources.append(delivery.deliver(library, outside))
        return report


def check_sources(library: Library, names: Sequence[str]) -> dict[str, ListSource]:
    """Return the lists by name, after checking that every one of `names` is a source.

    Raises
    ------
    BadRequest
        If one is not.
    """
    lists = load_lists(library.taxonomy)
    for name in names:
        if name not in NAMES and name not in lists:
            known = ", ".join((*NAMES, *lists))
            raise BadRequest(f"there is no source {name!r}", f"known: {known}")
    return lists


@contextmanager
def _target(library: Library, dry_run: bool) -> Iterator[Library]:
    """Yield the atlas itself, or for a dry run a temporary copy."""
    if not dry_run:
        yield library
        return
    with tempfile.TemporaryDirectory(prefix="lfm-dry-run-") as folder:
        settings = replace(library.settings, home=Path(folder))
        copy_to(library.catalogue.database, settings.catalogue)
        with Library(settings, library.embedder, clock=library.catalogue.database.now) as copy:
            yield copy


class _Refresh:
    """The steps of one refresh, and what they share."""

    def __init__(
        self,
        library: Library,
        sources: Sequence[str],
        since: date | None,
        progress: bool,
        outside: Outside,
        embedder: Embedder | None,
        say: Callable[[str], object] | None,
    ) -> None:
        self.library, self.catalogue = library, library.catalogue
        self.settings = library.settings
        self.since, self.progress, self.outside = since, progress, outside
        self.lists = check_sources(library, sources)
        self.sources = set(sources)
        self.today = outside.now.date()
        self._models = PlacementModels(library, embedder)
        self._clients = Clients(library.settings, outside)
        self._say = say or (lambda _: None)

    def run(self, dry_run: bool) -> RefreshReport:
        report = RefreshReport(self.outside.now, dry_run=dry_run)
        try:
            for one in self._steps(report):
                if not any(one.unreachable == other.unreachable != "" for other in report.sources):
                    self._say(one.line)
                report.sources.append(one)
                if one.failed or one.requests:
                    self.catalogue.journal.log_fetch(one.source, one.document())
        finally:
            self._clients.close()
        report.predicted = predict_cards(
            self.catalogue, self.library.embedder.model, self.settings.cache
        )
        if report.predicted:
            self._say(f"cards: {report.predicted:,} predicted")
        report.related = update_entities(self.catalogue)
        report.proposed = propose(self.catalogue)
        if report.related or report.proposed:
            line = f"relations of {report.related:,} papers, {report.proposed:,} names proposed"
            self._say(f"entities: {line}")
        report.indexed = self._index()
        report.papers = self.catalogue.size()
        report.finished = self.outside.now
        self.catalogue.journal.log_fetch("refresh", report.document())
        return report

    def _steps(self, report: RefreshReport) -> Iterator[SourceReport]:
        if chosen := [s for s in self.lists.values() if self._wanted("lists", s.name)]:
            http = self._clients.lists()
            for source in tqdm(chosen, "lists", unit="list", disable=not self.progress):
                base, taxonomy = self.settings.lists_url, self.library.taxonomy
                yield refresh_list(self.catalogue, source, http, base, self.today, taxonomy)
        papers = ArxivRefresh(
            self.catalogue,
            self._clients.arxiv("oai"),
            self._clients.arxiv(),
            self.settings,
            self.today,
            self.since,
            self.progress,
        )
        if self._wanted("oai"):
            self._say("oai: harvesting")
            yield papers.harvest()
        if self._wanted("arxiv"):
            self._say("arxiv: looking for titles, new papers and records")
            yield papers.titles()
            yield papers.search(self.library.taxonomy)
            records = SourceReport("arxiv-ids")
            papers.ids(records)
        # Vectors first: the placer is trained on those of the papers that lists placed.
        self.catalogue.vectors.remove_damaged(self.library.embedder.model)
        report.embedded = self._embed()
        if chosen and (changed := reclassify(self.catalogue, self.library.taxonomy, self._models)):
            yield changed
        report.placing = triage_candidates(self.catalogue, self._models, self.today, self.progress)
        report.embedded += report.placing.judged
        if report.placing.judged:
            self._say(f"placing: {report.placing.judged:,} judged")
        if self._wanted("arxiv"):
            papers.ids(records)  # OAI-PMH has no versions of those that were added just now.
            yield records
        report.embedded += self._embed()
        asked = [make(self._clients) for name, make in CITATIONS.items() if self._wanted(name)]
        if asked:
            self._say("citations: asking for references")
            yield from refresh_citations(self.catalogue, asked, self.today, self.progress)
        if self._wanted(LINKS):
            self._say("links: asking whether repositories exist")
            portion = CHOSEN_PORTION if self.sources else PORTION
            heads = self._clients.heads()
            yield refresh_links(self.catalogue, heads, self.today, portion, self.progress)

    # -- parts -----------------------------------------------------------------------------

    def _wanted(self, *names: str) -> bool:
        return not self.sources or not self.sources.isdisjoint(names)

    def _embed(self) -> int:
        if next(missing(self.catalogue, self.library.embedder.model), None) is None:
            return 0
        self._say("embedding: new and changed papers")
        return embed_missing(self.catalogue, self._models.embedder, self.progress)

    def _index(self) -> int:
        """Update the neighbours and the files of indexes, and return the number of vectors."""
        embedder, library = self.library.embedder, self.library
        library.update_indexes()
        similarity.refresh(self.catalogue, embedder.model, embedder.dim, lambda: library.index)
        if note := library.index_note or library.words_note:
            self._say(note)
        return len(library.index)
