"""What arXiv's API answers: Atom feeds, each a page of entries, read strictly and once.

Each entry becomes a record of the `arxiv` package, and the record a paper. The package's own reader
is not used: it takes what it can of a broken feed and says nothing of the rest.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ingest.net.http import BadResponse
from ingest.sources import strict_xml
from ingest.sources.arxiv import record
from ingest.sources.strict_xml import Element
from kg.errors import SourceError
from kg.ids.arxiv_id import parse_arxiv_id
from kg.records import Paper

if TYPE_CHECKING:
    from arxiv import Result

ATOM: Final = "http://www.w3.org/2005/Atom"
_NAMES: Final = {
    "atom": ATOM,
    "arxiv": "http://arxiv.org/schemas/atom",
    "search": "http://a9.com/-/spec/opensearch/1.1/",
}


@dataclass(frozen=True, slots=True)
class AtomPage:
    """One page of the answer to a search."""

    total: int
    """How many papers the whole answer has, over all pages."""
    papers: tuple[Paper, ...]
    """In the feed's order."""
    flaws: tuple[str, ...] = ()
    """What is wrong with each entry that is no paper."""
    lacking: int = 0
    """How many entries fewer it has than it promises."""
    removed: int = 0
    """Characters that were taken out, since XML forbids them."""

    @property
    def flaw(self) -> str:
        """What is wrong with the page; empty where nothing is."""
        if self.flaws or not self.lacking:
            return next(iter(self.flaws), "")
        found = len(self.papers)
        return f"{found} entries where {found + self.lacking} were promised"


def parse(body: bytes, start: int | None = None, size: int | None = None) -> AtomPage:
    """Return the page that a feed is.

    Parameters
    ----------
    start : int, optional
        Number of the first entry that was asked for, from 0; by default what the feed says.
    size : int, optional
        Most entries that were asked for; by default what the feed says.

    Raises
    ------
    BadResponse
        If the feed is broken, or is another page.
    SourceError
        With status 400, where arXiv says that an id is none: asking again does not mend it.
    """
    document = strict_xml.read(body, "feed", [ATOM])
    root = document.root
    entries = root.findall("atom:entry", _NAMES)
    for entry in entries:
        _refuse_error(entry)
    total, first = _number(root, "totalResults"), _number(root, "startIndex")
    if start not in (None, first):
        raise BadResponse(f"another page than the one from {start}")
    if size is None:
        size = _number(root, "itemsPerPage")
    papers, flaws = [], []
    for entry in entries:
        try:
            papers.append(paper(_result(entry)))
        except ValueError as error:
            flaws.append(str(error))
    lacking = max(0, min(size, total - first) - len(entries))
    return AtomPage(total, tuple(papers), tuple(flaws), lacking, document.removed)


def paper(result: "Result") -> Paper:
    """Return the paper of a record of the `arxiv` package.

    Raises
    ------
    ValueError
        If it has no id or no title.
    """
    texts = {
        "id": result.entry_id,
        "title": result.title,
        "abstract": result.summary,
        "categories": " ".join((result.primary_category, *result.categories)),
        "comments": result.comment or "",
        "journal-ref": result.journal_ref or "",
        "doi": result.doi or "",
    }
    try:
        return record.paper(
            texts,
            (author.name for author in result.authors),
            published=result.published.date(),
            updated=result.updated.date(),
            version=record.version_of(result.entry_id),
        )
    except ValueError as error:
        raise ValueError(f"{result.entry_id}: {error}") from error


def _result(entry: Element) -> "Result":
    """Return the record of an entry; raise ValueError if it lacks what each paper has."""
    from arxiv import Result  # Takes longer to import than all else.

    def text(name: str) -> str:
        return str(entry.findtext(name, "", _NAMES))

    link, title = text("atom:id"), text("atom:title")
    found = parse_arxiv_id(link.strip())
    if found is None:
        raise ValueError(f"an entry whose id is {link.strip()[:100]!r}")
    if not title.strip():
        raise ValueError(f"{found} without a title")
    moments = {name: strict_xml.utc_time(text(f"atom:{name}")) for name in ("published", "updated")}
    for name, moment in moments.items():
        if moment is None:
            raise ValueError(f"{found} without a date ({name})")
    primary = entry.find("arxiv:primary_category", _NAMES)
    authors = entry.iterfind("atom:author", _NAMES)
    return Result(
        entry_id=link,
        title=" ".join(title.split()),
        authors=[Result.Author(author.findtext("atom:name", "", _NAMES)) for author in authors],
        summary=text("atom:summary"),
        comment=text("arxiv:comment"),
        journal_ref=text("arxiv:journal_ref"),
        doi=text("arxiv:doi"),
        primary_category="" if primary is None else primary.get("term", ""),
        categories=[one.get("term", "") for one in entry.iterfind("atom:category", _NAMES)],
        **moments,
    )


def _refuse_error(entry: Element) -> None:
    """Raise if an entry is arXiv's way to report an error."""
    if "/api/errors" not in entry.findtext("atom:id", "", _NAMES):
        return
    reason = " ".join(entry.findtext("atom:summary", "", _NAMES).split()) or "no reason"
    if "incorrect id format" in reason:
        raise SourceError("arxiv", reason, 400)
    raise BadResponse(f"an error ({reason})")


def _number(root: Element, name: str) -> int:
    text = root.findtext(f"search:{name}", "", _NAMES).strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadResponse(f"a feed without {name}")
    return int(text)
