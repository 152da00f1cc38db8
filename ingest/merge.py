"""Merging: one paper for all that the sources say of it, and no silent mistake.

Identifiers join records, titles check them: where a source gives a paper's arXiv id to another
title, both papers are kept and the conflict is recorded.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz

from kg.catalogue import Catalogue
from kg.entities import ListEntry, Paper, PlacedBy, Placement
from kg.identifiers import normalised_title

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


def paper_id(arxiv_id: str | None, doi: str | None, title: str) -> str:
    """Return the id of a paper with these identifiers."""
    if arxiv_id:
        return arxiv_id
    if doi:
        return f"doi:{doi}"
    digest = hashlib.blake2b(normalised_title(title).encode(), digest_size=6)
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

    def metadata(self, paper: Paper) -> str:
        """Store an authoritative record and return ``"added"``, ``"updated"`` or ``"unchanged"``.

        A record found under another id (a title, a DOI) becomes this paper.
        """
        with self.catalogue.writing():
            old = self._find(paper.arxiv_id, paper.doi, paper.title)
            if old and old.id != paper.id:
                if old.arxiv_id and old.arxiv_id != paper.arxiv_id:
                    old = None  # Another paper of the same title.
                else:
                    self._rename(old.id, paper.id)
                    old = replace(old, id=paper.id)
            if old:
                paper = replace(paper, venue=paper.venue or old.venue, doi=paper.doi or old.doi)
            return self.catalogue.put(paper)

    def entry(self, entry: ListEntry, source: str, topic: str | None) -> str:
        """Store what a list says of a paper and return the paper's id.

        Parameters
        ----------
        entry : ListEntry
        source : str
            Name of the list or page.
        topic : str or None
            Id of the topic under which the list has it.
        """
        with self.catalogue.writing():
            arxiv_id = self._trusted_id(entry, source)
            record = self.known.by_id.get(arxiv_id or "") or self.known.by_title.get(
                normalised_title(entry.title)
            )
            if record and not arxiv_id:
                arxiv_id = record.arxiv_id
            old = self._find(arxiv_id, entry.doi, entry.title)
            if old and arxiv_id and old.arxiv_id not in (None, arxiv_id):
                old = self._find(arxiv_id, None, "")
            paper = _combine(old or record, entry, arxiv_id)
            if old and old.id != paper.id:
                self._rename(old.id, paper.id)
            self.catalogue.put(paper)
            self.catalogue.name(
                self.catalogue.key(paper.id), "title", normalised_title(entry.title)
            )
            self.catalogue.list_entry(paper.id, source, entry.starred)
            if topic:
                self.catalogue.place(paper.id, [Placement(topic, PlacedBy.LIST, source)])
            return paper.id

    def _trusted_id(self, entry: ListEntry, source: str) -> str | None:
        """Return the entry's arXiv id, or None where its holder has another title."""
        if not entry.arxiv_id:
            return None
        holder = self.known.by_id.get(entry.arxiv_id) or self._find(entry.arxiv_id, None, "")
        if holder is None or same_title(holder.title, entry.title):
            return entry.arxiv_id
        names = self.catalogue.titles(holder.id)
        if any(same_title(name, entry.title) for name in names):
            return entry.arxiv_id
        self.catalogue.conflict("arxiv", entry.arxiv_id, entry.title, source)
        return None

    def _find(self, arxiv_id: str | None, doi: str | None, title: str) -> Paper | None:
        for scheme, value in (
            ("arxiv", arxiv_id),
            ("doi", doi),
            ("title", normalised_title(title)),
        ):
            if value and (found := self.catalogue.find(scheme, value)):
                return self.catalogue.papers([self.catalogue.key(found)])[0]
        return None

    def _rename(self, old: str, new: str) -> None:
        self.catalogue.rename(old, new)


def _combine(old: Paper | None, entry: ListEntry, arxiv_id: str | None) -> Paper:
    """Return the paper with the entry's facts where it had none."""
    doi = (old.doi if old else None) or entry.doi
    title = entry.title
    if old:
        # Metadata's title stands; a list's short name gives way to a fuller title.
        fuller = len(normalised_title(title)) > len(normalised_title(old.title))
        inside = normalised_title(old.title) in normalised_title(title)
        if old.published or not (fuller and inside):
            title = old.title
    # A title's hash must not change when a fuller title is learnt: the id is the first one's.
    name = paper_id(arxiv_id, doi, old.title if old else title)
    if old and not arxiv_id and not doi:
        name = old.id
    paper = old or Paper(id=name, title=title)
    return replace(
        paper,
        id=name,
        title=title,
        arxiv_id=arxiv_id,
        doi=doi,
        authors=paper.authors or entry.authors,
        abstract=paper.abstract or entry.abstract,
        year=paper.year or (year_of(arxiv_id) if arxiv_id else entry.year),
        venue=paper.venue or entry.venue,
        url=f"https://arxiv.org/abs/{arxiv_id}" if arxiv_id else paper.url or entry.url,
    )
