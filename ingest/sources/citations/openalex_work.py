"""A paper from a record of OpenAlex."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import Any, Final

from kg.ids.arxiv_id import arxiv_link
from kg.ids.doi import doi_link
from kg.records import Paper
from kg.text.latex.plain import decoded

FIELDS: Final = (
    *("title", "authorships", "publication_year", "publication_date"),
    *("primary_location", "abstract_inverted_index"),
)
"""Fields that are asked for."""

_MAX_ABSTRACT_WORDS: Final = 20_000
"""Words of an abstract that are read."""


def paper(work: Mapping[str, Any], doi: str, arxiv_id: str | None = None) -> Paper | None:
    """Return the paper that a record describes, or None where it has no title.

    Parameters
    ----------
    work : mapping
        With the fields of `FIELDS`; what is not as it should be is passed over.
    doi : str
        Lower-case, without resolver.

    Examples
    --------
    >>> found = paper({"title": "On Ants", "publication_year": 2020}, "10.1000/x")
    >>> found.id, found.title, found.url
    ('doi:10.1000/x', 'On Ants', 'https://doi.org/10.1000/x')
    """
    title = work.get("title")
    if not isinstance(title, str) or not title.strip():
        return None
    year, day = work.get("publication_year"), None
    with suppress(TypeError, ValueError):
        day = date.fromisoformat(work["publication_date"]) if "publication_date" in work else None
    return Paper(
        id=arxiv_id or f"doi:{doi}",
        title=" ".join(decoded(title).split()),
        authors=tuple(_authors(work)),
        abstract=_abstract(work.get("abstract_inverted_index")),
        published=day,
        year=day.year if day else year if isinstance(year, int) and 0 < year < 10_000 else None,
        venue=venue(work.get("primary_location")),
        arxiv_id=arxiv_id,
        doi=doi,
        url=arxiv_link(arxiv_id) if arxiv_id else doi_link(doi),
    )


def _authors(work: Mapping[str, Any]) -> Iterator[str]:
    listed = work.get("authorships")
    for one in listed if isinstance(listed, list) else []:
        author = one.get("author") if isinstance(one, dict) else None
        name = author.get("display_name") if isinstance(author, dict) else None
        if isinstance(name, str) and name.strip():
            yield " ".join(name.split())


def venue(location: object) -> str | None:
    """Return the name of the source of a location, or None where it is arXiv or unknown."""
    source = location.get("source") if isinstance(location, dict) else None
    name = source.get("display_name") if isinstance(source, dict) else None
    return name if isinstance(name, str) and not name.lower().startswith("arxiv") else None


def _abstract(places: object) -> str | None:
    """Return the words of an inverted index in their order."""
    words: dict[int, str] = {}
    for word, at in places.items() if isinstance(places, dict) else ():
        for place in at if isinstance(at, list) else ():
            if isinstance(place, int) and len(words) < _MAX_ABSTRACT_WORDS:
                words[place] = str(word)
    return " ".join(words[place] for place in sorted(words)) or None
