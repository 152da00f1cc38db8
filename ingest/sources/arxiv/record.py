"""A paper from the fields of an arXiv record, the same whichever way the record came.

The metadata snapshot, the API and OAI-PMH give the same facts with other line breaks and accents.
All end here, so that a paper's text, and with it its vector, does not depend on the way.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from reprlib import repr as brief
from typing import Final

from ingest.sources.arxiv.withdrawal import is_withdrawn
from ingest.sources.words import ET_AL, MONTHS
from kg.ids.arxiv_id import arxiv_link, parse_arxiv_id, submission_year
from kg.ids.doi import parse_doi
from kg.records import Paper
from kg.text.latex.letters import letters
from kg.text.latex.plain import decoded, decoded_name

_RFC_DATE: Final = re.compile(
    rf"(?:[A-Z][a-z]{{2}}, *)?(\d{{1,2}}) ({'|'.join(MONTHS)}) (\d{{4}})\b"
)
_VERSION: Final = re.compile(r"\dv(\d{1,4})$")
_PARAGRAPH: Final = re.compile(r"\n(?:[ \t]{2,}|\s*\n)")
_CATEGORY: Final = re.compile(r"[a-z][a-z-]*(?:\.[A-Za-z][A-Za-z-]*)?")
_PARENTHESES: Final = re.compile(r"\([^()]*\)")
_BETWEEN: Final = re.compile(
    r"\s*[,;](?!\s*(?:Jr|Sr|II|III|IV)\b)\s*(?:and\s+)?|:\s+|\s+(?:and|&)\s+"
)
_TEX_SPACE: Final = re.compile(r"(?<!\\)~|\\[ ,]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def paper(
    fields: Mapping[str, str],
    authors: Iterable[str],
    *,
    published: date | None,
    updated: date | None,
    year: int | None = None,
    version: int | None = None,
    withdrawn: bool = False,
) -> Paper:
    """Return the paper of a record, its texts without LaTeX's letters and line breaks.

    Parameters
    ----------
    fields : mapping of str to str
        ``id`` (or a link that holds it), ``title``, ``abstract``, ``categories``, ``comments``,
        ``journal-ref`` and ``doi``, as in arXiv's metadata; what is missing is empty.
    authors : iterable of str
        One name each; see `author_names` for a text with all of them.
    published, updated : date or None
        Days of the first and of this version.
    year : int, optional
        Used where `published` is not known; by default that of the id.
    version : int, optional
        Number of this version.
    withdrawn : bool
        True where the source marks it so; else the comment and the abstract decide.

    Raises
    ------
    ValueError
        If the id is no arXiv id, or there is no title.

    Examples
    --------
    >>> about = {"id": "2001.00001v2", "title": "On  Ants", "comments": "withdrawn"}
    >>> found = paper(about, ["Ada Author"], published=None, updated=None, version=2)
    >>> found.id, found.title, found.version, found.withdrawn
    ('2001.00001', 'On Ants', 2, True)
    """
    texts = defaultdict(str, fields)
    arxiv_id = parse_arxiv_id(texts["id"])
    if arxiv_id is None:
        raise ValueError(f"{brief(texts['id'])} is no arXiv id")
    # A full stop after a title is some index's habit, not the authors'; an ellipsis is theirs.
    title = re.sub(r"(?<=[^.])\.$", "", decoded(_one_line(texts["title"])))
    if not title:
        raise ValueError("the paper has no title")
    # Any other newline than a paragraph's is the width of a terminal.
    paragraphs = filter(None, map(_one_line, _PARAGRAPH.split(texts["abstract"])))
    abstract, comment = "\n\n".join(paragraphs), _one_line(texts["comments"])
    return Paper(
        id=arxiv_id,
        title=title,
        authors=tuple(filter(None, map(_name, authors))),
        abstract=abstract or None,
        published=published,
        updated=updated,
        year=published.year if published else year or submission_year(arxiv_id),
        arxiv_id=arxiv_id,
        doi=parse_doi(texts["doi"]),
        url=arxiv_link(arxiv_id),
        categories=_categories(texts["categories"]),
        comment=comment or None,
        journal_ref=_one_line(texts["journal-ref"]) or None,
        version=version,
        withdrawn=withdrawn or is_withdrawn(comment, abstract),
    )


def _categories(text: str) -> tuple[str, ...]:
    """Return the categories in a text; the API adds classes of the ACM and the MSC to them."""
    names = dict.fromkeys(text.replace(",", " ").split())
    return tuple(name for name in names if _CATEGORY.fullmatch(name))


def author_names(text: str) -> Iterator[str]:
    """Yield the names in a text, without affiliations in parentheses and "et al.".

    Examples
    --------
    >>> list(author_names("Ada Author (Dept. (of Ants)), B. Bee, Jr. and C. Cat et al."))
    ['Ada Author', 'B. Bee, Jr.', 'C. Cat']
    """
    text = _TEX_SPACE.sub(" ", letters(text))
    # Affiliations may name departments in parentheses of their own.
    for _ in range(3):
        text = _PARENTHESES.sub(" ", text)
    yield from _BETWEEN.split(ET_AL.sub("", text.partition("(")[0]))


def day_of(text: str) -> date | None:
    """Return the day that a text begins with, in RFC 5322's or ISO's form; None of an empty text.

    Raises
    ------
    ValueError
        If it begins with none.

    Examples
    --------
    >>> day_of("Mon, 2 Apr 2007 19:18:42 GMT"), day_of("2008-01-13")
    (datetime.date(2007, 4, 2), datetime.date(2008, 1, 13))
    """
    if found := _RFC_DATE.match(text):
        return date(int(found[3]), MONTHS.index(found[2]) + 1, int(found[1]))
    return date.fromisoformat(text[:10]) if text else None


def first_and_last_day(texts: Iterable[str]) -> tuple[date | None, date | None]:
    """Return the days of the first and of the newest version from the dates of all."""
    days = sorted(filter(None, map(day_of, texts)))
    return (days[0], days[-1]) if days else (None, None)


def version_of(identifier: str) -> int | None:
    """Return the version that an id or a link ends with.

    Examples
    --------
    >>> version_of("http://arxiv.org/abs/hep-th/9901001v12")
    12
    """
    match = _VERSION.search(identifier.strip())
    return int(match[1]) if match else None


def _one_line(text: str) -> str:
    text = " ".join(letters(text).split())
    return text if text.isprintable() else _CONTROL.sub("", text).strip()


def _name(text: str) -> str:
    if " al" in text:
        text = ET_AL.sub("", text)
    text = decoded_name(_one_line(text))
    return _TEX_SPACE.sub(" ", text).strip() if "~" in text or "\\" in text else text
