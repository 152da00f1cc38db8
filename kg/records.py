"""The records that the packages hand to each other."""

from datetime import date
from enum import StrEnum

from kg.ids.arxiv_id import submission_month
from kg.links import Link
from kg.text.partial_date import PartialDate
from kg.values import dataclass


class PlacedBy(StrEnum):
    """Who put a paper under a topic; a model never overrules a list or a person."""

    LIST = "list"
    MODEL = "model"
    PERSON = "person"


def embedded_text(title: str, abstract: str | None) -> str:
    """Return the text of a paper that is embedded: its title and abstract.

    Examples
    --------
    >>> embedded_text("Is merging enough?", "We ask.")
    'Is merging enough? We ask.'
    """
    if not abstract:
        return title
    return f"{title} {abstract}" if title.endswith((".", "?", "!")) else f"{title}. {abstract}"


@dataclass(frozen=True, slots=True)
class Placement:
    """One paper under one topic."""

    topic: str
    """Id (path) of the topic."""
    placed_by: PlacedBy
    """Who placed it."""
    source: str
    """Name of the list, model or person."""
    confidence: float = 1.0
    """Probability that the placement is right, 0 to 1; a list's is 1."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper: all its versions and names joined."""

    id: str
    """arXiv id without version, else ``doi:`` and the DOI, else ``title:`` and a short hash."""
    title: str
    """Title as its best source writes it."""
    authors: tuple[str, ...] = ()
    """Full names in the paper's order; empty where unknown."""
    abstract: str | None = None
    """Abstract, or None where no source gave it."""
    published: date | None = None
    """Date of version 1."""
    updated: date | None = None
    """Date of the newest version known."""
    year: int | None = None
    """Year of publication; that of `published` where it is known."""
    venue: str | None = None
    """Conference or journal, as a list or page names it."""
    arxiv_id: str | None = None
    """arXiv id without version."""
    doi: str | None = None
    """DOI, lower-case, without resolver."""
    url: str | None = None
    """Best link to the paper: the arXiv abstract page where there is one."""
    categories: tuple[str, ...] = ()
    """arXiv categories, primary first."""
    comment: str | None = None
    """The authors' comment on arXiv."""
    journal_ref: str | None = None
    """Journal reference on arXiv."""
    withdrawn: bool = False
    """True where the authors withdrew it."""
    version: int | None = None
    """Number of the newest arXiv version known."""

    @property
    def appeared(self) -> PartialDate | None:
        """When it appeared, as far as that is known; the catalogue's column `appeared` is the same.

        The day of version 1; else the year on record, with the month of the arXiv id where that is
        of the same year (a list may name the year of the conference).

        Examples
        --------
        >>> str(Paper("2203.05482", "Model soups", arxiv_id="2203.05482", year=2022).appeared)
        '2022-03'
        """
        if self.published:
            return PartialDate(self.published.year, self.published.month, self.published.day)
        month = submission_month(self.arxiv_id) if self.arxiv_id else None
        if month and month.year == self.year:
            return month
        return PartialDate(self.year) if self.year else None

    @property
    def text(self) -> str:
        """The text that is embedded: title and abstract, as in the model's training data."""
        return embedded_text(self.title, self.abstract)


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One paper as an awesome list or publication page names it."""

    title: str
    """Title, without markup, quotes, numbering or trailing venue."""
    url: str | None = None
    """Link to the paper itself rather than to code, slides or a project page."""
    arxiv_id: str | None = None
    """arXiv id without version."""
    doi: str | None = None
    """DOI, lower-case."""
    headings: tuple[str, ...] = ()
    """Headings above the entry, outermost first."""
    year: int | None = None
    """Year, where the entry has one."""
    venue: str | None = None
    """Conference or journal, where the entry has one."""
    authors: tuple[str, ...] = ()
    """Authors, where the entry has them."""
    starred: bool = False
    """True where the list marks the entry (a star emoji or the like)."""
    abstract: str | None = None
    """Abstract, where the source is a page that has it."""
    links: tuple[Link, ...] = ()
    """Links beside that to the paper: code, data, project page, ..."""
    line: int | None = None
    """Line of the source on which the entry starts, 1-based."""


@dataclass(frozen=True, slots=True)
class Citation:
    """One paper citing another."""

    citing: str
    """Id of the citing paper."""
    cited: str
    """Id of the cited paper."""
    source: str
    """Name of the source: ``semantic-scholar``, ``openalex``, ..."""


class Field(StrEnum):
    """Part of a paper that a term applies to."""

    ANY = "any"
    """Title, abstract, authors and card."""
    TITLE = "title"
    ABSTRACT = "abstract"
    AUTHOR = "author"
    CATEGORY = "category"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Term:
    """Words that a paper must have, or must not have."""

    words: str
    """Words in this order; an author's in any order; a category, ``cs.LG`` or ``cs``; a date, or
    two with ``..`` between them."""
    field: Field = Field.ANY
    exact: bool = False
    """True for these forms of the words only, case, accents and punctuation aside; else all words
    of the same stems match."""
    excluded: bool = False
    """True to exclude the papers that match."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions on papers; by default all pass that are not withdrawn."""

    topic: str | None = None
    """Id of a topic; its descendants count."""
    categories: tuple[str, ...] = ()
    """arXiv categories, such as ``cs.LG``: a paper in any of them passes; none means all."""
    author: str | None = None
    """Words of an author's name, in any order and case, accents aside; what stands before a comma
    ends the name, and an initial behind it stands for a word: ``Tao,``, ``Tao, D.``"""
    since: PartialDate | None = None
    """First year, month or day; a number is a year."""
    until: PartialDate | None = None
    """Last year, month or day."""
    withdrawn: bool = False
    """True to include withdrawn papers."""
    terms: tuple[Term, ...] = ()
    """Further conditions, all of which must hold."""
    kind: str | None = None
    """What the paper mainly is by its card: one of `kg.cards.card.Kind`."""
    data: str | None = None
    """What a user must bring, by its card: one of `kg.cards.card.Data`."""
    access: str | None = None
    """Access to the model, by its card: one of `kg.cards.card.Access`."""
    training: str | None = None
    """Optimisation at each application, by its card: one of `kg.cards.card.Training`."""
    modality: str | None = None
    """What experiments take as input, by its card: one of `kg.cards.card.Modality`."""
    code: bool = False
    """True for papers with a link to code only."""
    cited: int | None = None
    """The fewest citations that a service counts over all papers (`kg.store.reports`)."""
    about: str | None = None
    """Id of a method, benchmark or model that a paper relates to in any way
    (`kg.entities.entity.Relation`)."""
    venue: str | None = None
    """Words of a venue's name in this order, an acronym or the full name, or of several:
    ``ICLR``, ``EMNLP Findings``, ``ICLR or ICML``."""
    among: tuple[int, ...] | None = None
    """Keys of the only papers that may pass."""
    excluded: tuple["Filters", ...] = ()
    """What passes any of these does not pass; a paper of which that is unknown does."""

    def __post_init__(self) -> None:
        for name in ("since", "until"):
            value = getattr(self, name)
            if isinstance(value, int):
                object.__setattr__(self, name, PartialDate(value))
