"""Whether a number of four digits alone is the year that papers are of."""

from typing import Final

from kg.entities.names import folded_name
from search.understanding import people
from search.understanding.known import Known
from search.understanding.words import Words

_PAPERS: Final = frozenset(
    "paper papers work works publication publications article articles preprint preprints studies"
    " survey surveys benchmark benchmarks review reviews dataset datasets methods by on about from"
    " at with that".split()
)
"""Words behind a year alone at the beginning of a question, or within it."""
COUNTED: Final = frozenset(
    "examples samples images tokens labels classes tasks languages models parameters layers steps"
    " epochs iterations rounds gpus words sentences people patients users nodes world olympic"
    " olympics election census agenda cup class pandemic".split()
)
"""What a number beside it is no year of papers of."""
_CITED: Final = frozenset(("al", "alii", "al."))
"""Behind these, as in a citation, a number is a year whatever follows."""
_FIRST_BARE_YEAR: Final = 1950
_BEFORE_NUMBERS: Final = frozenset(
    "than to about least most over number version class windows no top first all only".split()
)
"""What a year alone does not follow."""


def is_year(words: Words, at: int, known: Known) -> bool:
    """Return whether a number of four digits alone is the year that papers are of."""
    word = words.all[at]
    last = at + 1 == len(words.all) or word.ends_part
    following = "" if last else words.folded[at + 1]
    if not _FIRST_BARE_YEAR <= int(word.folded[:4]) <= known.today.year:
        return False
    if at == 0:
        return not _PAPERS.isdisjoint(words.folded)
    if words.folded[at - 1] in _CITED or _is_beside_author(words, at, known):
        return True
    if not (last or following in _PAPERS):
        return False
    return words.all[at - 1].ends_part or not _is_numbered(words, at - 1, known)


def _is_beside_author(words: Words, at: int, known: Known) -> bool:
    """Return whether a year stands behind an author's name: "Finn 2017 MAML"."""
    names = known.once(people.authors, words)
    return any(name.end == at and name.bearers for name, _ in names)


def _is_numbered(words: Words, at: int, known: Known) -> bool:
    """Return whether a number behind a word is part of a name: AIME 2024, more than 2000."""
    word = words.all[at]
    if word.folded in _BEFORE_NUMBERS or word.folded in COUNTED:
        return True
    entities = known.atlas.catalogue.entities
    owners = entities.owners(folded_name(word.text))
    if owners:
        return all(one.id.startswith("benchmark/") for one in entities.get(owners))
    capitals = sum(c.isupper() for c in word.text)
    return capitals > 1 and not words.question.isupper()
