"""An author's papers, and with whom they were written."""

from collections import Counter
from dataclasses import dataclass

from kg.arrivals import appeared
from kg.entities import Filters, Paper
from kg.errors import NotFound
from kg.identifiers import normalised_title
from search.library import Library
from search.topic_page import Placed, topics_of

COAUTHORS = 12
"""How many co-authors are named."""


@dataclass(frozen=True, slots=True)
class AuthorPage:
    """What the atlas knows of an author. A name is all that it knows: two people may share one."""

    name: str
    """As most of the papers write it."""
    papers: tuple[Placed, ...]
    """Newest first, withdrawn ones among them."""
    coauthors: tuple[tuple[str, int], ...]
    """Names and on how many of the papers they are; at most `COAUTHORS`, the most frequent first."""


def author_page(library: Library, name: str) -> AuthorPage:
    """Return an author's papers.

    Parameters
    ----------
    library : Library
    name : str
        Words of the name, in any order and case, accents aside.

    Raises
    ------
    NotFound
        If no author has these words in the name.
    """
    catalogue, asked = library.catalogue, set(normalised_title(name).split())
    with catalogue.reading():
        keys = catalogue.keys(Filters(author=name, withdrawn=True)) if asked else None
        if not keys:
            raise NotFound("author", name)
        placements = catalogue.placements(keys)
        found = sorted(zip(catalogue.papers(keys), keys, strict=True), key=_age, reverse=True)
    spellings: Counter[str] = Counter()
    others: dict[str, Counter[str]] = {}
    for paper, _ in found:
        for one in dict.fromkeys(paper.authors):
            folded = normalised_title(one)
            if asked <= set(folded.split()):
                spellings[one] += 1
            else:
                others.setdefault(folded, Counter())[one] += 1
    ranked = sorted(others.values(), key=lambda names: -names.total())[:COAUTHORS]
    return AuthorPage(
        spellings.most_common(1)[0][0],
        tuple(
            Placed(paper, topics_of(library.taxonomy, placements.get(key, ())))
            for paper, key in found
        ),
        tuple((names.most_common(1)[0][0], names.total()) for names in ranked),
    )


def _age(found: tuple[Paper, int]) -> tuple[str, str]:
    day = appeared(found[0])
    return (day.isoformat() if day else "", found[0].id)
