"""Merging records of one paper, by identifiers that titles check.

Where a source gives a paper's arXiv id to another title, both papers are kept and the conflict is
recorded.

Entries give the same papers in any order, with one exception: where no metadata show whose a
contested id is, the first title keeps it until they do.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from ingest.links.text import links_of
from ingest.merge.corrections import Correction, Corrections, built_in
from ingest.merge.record_diff import changes_between, updated_record
from ingest.merge.same_paper import disjoint_authors, is_name, same_title
from kg.ids.arxiv_id import arxiv_link, submission_year
from kg.ids.titles import is_distinctive, normalised_title
from kg.links import Link
from kg.records import ListEntry, Paper, PlacedBy, Placement
from kg.store.catalogue import Catalogue
from kg.store.journal import ChangeKind

CORRECTED: Final = "corrections"
"""Source of placements that overrule those of lists."""


@dataclass(frozen=True, slots=True)
class KnownRecords:
    """Authoritative records, in which entries of lists are looked up."""

    by_id: Mapping[str, Paper] = field(default_factory=dict)
    """arXiv id -> paper."""
    by_title: Mapping[str, Paper] = field(default_factory=dict)
    """Normalised title -> paper."""


def paper_id(arxiv_id: str | None, doi: str | None, title: str) -> str:
    """Return the id of a paper with these identifiers."""
    if arxiv_id:
        return arxiv_id
    if doi:
        return f"doi:{doi}"
    digest = hashlib.blake2b((normalised_title(title) or title).encode(), digest_size=6)
    return f"title:{digest.hexdigest()}"


class Merger:
    """Stores entries of lists and authoritative records in a catalogue.

    Parameters
    ----------
    known : KnownRecords
        Records that complete and check the entries.
    corrections : Corrections, optional
        What entries say wrongly; by default what comes with the package.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        known: KnownRecords | None = None,
        corrections: Corrections | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.known = known or KnownRecords()
        self._told: dict[str, dict[str, set[Link]]] = {}
        self._corrections = corrections or built_in()

    def knows(self, record: Paper | ListEntry) -> bool:
        """Return whether the catalogue has the paper of this record, as `put_record` merges them.

        A short title is enough only for an entry that has no identifier. For an authoritative
        record, call `release_arxiv_id` first.
        """
        title_only = isinstance(record, ListEntry) and not (record.arxiv_id or record.doi)
        by_title = title_only or is_distinctive(record.title)
        matches = self._matches(record, record.arxiv_id, record.doi, record.title)
        return any(scheme != "title" or by_title for scheme, _ in matches)

    def is_outdated(self, paper: Paper, seen: bool = False) -> bool:
        """Return whether the catalogue has a later version of a paper than a collection's record.

        Where the collection had a record before (`seen`), one of the same version is outdated, too.
        """
        known = self.catalogue.papers.by("arxiv", paper.arxiv_id) if paper.arxiv_id else None
        if known is None:
            return False
        if known.updated is None or paper.updated is None:
            return seen
        return paper.updated <= known.updated if seen else paper.updated < known.updated

    def put_record(self, paper: Paper) -> str:
        """Store an authoritative record and return ``"added"``, ``"updated"`` or ``"unchanged"``.

        A paper stored under another id (a title, a DOI) gets this record's. A paper that only
        lists name, and that has its arXiv id under another title, loses the id.
        """
        with self.catalogue.writing():
            self.release_arxiv_id(paper)
            old = self._join(paper, paper.arxiv_id, paper.doi, paper.title)
            if old:
                if old.arxiv_id and not paper.arxiv_id:
                    self.catalogue.identifiers.add(
                        self.catalogue.identifiers.key(old.id), "id", paper.id
                    )
                    paper = replace(paper, id=old.id, arxiv_id=old.arxiv_id, url=old.url)
                if old.id != paper.id:
                    self.rename(old.id, paper.id)
                paper = updated_record(old, paper)
            outcome = self.catalogue.papers.put(paper)
            self.put_links(paper.id, links_of(paper))
            for kind, detail in changes_between(old, paper):
                self.catalogue.journal.log_change(paper.id, kind, detail)
            return outcome

    def put_links(self, paper_id: str, told: Mapping[str, Iterable[Link]]) -> None:
        """Make these the links that sources, by their names, tell of a paper."""
        for source, links in told.items():
            named = [replace(link, source=source) for link in links]
            self.catalogue.links.replace(source, {paper_id: named})

    def remove_old_links(self, source: str) -> None:
        """Remove links that a list told of papers once, and not in the entries of this merger."""
        self.catalogue.links.replace(source, self._told.pop(source, {}))

    def without_contested_ids(self, entry: ListEntry, source: str) -> ListEntry:
        """Return an entry without the identifiers that belong to papers of other titles.

        Each of them is recorded as a conflict, under the name of the source.
        """
        with self.catalogue.writing():
            arxiv_id = self._uncontested("arxiv", entry.arxiv_id, entry.title, source)
            doi = self._uncontested("doi", entry.doi, entry.title, source)
        if (arxiv_id, doi) == (entry.arxiv_id, entry.doi):
            return entry
        # A link by which the list names another paper is not this one's.
        return replace(entry, arxiv_id=arxiv_id, doi=doi, url=None)

    def put_entry(
        self, entry: ListEntry, source: str, topic: str | None, listed: bool = True
    ) -> str:
        """Store the entry of a list and return its paper's id.

        After the last entry of a list that was read before, call `remove_old_links`.

        Parameters
        ----------
        source : str
            Name of the list or page.
        topic : str or None
            Id of the topic under which the list has it.
        listed : bool
            False where the source is no list: the entry itself is not stored.
        """
        with self.catalogue.writing():
            entry, correction = self._corrections.of_entry(entry)
            if correction:
                self._release_wrong_ids(correction)
            else:
                entry = self.without_contested_ids(entry, source)
            arxiv_id, doi = entry.arxiv_id, entry.doi
            name = normalised_title(entry.title)
            record = self.known.by_id.get(arxiv_id) if arxiv_id else self.known.by_title.get(name)
            if record:
                arxiv_id, doi = record.arxiv_id, doi or record.doi
            titles = [entry.title, record.title] if record else [entry.title]
            titles += correction.called if correction else ()
            old = self._join(entry, arxiv_id, doi, *titles)
            best = old or record
            if old and record and not old.published:
                best = _filled(record, old)
            paper = paper_of_entry(best, entry, arxiv_id or (old.arxiv_id if old else None))
            if correction and correction.title and not paper.published:
                paper = replace(paper, title=correction.title)
            if old and old.id != paper.id:
                self.rename(old.id, paper.id)
            if self.catalogue.papers.put(paper) == "added":
                self.catalogue.journal.log_change(paper.id, ChangeKind.ADDED, source)
            self.catalogue.identifiers.add(self.catalogue.identifiers.key(paper.id), "title", name)
            if listed:
                self.catalogue.lists.add(paper.id, source, entry.starred)
            if topic:
                self._place(paper.id, topic, source)
            links = [replace(link, source=source) for link in entry.links]
            self.catalogue.links.add(paper.id, links)
            self._told.setdefault(source, {}).setdefault(paper.id, set()).update(links)
            self.put_links(paper.id, links_of(paper))
            return paper.id

    def rename(self, old: str, new: str) -> None:
        """Give a paper another id, and correct what lists say of it under that one."""
        self.catalogue.papers.rename(old, new)
        if self._corrections.of_paper(new):
            key = self.catalogue.identifiers.key(new)
            for placed in self.catalogue.placements.get([key]).get(key, ()):
                if placed.placed_by is PlacedBy.LIST:
                    self._place(new, placed.topic, placed.source)

    def _place(self, paper_id: str, topic: str, source: str) -> None:
        """Place a paper under the topic of a list, or under the right one where that is wrong."""
        placements, correction = self.catalogue.placements, self._corrections.of_paper(paper_id)
        if not correction or topic not in correction.topics:
            placements.add(paper_id, [Placement(topic, PlacedBy.LIST, source)])
            return
        placements.remove(paper_id, PlacedBy.LIST, topic)
        if right := correction.topics[topic]:
            placements.add(paper_id, [Placement(right, PlacedBy.PERSON, CORRECTED)])

    def _uncontested(self, scheme: str, value: str | None, title: str, source: str) -> str | None:
        """Return an entry's identifier, or None where its holder has another title."""
        if not value:
            return None
        record = self.known.by_id.get(value) if scheme == "arxiv" else None
        held = self.catalogue.identifiers.find(scheme, value)
        titles = [record.title] if record else []
        titles += self.catalogue.identifiers.titles(held) if held else []
        if self.catalogue.identifiers.has_conflict(scheme, value, title):
            return None
        # A name need not be in the title: SuperNI is "Super-NaturalInstructions: ...".
        named = record is None and all(map(is_name, titles))
        if named or is_name(title) or any(same_title(known, title) for known in titles):
            return value
        self.catalogue.identifiers.add_conflict(scheme, value, title, source)
        return None

    def release_arxiv_id(self, paper: Paper) -> None:
        """Take the arXiv id of `paper` from another paper, to which lists gave it by mistake."""
        holder = self.catalogue.papers.by("arxiv", paper.arxiv_id) if paper.arxiv_id else None
        if not holder or not paper.arxiv_id:
            return
        titles = self.catalogue.identifiers.titles(holder.id)
        if holder.published or any(same_title(known, paper.title) for known in titles):
            return
        key = self.catalogue.identifiers.key(holder.id)
        for source in self.catalogue.lists.names([key]).get(key, ()):
            self.catalogue.identifiers.add_conflict("arxiv", paper.arxiv_id, holder.title, source)
        own = self._without_arxiv_id(holder)
        # Under its own title there may be the paper that the list meant.
        meant = self.catalogue.identifiers.find("title", normalised_title(own.title))
        if meant and meant != own.id and is_distinctive(own.title):
            self.rename(own.id, meant)
            self.catalogue.journal.log_change(own.id, ChangeKind.JOINED, meant)

    def _release_wrong_ids(self, correction: Correction) -> None:
        """Take from a paper the arXiv ids that lists gave it before they were corrected."""
        for wrong in correction.not_ids:
            holder = self.catalogue.papers.by("arxiv", wrong)
            if holder and normalised_title(holder.title) in correction.titles:
                self._without_arxiv_id(holder)

    def _without_arxiv_id(self, holder: Paper) -> Paper:
        """Take a paper's arXiv id and return it as it is stored then."""
        own = replace(holder, id=paper_id(None, holder.doi, holder.title), arxiv_id=None, url=None)
        self.rename(holder.id, own.id)
        self.catalogue.papers.put(own)
        for scheme in ("arxiv", "id"):
            self.catalogue.identifiers.remove(scheme, holder.arxiv_id or "")
        return own

    def _join(
        self, record: Paper | ListEntry, arxiv_id: str | None, doi: str | None, *titles: str
    ) -> Paper | None:
        """Return the paper that has any of these names; several become one."""
        found = (paper for _, paper in self._matches(record, arxiv_id, doi, *titles))
        same = list({paper.id: paper for paper in found}.values())
        if len(same) < 2:
            return same[0] if same else None
        # The one with the best record stays.
        best = max(same, key=lambda p: (bool(p.published), bool(p.arxiv_id), bool(p.doi)))
        for paper in same:
            if paper.id != best.id:
                self.rename(paper.id, best.id)
                self.catalogue.journal.log_change(paper.id, ChangeKind.JOINED, best.id)
                best = _filled(best, paper)
        self.catalogue.papers.put(best)
        return best

    def _matches(
        self, record: Paper | ListEntry, arxiv_id: str | None, doi: str | None, *titles: str
    ) -> Iterator[tuple[str, Paper]]:
        """Yield the papers that are the record's, each with the scheme by which it was found.

        Papers with another arXiv id are other papers, whatever their titles; so are papers of one
        title whose authors have no name in common, unless a list names them: lists misspell
        names, and a distinctive title is enough there.
        """
        identified = bool(arxiv_id or doi)
        for scheme, value in (
            ("arxiv", arxiv_id),
            ("doi", doi),
            *(("title", normalised_title(title)) for title in titles),
        ):
            if value and (paper := self.catalogue.papers.by(scheme, value)):
                if paper.arxiv_id and arxiv_id and paper.arxiv_id != arxiv_id:
                    continue
                by_list = isinstance(record, ListEntry) or not paper.published
                by_title = scheme == "title" and identified
                authors_count = by_title and not (by_list and is_distinctive(value))
                if authors_count and disjoint_authors(paper.authors, record.authors):
                    continue
                arxiv_id = arxiv_id or paper.arxiv_id
                yield scheme, paper


def _filled(paper: Paper, other: Paper) -> Paper:
    """Return the paper with missing facts filled from another record of it."""
    return replace(
        paper,
        title=_title(paper, other.title),
        arxiv_id=paper.arxiv_id or other.arxiv_id,
        doi=paper.doi or other.doi,
        authors=_authors(paper, other.authors),
        abstract=paper.abstract or other.abstract,
        published=paper.published or other.published,
        updated=paper.updated or other.updated,
        year=paper.year or other.year,
        venue=paper.venue or other.venue,
        url=paper.url or other.url,
        categories=paper.categories or other.categories,
    )


def _title(paper: Paper, other: str) -> str:
    """Return the authoritative title, or else a fuller one, or a title in place of a name."""
    own, new = normalised_title(paper.title), normalised_title(other)
    fuller = len(new) > len(own) and own in new
    named = is_name(paper.title) and is_distinctive(other)
    return other if not paper.published and (fuller or named) else paper.title


def _authors(paper: Paper, other: tuple[str, ...]) -> tuple[str, ...]:
    """Return the authoritative authors, or else the longer list: not "A. Author et al."."""
    if paper.authors and (paper.published or len(paper.authors) >= len(other)):
        return paper.authors
    return other


def paper_of_entry(old: Paper | None, entry: ListEntry, arxiv_id: str | None) -> Paper:
    """Return the paper of an entry: the known one, if any, with missing facts filled."""
    doi = (old.doi if old else None) or entry.doi
    title = _title(old, entry.title) if old else entry.title
    # The id is the hash of the first title: a fuller one must not change it.
    name = paper_id(arxiv_id, doi, title)
    if old and not arxiv_id and not doi:
        name = old.id
    paper = old or Paper(id=name, title=title)
    return replace(
        paper,
        id=name,
        title=title,
        arxiv_id=arxiv_id,
        doi=doi,
        authors=_authors(paper, entry.authors),
        abstract=paper.abstract or entry.abstract,
        year=paper.year or (submission_year(arxiv_id) if arxiv_id else entry.year),
        venue=paper.venue or entry.venue,
        url=arxiv_link(arxiv_id) if arxiv_id else paper.url or entry.url,
    )
