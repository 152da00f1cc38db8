"""How strong the evidence of an answer is: by meaning and by words, each on its own scale.

A paper is always nearest, and says nothing by being so. What tells is how near it is, against how
near papers of the atlas are to one another, and how many of the question's words it has.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from search.vector_index import Vectors, matrix

if TYPE_CHECKING:
    from kg.catalogue import Catalogue

SAMPLE = 200
"""Papers of which all pairs are compared to learn what is near."""

ENOUGH = 50
"""Fewer papers with vectors do not tell what is near."""

# How near the nearest must be, as a part of all pairs of papers: at all; not to be weak; to make up
# for few words in common; for very few. Measured in `benchmarks/evidence.md`.
_FAR, _NEARISH, _NEAR, _VERY_NEAR = 0.90, 0.97, 0.99, 0.998
_FEW, _VERY_FEW = 0.5, 0.25


class Strength(StrEnum):
    """How far an answer may be relied on."""

    GOOD = "good"
    WEAK = "weak"
    NONE = "none"
    """The atlas does not seem to be about what was asked."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How strong the evidence is, and why."""

    strength: Strength
    reasons: tuple[str, ...]
    """In sentences; none where the evidence is good."""


def judge(near: float | None, words: float | None, missing: tuple[str, ...] = ()) -> Judgement:
    """Judge the evidence by the best that was found.

    Parameters
    ----------
    near : float, optional
        Part of the pairs of papers that are less alike than the question and its nearest paper,
        0 to 1; None where that is unknown.
    words : float, optional
        The greatest part of the question's words, by their rarity, that one paper has, 0 to 1;
        None where the question is too long to be a matter of words.
    missing : tuple of str
        The question's words that no paper found has.

    Examples
    --------
    >>> judge(0.6, 0.0, ("pizza",)).strength
    <Strength.NONE: 'none'>
    >>> judge(0.99, 1.0)
    Judgement(strength=<Strength.GOOD: 'good'>, reasons=())
    """
    far = near is not None and near < _FAR
    nearish = near is not None and near < _NEARISH
    few = words is not None and words < _FEW and (near is None or near < _NEAR)
    very_few = words is not None and words < _VERY_FEW and (near is None or near < _VERY_NEAR)
    told = []
    if far:
        told.append(
            "In meaning, even the nearest paper is as far off as papers on different subjects are"
            " from each other."
        )
    elif nearish:
        told.append("In meaning, no paper is very near.")
    if few or very_few:
        told.append(f"No paper found has {_listed(missing) or 'most of the words together'}.")
    if far or very_few:
        return Judgement(Strength.NONE, tuple(told))
    return Judgement(Strength.WEAK if told else Strength.GOOD, tuple(told))


def _listed(words: tuple[str, ...]) -> str:
    quoted = [f"“{word}”" for word in words[:4]]
    if len(quoted) < 2:
        return f"the word {quoted[0]}" if quoted else ""
    return f"the words {', '.join(quoted[:-1])} or {quoted[-1]}"


def part_below(cosine: float, usual: Vectors) -> float | None:
    """Return the part of the usual cosines that are less, or None where too few are known."""
    if len(usual) == 0:
        return None
    return float(np.searchsorted(usual, cosine)) / len(usual)


@lru_cache(maxsize=2)
def usual_cosines(catalogue: "Catalogue", model: str, dim: int, state: tuple[str, int]) -> Vectors:
    """Return the cosines of pairs of papers, in order: what is usual in this atlas.

    Parameters
    ----------
    catalogue : Catalogue
    model : str
        Whose vectors are compared.
    dim : int
        Length of its vectors.
    state : (str, int)
        Identity of the catalogue and revision of its vectors: others mean another answer.

    Returns
    -------
    (n,) float32, ascending
        Of all pairs among `SAMPLE` papers, always the same ones; none where there are fewer than
        `ENOUGH`.
    """
    del state  # It is what the answer is kept under.
    keys = catalogue.vector_keys(model)
    if len(keys) < ENOUGH:
        return np.empty(0, dtype=np.float32)
    places = np.unique(np.linspace(0, len(keys) - 1, SAMPLE).astype(int))
    stored = (catalogue.vector(model, keys[place]) for place in places)
    rows = matrix([vector for vector in stored if vector is not None], dim)
    cosines: Vectors = np.sort((rows @ rows.T)[np.triu_indices(len(rows), 1)])
    return cosines
