"""What the papers of an answer say, and how far to rely on it.

Nothing is written anew: a summary says what that is which the question asks for by name, and is a
choice among the summaries of the papers' cards and the evidence sentences, each with its paper. It
is grouped where the papers fall into approaches.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

from kg.store.stemming import stems
from kg.text.stop_words import STOP_WORDS
from kg.values import dataclass
from search.atlas import Atlas, of_one_state
from search.index.words.base import rarity as rarity_of
from search.index.words.query_words import words
from search.ranking.absence import absent_things
from search.ranking.answers import Answer, Hit
from search.ranking.approaches import approaches
from search.ranking.definition import Definition, definitions
from search.ranking.marking import WORD
from search.ranking.strength import ASSESSED_PAPERS, MAX_QUESTION_WORDS, AnswerStrength, Strength

MAX_STATEMENTS = 4
"""Most sentences of a summary that is not grouped."""

MAX_GROUP_STATEMENTS = 2
"""Most sentences of one approach."""

MAX_SENTENCE_CHARS = 500
"""A longer sentence is left out of a summary."""

RELEVANCE_WEIGHT = 0.7
"""Weight of relevance against novelty: lambda of the formula."""

MIN_QUESTION_SHARE = 0.3
"""Least part of the question's words, by rarity, that a sentence of a summary has."""

ABSENCE_WORDS = frozenset(
    "avoid free fewer instead less minimise no nor not rather reduce remove resolve without".split()
)
"""Words that say of what stands near them that it is absent, or less."""

ABSENCE_REACH = 4
"""How many words away such a word may stand: "without the need for any data"."""

DUPLICATE_OVERLAP = 0.6
"""From this overlap on, the second of two sentences is left out as a duplicate."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of a paper, or about it."""

    rank: int
    """Rank of its paper in the answer."""
    sentence: str
    quoted: bool
    """True for a sentence of the abstract, False for the atlas's own summary of it."""
    approach: str | None = None
    """Name of the topic or method that its paper shares with others of the answer."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What the papers of an answer say."""

    statements: tuple[Statement, ...]
    """The most relevant first, those of one approach together; none where the question is off the
    field."""
    judgement: AnswerStrength
    read: int
    """How many of the best papers were read for it."""
    without_text: int
    """How many of these have neither abstract nor summary."""
    definitions: tuple[Definition, ...] = ()
    """What the methods, benchmarks or models are that the question asks for by name."""

    def by_approach(self) -> list[tuple[str | None, list[Statement]]]:
        """Return the sentences of each approach with its name, or all of them with None."""
        return [
            (name, list(some)) for name, some in groupby(self.statements, attrgetter("approach"))
        ]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may become part of a summary."""

    words: frozenset[str]
    """Stems of its words that are no stop words."""
    score: float
    """How well its paper answers, 0 to 1."""


def choose(
    candidates: Sequence[Candidate],
    asked: Mapping[str, float],
    most: int = MAX_STATEMENTS,
    least: float = MIN_QUESTION_SHARE,
) -> list[int]:
    r"""Choose sentences that are relevant and do not repeat each other.

    Maximal marginal relevance: again and again the sentence of the greatest
    :math:`\lambda r_i - (1 - \lambda) \max_j s_{ij}` over those chosen before, where relevance
    is the mean of the paper's score and the part of the question's words in the sentence, by
    their rarity, and likeness is the overlap (cosine of sets) of their other words.

    J. Carbonell and J. Goldstein, "The use of MMR, diversity-based reranking for reordering
    documents and producing summaries", SIGIR 1998, https://doi.org/10.1145/290941.291025.

    Parameters
    ----------
    asked : mapping of str to float
        Stems of the question's words and how rare each is.
    least : float
        Part of the question's words that a sentence must have, 0 to 1.

    Returns
    -------
    list of int
        Places among the candidates, in the order chosen. A sentence is not chosen that has nothing
        of the question or less than half as much as the best has, nor one that says the same as
        another.

    Examples
    --------
    >>> sentences = [{"soup", "good"}, {"soup", "good"}, {"soup", "salt"}, {"zebra"}]
    >>> choose([Candidate(frozenset(words), 1.0) for words in sentences], {"soup": 1.0})
    [0, 2]
    """
    whole = sum(asked.values())
    part = [_part(one, asked) for one in candidates]
    bar = max(least * whole, max(part, default=0.0) / 2)
    relevance = {
        at: (one.score + part[at] / whole) / 2
        for at, one in enumerate(candidates)
        # The bar may be nought: of the least weight, half is nothing.
        if part[at] > 0 and part[at] >= bar
    }
    # All have the question's words; the other words show whether they repeat each other.
    other = [one.words - asked.keys() for one in candidates]
    nearest = dict.fromkeys(relevance, 0.0)
    chosen: list[int] = []
    while nearest and len(chosen) < most:
        best = max(
            nearest,
            key=lambda at: RELEVANCE_WEIGHT * relevance[at] - (1 - RELEVANCE_WEIGHT) * nearest[at],
        )
        chosen.append(best)
        for at in nearest:
            nearest[at] = max(nearest[at], _overlap(other[at], other[best]))
        del nearest[best]
        nearest = {at: near for at, near in nearest.items() if near < DUPLICATE_OVERLAP}
    return chosen


def _overlap(one: Collection[str], other: Collection[str]) -> float:
    if not one or not other:
        return float(len(one) == len(other))
    return len(set(one) & set(other)) / math.sqrt(len(one) * len(other))


@of_one_state
def summarise(atlas: Atlas, answer: Answer) -> Summary:
    """Return what the best papers of an answer say.

    Sentences are compared by words: to embed ten of them takes longer than to find them.
    """
    hits = answer.hits[:ASSESSED_PAPERS]
    told = {hit.rank: some for hit in hits if (some := _statements(hit))}
    defined = definitions(atlas, answer)
    # What a paper that is named by a definition says is said by that.
    introducing = {one.rank for entity in defined for one in entity.introduced_by}
    statements: tuple[Statement, ...] = ()
    if answer.judgement.strength is not Strength.NONE:
        rarity = rarity_of(atlas.words, words(answer.text))
        others = [hit for hit in hits if hit.rank in told and hit.rank not in introducing]
        said = _chosen(answer.text, rarity, others, told)
        fitting = [hit for hit in others if hit.rank in said]
        found = approaches(atlas, fitting, answer.entities)
        statements = _grouped(said, found) or tuple(said.values())[:MAX_STATEMENTS]
    without = len(hits) - len(told)
    return Summary(statements, answer.judgement, len(hits), without, defined)


def _grouped(
    said: Mapping[int, Statement], found: Mapping[str, Sequence[Hit]]
) -> tuple[Statement, ...]:
    """Return the first sentences of each approach, in the order in which they were chosen."""
    grouped: list[Statement] = []
    for name, hits in found.items():
        ranks = {hit.rank for hit in hits}
        some = [replace(one, approach=name) for rank, one in said.items() if rank in ranks]
        grouped += some[:MAX_GROUP_STATEMENTS]
    return tuple(grouped)


def _statements(hit: Hit) -> list[Statement]:
    """Return what can be said of a paper: the atlas's summary and the abstract's best sentence."""
    summary = hit.details.summary
    own = [Statement(hit.rank, summary, quoted=False)] if summary else []
    return [*own, Statement(hit.rank, hit.evidence, quoted=True)] if hit.evidence else own


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*sets)


def _says_absent(
    text: Sequence[frozenset[str]], absent: frozenset[str], absence: frozenset[str]
) -> bool:
    """Return whether the stems of a text have one of `absent` near one of `absence`."""
    return any(
        not absence.isdisjoint(near)
        for at, one in enumerate(text)
        if one & absent
        for near in text[max(at - ABSENCE_REACH, 0) : at + ABSENCE_REACH + 1]
    )


def _chosen(
    question: str,
    rarity: Mapping[str, float],
    hits: Sequence[Hit],
    said: Mapping[int, Sequence[Statement]],
) -> dict[int, Statement]:
    """Return rank -> the sentence of each paper that fits the question and repeats no other."""
    by_rank = {hit.rank: hit for hit in hits}
    told = [
        one for hit in hits for one in said[hit.rank] if len(one.sentence) <= MAX_SENTENCE_CHARS
    ]
    # A summary leaves to the title what the title says.
    texts = [
        one.sentence if one.quoted else f"{by_rank[one.rank].paper.title} {one.sentence}"
        for one in told
    ]
    words = [WORD.findall(text) for text in texts]
    known = stems([*rarity, *(word for some in words for word in some)])
    asked = {stem: weight for word, weight in rarity.items() for stem in known[word]}
    best = max((by_rank[one.rank].score for one in told), default=0.0)
    absent = _union(known.get(word, frozenset()) for word in absent_things(question))
    absence = _union(stems(ABSENCE_WORDS).values()) if absent else frozenset()
    candidates: dict[int, tuple[Statement, Candidate]] = {}
    for one, some in zip(told, words, strict=True):
        has = _union(known[word] for word in some if word.lower() not in STOP_WORDS)
        if absent and not _says_absent([known[word] for word in some], absent, absence):
            # "It needs all the data" has nothing of "without data".
            has -= absent | absence
        score = max(by_rank[one.rank].score, 0.0) / best if best > 0 else 0.0
        candidate = Candidate(has, score)
        other = candidates.get(one.rank)
        # Of two sentences of one paper, the summary comes first and stays where it says as much.
        if not other or _part(candidate, asked) > _part(other[1], asked):
            candidates[one.rank] = (one, candidate)
    least = MIN_QUESTION_SHARE if len(rarity) <= MAX_QUESTION_WORDS else 0.0
    of_papers = list(candidates.values())
    chosen = choose([one for _, one in of_papers], asked, len(of_papers), least)
    return {of_papers[at][0].rank: of_papers[at][0] for at in chosen}


def _part(candidate: Candidate, asked: Mapping[str, float]) -> float:
    """Return how much of the question a sentence has, by the rarity of the words."""
    return sum(asked[word] for word in candidate.words if word in asked)
