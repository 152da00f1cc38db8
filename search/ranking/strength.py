"""How strong the evidence of an answer is: by meaning and by words, each on its own scale.

Some paper is always the nearest, so being nearest is no evidence. Evidence is how near it is
compared with how near papers of the atlas are to each other, and how many of the question's words
it has.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

from kg.store.catalogue import Catalogue
from kg.values import dataclass
from search.index.words import fts5

if TYPE_CHECKING:  # What an answer is can be read without NumPy.
    from search.embedding.base import Embedder
    from search.index.base import Vectors

SAMPLE_PAPERS = 200
"""Papers whose pairs are compared to measure which cosines are usual."""

MIN_PAPERS = 50
"""With fewer vectors than this, no cosine is called near or far."""

# The part of all pairs of papers that must be less alike than the question and its nearest paper:
# for any evidence; for good evidence; to make up for few words in common; for very few. Measured in
# `benchmarks/evidence.md`.
_FAR_QUANTILE, _WEAK_QUANTILE, _NEAR_QUANTILE, _VERY_NEAR_QUANTILE = 0.90, 0.95, 0.98, 0.998
_FEW_WORDS, _VERY_FEW_WORDS = 0.45, 0.25
_ALL_WORDS = 0.999  # Short of 1 by rounding.

MAX_QUESTION_WORDS = 15
"""A longer question is a text, whose words no single paper needs to have."""

ASSESSED_PAPERS = 10
"""Best papers of an answer that are searched for the question's words."""


class Strength(StrEnum):
    """How far an answer may be relied on."""

    GOOD = "good"
    WEAK = "weak"
    NONE = "none"
    """The atlas does not seem to cover the question."""


HEADLINES = {
    Strength.GOOD: "",
    Strength.WEAK: "Weak evidence",
    Strength.NONE: "The atlas does not seem to answer this",
}
"""In words, for all faces."""

NEAREST = "The papers below are the nearest, and may be about something else."
"""What all faces say above the papers of an answer without evidence."""


@dataclass(frozen=True, slots=True)
class AnswerStrength:
    """How strong the evidence is, and why."""

    strength: Strength
    reasons: tuple[str, ...]
    """In sentences; none where the evidence is good."""

    def __str__(self) -> str:
        """The whole in one line; empty where the evidence is good."""
        if self.strength is Strength.GOOD:
            return ""
        return " ".join([f"{HEADLINES[self.strength]}.", *self.reasons])


GOOD = AnswerStrength(Strength.GOOD, ())
"""For what is an answer whatever its score, such as the paper whose id was asked for."""


def assess(
    near: float | None,
    words: float | None,
    missing: Iterable[str] = (),
    narrowed: bool = False,
) -> AnswerStrength:
    """Assess the evidence by its two measures.

    Parameters
    ----------
    near : float, optional
        Part of the pairs of papers that are less alike than the question and its nearest paper,
        0 to 1; None where that is unknown.
    words : float, optional
        The greatest part of the question's words, by their rarity, that one paper has, 0 to 1;
        None where the question is too long to be a matter of words.
    missing : iterable of str
        The question's words that no paper found has; read only where they are told.
    narrowed : bool
        Whether the papers found pass conditions that the question states: the nearest of few is not
        as near as that of all, so that one with all of its words is some evidence.

    Examples
    --------
    >>> assess(0.6, 0.0, ("pizza",)).strength
    <Strength.NONE: 'none'>
    >>> assess(0.99, 1.0)
    AnswerStrength(strength=<Strength.GOOD: 'good'>, reasons=())
    """
    worded = narrowed and words is not None and words >= _ALL_WORDS
    far = near is not None and near < _FAR_QUANTILE and not worded
    nearish = near is not None and near < _WEAK_QUANTILE
    few = words is not None and words < _FEW_WORDS and (near is None or near < _NEAR_QUANTILE)
    very_few = (
        words is not None
        and words < _VERY_FEW_WORDS
        and (near is None or near < _VERY_NEAR_QUANTILE)
    )
    reasons = []
    if far:
        reasons.append(
            "In meaning, even the nearest paper is as far off as papers on different subjects are"
            " from each other."
        )
    elif nearish:
        reasons.append("In meaning, no paper is very near.")
    if few or very_few:
        reasons.append(f"No paper found has {_listed(missing) or 'most of the words together'}.")
    if far or very_few:
        return AnswerStrength(Strength.NONE, tuple(reasons))
    return AnswerStrength(Strength.WEAK if reasons else Strength.GOOD, tuple(reasons))


def _listed(words: Iterable[str]) -> str:
    quoted = [f"“{word}”" for word in islice(words, 4)]
    if len(quoted) < 2:
        return f"the word {quoted[0]}" if quoted else ""
    return f"the words {', '.join(quoted[:-1])} or {quoted[-1]}"


def assess_answer(
    catalogue: Catalogue,
    embedder: "Embedder | None",
    cosines: Sequence[float],
    rarity: Mapping[str, float],
    keys: Sequence[int],
    narrowed: bool = False,
) -> AnswerStrength:
    """Assess the evidence of an answer.

    Parameters
    ----------
    embedder : Embedder, optional
        Whose cosines these are; None where papers were found by words alone.
    cosines : sequence of float
        Of the question with the papers found.
    rarity : mapping of str to float
        The question's words and how rare each is (`search.index.words.base.rarity`).
    keys : sequence of int
        The papers found, best first; `ASSESSED_PAPERS` of them are looked at.
    narrowed : bool
        See `assess`.
    """
    near = None
    if cosines and embedder is not None:
        usual = usual_cosines(catalogue, embedder.model, embedder.dim)
        near = part_below(max(cosines), usual)
    is_text = not rarity or len(rarity) > MAX_QUESTION_WORDS
    # What is very near is good evidence whatever words it has.
    if is_text or (near is not None and near >= _VERY_NEAR_QUANTILE):
        return assess(near, None)
    keys = keys[:ASSESSED_PAPERS]
    having = _having(catalogue, rarity, keys)
    best = max((_part(rarity, having, key) for key in keys), default=_part(rarity, having, None))
    rest = [word for word in rarity if not having[word]]
    missing = (word for word in rest if not catalogue.words.matching_stems(word, keys))
    return assess(near, best, missing, narrowed)


def assess_each(
    catalogue: Catalogue,
    embedder: "Embedder | None",
    cosines: Mapping[int, float],
    rarity: Mapping[str, float],
    keys: Sequence[int],
) -> list[AnswerStrength]:
    """Assess the evidence of each of some papers alone, as `assess_answer` does that of all.

    Parameters
    ----------
    cosines : mapping of int to float
        Of the question with papers, by their keys.
    """
    usual = None
    if cosines and embedder is not None:
        usual = usual_cosines(catalogue, embedder.model, embedder.dim)
    worded = bool(rarity) and len(rarity) <= MAX_QUESTION_WORDS
    having = _having(catalogue, rarity, keys) if worded else {}
    found = []
    for key in keys:
        near = None if usual is None or key not in cosines else part_below(cosines[key], usual)
        missing = tuple(word for word, papers in having.items() if key not in papers)
        found.append(assess(near, _part(rarity, having, key) if worded else None, missing))
    return found


def _having(
    catalogue: Catalogue, rarity: Mapping[str, float], keys: Sequence[int]
) -> dict[str, set[int]]:
    """Return which of some papers have each of the question's words, stems of abstracts aside."""
    # Of a question off the field, long bags of words have many by chance.
    return {
        word: catalogue.words.matching(fts5.any_of(spelled), keys)
        for word, spelled in fts5.all_spellings(list(rarity)).items()
    }


def _part(
    rarity: Mapping[str, float], having: Mapping[str, Collection[int]], key: int | None
) -> float:
    """Return the part of the question's words, by their rarity, that a paper has."""
    whole = sum(rarity.values())
    worth = sum(rarity[word] for word, papers in having.items() if key in papers)
    return worth / whole if whole else 1.0


def part_below(cosine: float, usual: "Vectors") -> float | None:
    """Return the part of the usual cosines that are less, or None where too few are known."""
    if len(usual) == 0:
        return None
    import numpy as np

    return float(np.searchsorted(usual, cosine)) / len(usual)


def usual_cosines(catalogue: Catalogue, model: str, dim: int) -> "Vectors":
    """Return the cosines of pairs of papers, in order: what is usual in this atlas.

    Returns
    -------
    (n,) float32, ascending
        Of all pairs among `SAMPLE_PAPERS` papers, always the same ones; none where fewer than
        `MIN_PAPERS` have vectors.
    """
    return catalogue.cache.get(
        ("usual cosines", model),
        lambda: _measured(catalogue, model, dim),
        catalogue.vectors.revision,
    )


def _measured(catalogue: Catalogue, model: str, dim: int) -> "Vectors":
    import numpy as np

    from search.index.base import matrix

    stored = catalogue.vectors.get(model, catalogue.vectors.sample(model, SAMPLE_PAPERS))
    if len(stored) < MIN_PAPERS:
        return np.empty(0, dtype=np.float32)
    rows = matrix(list(stored.values()), dim)
    cosines: Vectors = np.sort((rows @ rows.T)[np.triu_indices(len(rows), 1)])
    return cosines
