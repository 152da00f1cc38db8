"""Questions that name an author: "Dacheng Tao", "Tao, Dacheng", "papers by Ilharco"."""

import re
from dataclasses import dataclass

from kg.ids.titles import normalised_title
from kg.records import Filters
from kg.store.catalogue import Catalogue

MAX_NAME_CHARS = 200
"""A longer question is not taken for a name."""

MAX_NAME_WORDS = 5

MAX_NAMESAKES = 5
"""A surname alone is no name where more authors than this have it."""

_KINDS = r"(?:papers?|publications?|works?|articles?|preprints?)"
_BY = re.compile(
    rf"""
    (?:(?:all|the|any|new|newest|latest|recent|list|show|find)\s+)*
    (?: (?:{_KINDS}\s+)?(?:(?:written|authored|published)\s+)?by\s+(?P<by>.+)
      | what\s+(?:has|have|did)\s+(?P<did>.+)\s+(?:publish(?:ed)?|write|written)
      | {_KINDS}\s+(?:of|from)\s+(?P<of>.+)
      | (?P<whose>.+?)(?:['’]s?)?\s+{_KINDS}
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class NamedAuthor:
    """An author that a question names."""

    name: str
    """As it was asked for."""
    keys: tuple[int, ...]
    """The papers that pass the filters, the newest first."""


def asked_for(catalogue: Catalogue, question: str, filters: Filters) -> NamedAuthor | None:
    """Return the author whose name a question is, or whose papers it asks for.

    A whole name is compared in either order, case, accents and middle initials aside. A surname
    alone counts where few have it. Neither counts where the papers that have it as a word of their
    title or abstract are as many as those of its bearers, unless the question has "by", or asks
    what an author wrote or published.
    """
    if len(question) > MAX_NAME_CHARS:
        return None
    text = question.strip().rstrip("?.!")
    match = _BY.fullmatch(text)
    name = next(filter(None, match.groups())).strip() if match else text
    last, comma, first = name.partition(",")
    words = normalised_title(f"{first} {last}" if comma else name).split()
    if not 0 < len(words) <= MAX_NAME_WORDS:
        return None
    explicit = match is not None and bool(match["by"] or match["did"])
    bearers = _bearers(catalogue, words, explicit, initials=bool(comma) or "." in name)
    if not bearers:
        return None
    if not explicit:
        phrase = " ".join(words)
        as_word = catalogue.words.document_frequency(f'{{title abstract}} : "{phrase}"')
        if as_word >= len(catalogue.authors.papers(bearers, Filters(withdrawn=True))):
            return None
    keys = catalogue.authors.papers(bearers, filters)
    return NamedAuthor(name, tuple(keys)) if keys else None


def _bearers(catalogue: Catalogue, words: list[str], explicit: bool, initials: bool) -> list[str]:
    """Return the names in the atlas, folded, that the words of a name mean."""
    if len(words) == 1:
        found = catalogue.authors.ending_with(words[0])
        few = len({_main_words(name.split()) for name in found}) <= MAX_NAMESAKES
        return found if explicit or (few and len(words[0]) > 2) else []
    orders = [words, [*words[1:], words[0]], [words[-1], *words[:-1]]]
    return [
        name
        for first in dict.fromkeys(order[0][:1] if initials else f"{order[0]} " for order in orders)
        for name in catalogue.authors.starting_with(first)
        if any(_same(_main_words(name.split()), _main_words(order), initials) for order in orders)
    ]


def _same(one: tuple[str, ...], other: tuple[str, ...], initials: bool) -> bool:
    """Return whether two names are the same, where an initial may stand for the first word."""
    if not initials or not one or not other or len(one[0]) > 1 < len(other[0]):
        return one == other
    return one[1:] == other[1:] and one[0][:1] == other[0][:1]


def _main_words(words: list[str]) -> tuple[str, ...]:
    """Return the words of a name without middle initials."""
    return (*words[:1], *(word for word in words[1:-1] if len(word) > 1), *words[1:][-1:])
