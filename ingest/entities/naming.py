"""Papers that may have a name in their texts, found by the words of the catalogue.

The folded name has no word breaks, while the index is of words. So each name is looked for in the
ways of writing it that a gazetteer takes for it: broken or joined where a word, a number or a
capital of the name begins, and with one hyphen anywhere. Of a name that nobody has any more only
the letters are known: one of several words may not be found.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import product
from typing import Final

from kg.entities.names import WORD, folded_name, slug, spellings
from kg.store.catalogue import Catalogue

_MAX_BREAKS: Final = 6
"""Of a name with more places where it may be broken, it is so at all of them or at none."""
_MAX_PHRASES: Final = 500
"""Phrases of one expression."""
_BREAK = re.compile(
    r"(?<=[a-z0-9])(?=[A-Z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])|(?<=[A-Z])(?=[A-Z][a-z])"
)


def papers_naming(catalogue: Catalogue, names: Collection[str]) -> set[int]:
    """Return the papers that may have any of some names, and a few that have not.

    Those that relate to what has such a name are among them, and all with a card that somebody
    wrote, whose names of methods and data the index lacks.

    Parameters
    ----------
    names : collection of str
        Folded.
    """
    found = set(catalogue.cards.written())
    owners = catalogue.entities.named(names)
    related = catalogue.relations.of_entities(sorted({o for some in owners.values() for o in some}))
    found.update(one.paper for one in related)
    phrases = list(
        dict.fromkeys(
            phrase for name in names for phrase in _phrases(name, owners.get(name, {}).values())
        )
    )
    for start in range(0, len(phrases), _MAX_PHRASES):
        any_of = " OR ".join(f'"{one}"' for one in phrases[start : start + _MAX_PHRASES])
        found.update(catalogue.words.having(f"{{title abstract card}} : ({any_of})"))
    return found


def _phrases(folded: str, texts: Iterable[str]) -> Iterator[str]:
    """Yield the ways in which a name may be written, words parted by blanks.

    >>> list(_phrases("gpt4", ["GPT-4"]))
    ['gpt4', 'g pt4', 'gp t4', 'gpt 4']
    """
    letters = "".join(filter(str.isalnum, folded))
    ways = {letters: None}
    ways |= dict.fromkeys(f"{letters[:at]} {letters[at:]}" for at in range(1, len(letters)))
    for text in (folded, *texts):
        for spelt in dict.fromkeys((*spellings(text), slug(text))):
            ways |= dict.fromkeys(_broken(WORD.findall(spelt)))
    yield from (way for way in ways if way)


def _broken(words: Iterable[str]) -> Iterator[str]:
    """Yield the words of a name, each way of joining and breaking them."""
    parts = [folded_name(part).rstrip("+") for word in words for part in _BREAK.split(word)]
    parts = [part for part in parts if part]
    breaks = len(parts) - 1
    ways = product(("", " "), repeat=breaks) if breaks <= _MAX_BREAKS else ([""], [" "])
    for way in ways:
        joints = (*way, "") if breaks <= _MAX_BREAKS else (*way * breaks, "")
        yield "".join(part + joint for part, joint in zip(parts, joints, strict=True))
