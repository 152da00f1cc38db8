"""CSL-JSON, the data of citation processors: an array or single items, on one line or on many.

What `kg.export.csl` writes is read, and so are the items that Crossref and Zotero answer with.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from ingest.sources.bibliography.reference import (
    BibEntry,
    Bibliography,
    BrokenEntry,
    LineNumbers,
    decoded_title,
    whole_title,
)

KIND = "CSL-JSON"

Item = dict[str, Any]

_NAMED = re.compile(r'"(?:title|DOI|URL|arxiv_id|archive_location)"\s*:')
_BETWEEN = re.compile(r"[\s,\[\]\ufeff]*")
_WRAPPERS = ("message", "items", "references", "data")
"""Names under which services hand out items."""

_PLACES = (
    *("arxiv_id", "DOI", "URL", "archive_location", "number", "note", "extra"),
    *("container-title", "id"),
)
_VENUES = ("container-title", "publicationTitle", "proceedingsTitle", "event-title")


def looks_like_csl(text: str) -> bool:
    """Return whether a text is JSON with titles or identifiers in it.

    >>> looks_like_csl('[{"id": "a", "title": "Model soups"}]')
    True
    """
    return text.lstrip("\ufeff \t\r\n")[:1] in ("[", "{") and bool(_NAMED.search(text))


def count(text: str) -> int:
    """Return how many items a text has at most, without parsing it."""
    return max(text.count('"title"'), text.count('"DOI"'))


def parse(text: str) -> Bibliography:
    """Parse a CSL-JSON file; of one that is cut off, what comes before the cut.

    Examples
    --------
    >>> found = parse('{"title": "Model soups", "URL": "https://arxiv.org/abs/2203.05482"}')
    >>> found.references[0].entry.arxiv_id
    '2203.05482'
    """
    lines = LineNumbers(text)
    references: list[BibEntry] = []
    broken: list[BrokenEntry] = []
    at = _past(text, 0)
    while at < len(text):
        line = lines.at(at)
        try:
            value, end = json.JSONDecoder().raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            wrong = lines.at(error.pos) if isinstance(error, json.JSONDecodeError) else line
            broken.append(
                BrokenEntry(" ".join(text[at : at + 200].split())[:80], "not JSON", wrong)
            )
            break
        references += [_reference(item, line) for item in _items(value)]
        at = _past(text, end)
    return Bibliography.of(KIND, references, broken, text)


def _past(text: str, at: int) -> int:
    """Return where the next value begins; the items of an array are values like others."""
    found = _BETWEEN.match(text, at)
    return found.end() if found else at


def _items(value: object) -> Iterator[Item]:
    """Yield the items of a value, which a service may have wrapped."""
    if not isinstance(value, dict):
        yield from ({} for _ in range(value is not None))
        return
    inner = next((value[name] for name in _WRAPPERS if isinstance(value.get(name), list)), None)
    if isinstance(message := value.get("message"), dict):
        yield from _items(message)
    elif inner is not None and "title" not in value:
        yield from (one if isinstance(one, dict) else {} for one in inner)
    else:
        yield value


def _reference(item: Item, line: int) -> BibEntry:
    def text(name: str) -> str:
        return _text(item.get(name))

    return BibEntry.of(
        name=text("id") or text("citation-key") or text("key") or f"item in line {line}",
        title=decoded_title(whole_title(text("title"), text("subtitle"))),
        authors=_authors(item),
        places=[text(name) for name in _PLACES],
        dois=[text("DOI"), text("URL"), text("url")],
        date=json.dumps(item.get("issued") or item.get("date") or item.get("year") or ""),
        venue=decoded_title(next(filter(None, map(text, _VENUES)), "")),
        abstract=text("abstract") or text("abstractNote"),
        line=line,
    )


def _text(value: object) -> str:
    """Return a value on one line; Crossref puts each text into a list."""
    if isinstance(value, list):
        value = value[0] if value else ""
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""


def _authors(item: Item) -> Iterator[str]:
    listed = item.get("author") or item.get("creators") or item.get("authors")
    for one in listed if isinstance(listed, list) else [listed]:
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict) and one.get("creatorType", "author") == "author":
            whole = _text(one.get("literal")) or _text(one.get("name"))
            parts = (_text(one.get(name)) for name in _PARTS)
            yield whole or " ".join(filter(None, parts))


_PARTS = (
    *("given", "firstName", "dropping-particle", "non-dropping-particle"),
    *("family", "lastName", "suffix"),
)
