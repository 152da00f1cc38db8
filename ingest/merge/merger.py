"""Merging: one paper for all that the sources say of it, and no silent mistake.

Identifiers join records, titles check them: where a source gives a paper's arXiv id to another
title, both papers are kept and the conflict is recorded.

Entries give the same papers in any order, with one exception: where no metadata say whose a
contested id is, the first title keeps it until they do.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz

from ingest.merge.record_diff import renewed, what_changed
from kg.entities import ListEntry, Paper, PlacedBy, Placement
from kg.ids.arxiv_id import arxiv_link
from kg.ids.titles import normalised_title
from kg.store.catalogue import Catalogue
from kg.store.journal import ChangeKind

SAME_TITLE = 65.0
"""Least similarity (0 to 100) of two titles of one paper.

Of the titles that eighteen lists give to an id of another title, those above are papers that
were renamed between versions, and nearly all below are slips of the list.
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What authoritative metadata say, to look papers up in while lists are read."""

    by_id: Mapping[str, Paper] = field(default_factory=dict)
    """arXiv id -> paper."""
    by_title: Mapping[str, Paper] = field(default_factory=dict)
    """Normalised title -> paper."""


def same_title(a: str, b: str) -> bool:
    """Return whether two titles can be those of one paper.

    Lists shorten titles to the method's name, drop subtitles and misspell; versions reword.

    Examples
    --------
    >>> same_title("LoRA", "LoRA: Low-Rank Adaptation of Large Language Models")
    True
    >>> same_title("Data-Free Distillation", "Masked Autoencoders")
    False
    """
    if ":" in a and ":" in b and _method(a) == _method(b):
        return True
    a, b = normalised_title(a), normalised_title(b)
    short, long = sorted((a, b), key=len)
    if f" {short} " in f" {long} ":
        return True
    return max(fuzz.ratio(a, b), fuzz.token_sort_ratio(a, b), fuzz.token_set_ratio(a, b)) >= (
        SAME_TITLE
    )


def _method(title: str) -> str:
    return normalised_title(title.partition(":")[0])


def is_telling(title: str) -> bool:
    """Return whether two papers of this title must be one: four words, not "Meta-Learning"."""
    return len(normalised_title(title).split()) >= 4


def paper_id(arxiv_id: str | None, doi: str | None, title: str) -> str:
    """Return the id of a paper with these identifiers."""
    if arxiv_id:
        return arxiv_id
    if doi:
        return f"doi:{doi}"
    digest = hashlib.blake2b((normalised_title(title) or title).encode(), digest_size=6)
    return f"title:{digest.hexdigest()}"


def year_of(arxiv_id: str) -> int:
    """Return the year in which a paper got its arXiv id.

    Examples
    --------
    >>> year_of("2203.05482"), year_of("cs/0112017"), year_of("hep-th/9901001")
    (2022, 2001, 1999)
    """
    digits = int(arxiv_id.rpartition("/")[2][:2])
    return 1900 + digits if digits > 90 else 2000 + digits


class Merger:
    """Puts entries and metadata into a catalogue.

    Parameters
    ----------
    catalogue : Catalogue
        Where papers are looked up and stored.
    known : Known
        Metadata that complete and check the entries.
    """

    def __init__(self, catalogue: Catalogue, known: Known | None = None) -> None:
        self.catalogue = catalogue
        self.known = known or Known()

    def knows(self, record: Paper | ListEntry) -> bool:
        """Return whether the catalogue has the paper of this record, by what `metadata` joins.

        A short title is enough only for an entry that has nothing else to tell its paper by. Of an
        authoritative record, `release` comes first.
        """
        bare = isinstance(record, ListEntry) and not (record.arxiv_id or record.doi)
        by_title = bare or is_telling(record.title)
        same = self._same(record, record.arxiv_id, record.doi, record.title)
        return any(scheme != "title" or by_title for scheme, _ in same)

    def is_past(self, paper: Paper, twice: bool = False) -> bool:
        """Return whether the catalogue has a later version of the paper of a record.

        Parameters
        ----------
        paper : Paper
            A record of a collection, which may be older than what the services said.
        twice : bool
            Whether the collection told of the paper before; then the same version is past, too.
        """
        found = self.catalogue.identifiers.find("arxiv", paper.arxiv_id) if paper.arxiv_id else None
        if found is None:
            return False
        known = self.catalogue.papers.get([self.catalogue.identifiers.key(found)])[0].updated
        if known is None or paper.updated is None:
            return twice
        return paper.updated <= known if twice else paper.updated < known

    def metadata(self, paper: Paper) -> str:
        """Store an authoritative record and return ``"added"``, ``"updated"`` or ``"unchanged"``.

        A record found under another id (a title, a DOI) becomes this paper. A paper that only
        lists know, and that has its arXiv id under another title, loses the id.
        """
        with self.catalogue.writing():
            self.release(paper)
            old = self._join(paper, paper.arxiv_id, paper.doi, paper.title)
            if old:
                if old.arxiv_id and not paper.arxiv_id:
                    self.catalogue.identifiers.add(
                        self.catalogue.identifiers.key(old.id), "id", paper.id
                    )
                    paper = replace(paper, id=old.id, arxiv_id=old.arxiv_id, url=old.url)
                if old.id != paper.id:
                    self.catalogue.papers.rename(old.id, paper.id)
                paper = renewed(old, paper)
            outcome = self.catalogue.papers.put(paper)
            for kind, detail in what_changed(old, paper):
                self.catalogue.journal.log_change(paper.id, kind, detail)
            return outcome

    def checked(self, entry: ListEntry, source: str) -> ListEntry:
        """Return an entry without the identifiers that belong to papers of other titles.

        Each that is taken away is recorded as a conflict, under the name of the source.
        """
        with self.catalogue.writing():
            arxiv_id = self._trusted("arxiv", entry.arxiv_id, entry.title, source)
            doi = self._trusted("doi", entry.doi, entry.title, source)
        if (arxiv_id, doi) == (entry.arxiv_id, entry.doi):
            return entry
        # A link by which the list names another paper is not this one's.
        return replace(entry, arxiv_id=arxiv_id, doi=doi, url=None)

    def entry(self, entry: ListEntry, source: str, topic: str | None, listed: bool = True) -> str:
        """Store what a list says of a paper and return the paper's id.

        Parameters
        ----------
        entry : ListEntry
        source : str
            Name of the list or page.
        topic : str or None
            Id of the topic under which the list has it.
        listed : bool
            False where the source is no list: that it names the paper is not kept.
        """
        with self.catalogue.writing():
            entry = self.checked(entry, source)
            arxiv_id, doi = entry.arxiv_id, entry.doi
            name = normalised_title(entry.title)
            record = self.known.by_id.get(arxiv_id) if arxiv_id else self.known.by_title.get(name)
            if record:
                arxiv_id, doi = record.arxiv_id, doi or record.doi
            titles = [entry.title, record.title] if record else [entry.title]
            old = self._join(entry, arxiv_id, doi, *titles)
            best = old or record
            if old and record and not old.published:
                best = _filled(record, old)
            paper = _combine(best, entry, arxiv_id or (old.arxiv_id if old else None))
            if old and old.id != paper.id:
                self.catalogue.papers.rename(old.id, paper.id)
            if self.catalogue.papers.put(paper) == "added":
                self.catalogue.journal.log_change(paper.id, ChangeKind.ADDED, source)
            self.catalogue.identifiers.add(self.catalogue.identifiers.key(paper.id), "title", name)
            if listed:
                self.catalogue.lists.add(paper.id, source, entry.starred)
            if topic:
                self.catalogue.placements.add(paper.id, [Placement(topic, PlacedBy.LIST, source)])
            return paper.id

    def _trusted(self, scheme: str, value: str | None, title: str, source: str) -> str | None:
        """Return an entry's identifier, or None where its holder has another title."""
        if not value:
            return None
        record = self.known.by_id.get(value) if scheme == "arxiv" else None
        held = self.catalogue.identifiers.find(scheme, value)
        titles = [record.title] if record else []
        titles += self.catalogue.identifiers.titles(held) if held else []
        if self.catalogue.identifiers.has_conflict(scheme, value, title):
            return None
        if not titles or any(same_title(known, title) for known in titles):
            return value
        self.catalogue.identifiers.add_conflict(scheme, value, title, source)
        return None

    def release(self, paper: Paper) -> None:
        """Take the arXiv id of `paper` from a paper that lists gave it to by mistake."""
        held = self.catalogue.identifiers.find("arxiv", paper.arxiv_id) if paper.arxiv_id else None
        if not held or not paper.arxiv_id:
            return
        key = self.catalogue.identifiers.key(held)
        holder = self.catalogue.papers.get([key])[0]
        titles = self.catalogue.identifiers.titles(held)
        if holder.published or any(same_title(known, paper.title) for known in titles):
            return
        for source in self.catalogue.lists.names(key):
            self.catalogue.identifiers.add_conflict("arxiv", paper.arxiv_id, holder.title, source)
        own = replace(holder, id=paper_id(None, holder.doi, holder.title), arxiv_id=None, url=None)
        self.catalogue.papers.rename(held, own.id)
        self.catalogue.papers.put(own)
        for scheme in ("arxiv", "id"):
            self.catalogue.identifiers.remove(scheme, paper.arxiv_id)
        # Under its own title there may be the paper that the list meant.
        meant = self.catalogue.identifiers.find("title", normalised_title(own.title))
        if meant and meant != own.id and is_telling(own.title):
            self.catalogue.papers.rename(own.id, meant)
            self.catalogue.journal.log_change(own.id, ChangeKind.JOINED, meant)

    def _join(
        self, record: Paper | ListEntry, arxiv_id: str | None, doi: str | None, *titles: str
    ) -> Paper | None:
        """Return the paper that has any of these names; where several have, they become one."""
        found = (paper for _, paper in self._same(record, arxiv_id, doi, *titles))
        same = list({paper.id: paper for paper in found}.values())
        if len(same) < 2:
            return same[0] if same else None
        # The one with the best record stays.
        best = max(same, key=lambda p: (bool(p.published), bool(p.arxiv_id), bool(p.doi)))
        for paper in same:
            if paper.id != best.id:
                self.catalogue.papers.rename(paper.id, best.id)
                self.catalogue.journal.log_change(paper.id, ChangeKind.JOINED, best.id)
                best = _filled(best, paper)
        self.catalogue.papers.put(best)
        return best

    def _same(
        self, record: Paper | ListEntry, arxiv_id: str | None, doi: str | None, *titles: str
    ) -> Iterator[tuple[str, Paper]]:
        """Yield the papers that are the record's, each with the scheme of the name it was found by.

        Papers with another arXiv id are other papers, whatever their titles; so are papers of one
        title whose authors have no name in common, unless a list names them: lists are careless
        with names, and a title of some length is enough there.
        """
        careful = bool(arxiv_id or doi)
        for scheme, value in (
            ("arxiv", arxiv_id),
            ("doi", doi),
            *(("title", normalised_title(title)) for title in titles),
        ):
            if value and (found := self.catalogue.identifiers.find(scheme, value)):
                paper = self.catalogue.papers.get([self.catalogue.identifiers.key(found)])[0]
                if paper.arxiv_id and arxiv_id and paper.arxiv_id != arxiv_id:
                    continue
                if scheme == "title" and careful and strangers(paper.authors, record.authors):
                    by_list = isinstance(record, ListEntry) or not paper.published
                    if not (by_list and is_telling(value)):
                        continue
                arxiv_id = arxiv_id or paper.arxiv_id
                yield scheme, paper


def paper_of(entry: ListEntry) -> Paper:
    """Return the paper of an entry of which nothing else is known."""
    return _combine(None, entry, entry.arxiv_id)


def strangers(some: Sequence[str], others: Sequence[str]) -> bool:
    """Return whether two lists of authors are both known and share no name.

    Lists abbreviate and reorder names, so one common word of three letters is enough.

    Examples
    --------
    >>> strangers(["Ada B. Lovelace"], ["Lovelace, A.", "C. Babbage"])
    False
    >>> strangers(["Ada Lovelace"], ["Charles Babbage"])
    True
    >>> strangers(["Ada Lovelace"], [])
    False
    """
    a, b = _names(some), _names(others)
    return bool(a and b and a.isdisjoint(b))


def _names(authors: Sequence[str]) -> set[str]:
    return {word for name in authors for word in normalised_title(name).split() if len(word) > 2}


def _filled(paper: Paper, other: Paper) -> Paper:
    """Return the paper with the facts of another record of it where it had none."""
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
    """Return the better title: metadata's stands, a list's short name gives way to a fuller one."""
    own, new = normalised_title(paper.title), normalised_title(other)
    return other if not paper.published and len(new) > len(own) and own in new else paper.title


def _authors(paper: Paper, other: tuple[str, ...]) -> tuple[str, ...]:
    """Return the better authors: metadata's stand, "A. Author et al." gives way to all names."""
    if paper.authors and (paper.published or len(paper.authors) >= len(other)):
        return paper.authors
    return other


def _combine(old: Paper | None, entry: ListEntry, arxiv_id: str | None) -> Paper:
    """Return the paper with the entry's facts where it had none."""
    doi = (old.doi if old else None) or entry.doi
    title = _title(old, entry.title) if old else entry.title
    # A title's hash must not change when a fuller title is learnt: the id is the first one's.
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
        year=paper.year or (year_of(arxiv_id) if arxiv_id else entry.year),
        venue=paper.venue or entry.venue,
        url=arxiv_link(arxiv_id) if arxiv_id else paper.url or entry.url,
    )
