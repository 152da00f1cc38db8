"""An author's papers and co-authors."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from kg.errors import NotFound
from kg.ids.titles import normalised_title
from kg.records import Filters
from search.atlas import Atlas
from search.pages.topic import Placed, newest_first

MAX_NAMES = 12
"""Most spellings of the name, and most co-authors, on a page."""

NameCounts = tuple[tuple[str, int], ...]
"""Names, and on how many papers each is; at most `MAX_NAMES`, the most frequent first."""


@dataclass(frozen=True, slots=True)
class AuthorPage:
    """An author's papers. Authors are known by name alone: two people may share one."""

    name: str
    """As most papers spell it; as in the question, where it is part of several names."""
    names: NameCounts
    """The names that it is part of."""
    papers: tuple[Placed, ...]
    """Newest first, withdrawn ones among them."""
    coauthors: NameCounts


def author_page(atlas: Atlas, name: str) -> AuthorPage:
    """Return an author's papers.

    Parameters
    ----------
    name : str
        Words of the name, in any order and case, accents aside.

    Raises
    ------
    NotFound
        If no author has these words in the name.
    """
    asked = set(normalised_title(name).split())
    with atlas.catalogue.reading():
        found = newest_first(atlas, Filters(author=name, withdrawn=True)) if asked else ()
    if not found:
        raise NotFound("author", name)
    own: dict[str, Counter[str]] = {}
    others: dict[str, Counter[str]] = {}
    for placed in found:
        for one in dict.fromkeys(placed.paper.authors):
            folded = normalised_title(one)
            group = own if asked <= set(folded.split()) else others
            group.setdefault(folded, Counter())[one] += 1
    exact = [spelt for folded, spelt in own.items() if set(folded.split()) == asked]
    meant = exact or list(own.values())
    return AuthorPage(
        _ranked(meant)[0][0] if len(meant) == 1 else name,
        _ranked(own.values()),
        found,
        _ranked(others.values()),
    )


def _ranked(spellings: Iterable[Counter[str]]) -> NameCounts:
    """Return each name in its most frequent spelling; of two, in the one with accents."""
    ranked = sorted(spellings, key=lambda one: -one.total())[:MAX_NAMES]
    return tuple((max(one, key=lambda name: (one[name], name)), one.total()) for one in ranked)
