"""Papers related to some others: one ranking for each signal, such as co-citation.

M. M. Kessler, "Bibliographic coupling between scientific papers", American Documentation 14, 1963;
H. Small, "Co-citation in the scientific literature", JASIS 24, 1973. The rankings are fused by
`search.pages.related`.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kg.graph.rows import (
    citation_counts,
    citation_pairs,
    last_linked,
    member_count,
    member_keys,
    not_withdrawn,
    similar_pairs,
    topic_pairs,
)
from kg.store.catalogue import Catalogue
from kg.store.database import Database

MAX_DEGREE = 200
"""References of a citing paper, or papers citing a reference, beyond which it is ignored: it says
little about each."""

MAX_CANDIDATES = 1_000
"""Papers that are read for one signal, and candidates that are scored."""

_MAX_COUNTED_CITATIONS = 100
"""Citations of a candidate that are counted to break ties."""

_MAX_TOPIC_PAPERS = 200
"""Papers of a topic of which all become candidates."""


class Signal(StrEnum):
    """A kind of evidence that papers are related."""

    CITED_TOGETHER = "cited-together"
    SHARED_REFERENCES = "shared-references"
    CITATION = "citation"
    SIMILAR = "similar"
    TOPIC = "topic"


@dataclass(frozen=True, slots=True)
class Reason:
    """The evidence of one signal for one paper."""

    signal: Signal
    amount: float
    """Number of papers, references, citations or topics; or a cosine similarity."""
    score: float
    """Score by which the signal ranks: the amount, with less weight for what is common."""
    sentence: str
    """The amount in words."""


Rankings = Mapping[Signal, Mapping[int, Reason]]
"""For each signal, the related papers by key, best first."""


def signals(
    catalogue: Catalogue,
    keys: Sequence[int],
    similar: Iterable[tuple[int, float]] | None = None,
) -> Rankings:
    """Rank the papers around those of `keys` by each signal.

    Parameters
    ----------
    keys : sequence of int
        One paper, or a reading list.
    similar : iterable of (int, float), optional
        Similar papers with their cosines; by default the pairs stored in the catalogue.

    Returns
    -------
    mapping of Signal to mapping of int to Reason
        Neither the papers of `keys` nor withdrawn ones are in it.
    """
    with catalogue.reading():
        around = _Neighbourhood(catalogue.database, list(dict.fromkeys(keys)))
        found = {
            Signal.CITED_TOGETHER: around.cited_together(),
            Signal.SHARED_REFERENCES: around.shared_references(),
            Signal.CITATION: around.citations(),
            Signal.SIMILAR: around.similar(similar),
        }
        found[Signal.TOPIC] = around.topics({row[0] for rows in found.values() for row in rows})
        every = sorted({row[0] for rows in found.values() for row in rows})
        good = not_withdrawn(catalogue.database, every) - set(around.keys)
        cited = citation_counts(catalogue.database, sorted(good), _MAX_COUNTED_CITATIONS)
    # Of papers with equal scores, the more cited come first.
    return {
        signal: {
            key: Reason(signal, amount, score, _sentence(signal, amount, len(around.keys)))
            for key, amount, score in sorted(rows, key=lambda r: (-r[2], -cited.get(r[0], 0), r[0]))
            if key in good
        }
        for signal, rows in found.items()
    }


Rows = list[tuple[int, float, float]]
"""Key, amount and score."""


class _Neighbourhood:
    """The papers around some, in rows for each signal."""

    def __init__(self, database: Database, keys: list[int]) -> None:
        self.database, self.keys = database, keys
        self.cited, _ = citation_pairs(database, "citing", keys, MAX_CANDIDATES)
        citing, often = citation_pairs(database, "cited", keys, MAX_CANDIDATES)
        # Of a paper with too many citing papers, the newest of them.
        self.citing = citing + [
            (citer, key)
            for key in sorted(often)
            for citer in last_linked(database, "cited", key, MAX_CANDIDATES)
        ]

    def cited_together(self) -> Rows:
        """Return papers that the same papers cite (co-citation).

        A citing paper weighs as many of `keys` as it cites, divided by its number of references.
        """
        citers = Counter(citer for citer, _ in self.citing)
        pairs, _ = citation_pairs(self.database, "citing", _largest(citers), MAX_DEGREE)
        length = Counter(citer for citer, _ in pairs)
        amount: Counter[int] = Counter()
        score: dict[int, float] = {}
        for citer, cited in pairs:
            amount[cited] += 1
            score[cited] = score.get(cited, 0.0) + citers[citer] / length[citer]
        return [(key, amount[key], score[key]) for key in _largest(score)]

    def shared_references(self) -> Rows:
        """Return papers that cite the same papers (bibliographic coupling)."""
        references = Counter(ref for _, ref in self.cited)
        pairs, _ = citation_pairs(self.database, "cited", _largest(references), MAX_DEGREE)
        count = Counter(citer for citer, _ in pairs)
        return [(key, count[key], count[key]) for key in _largest(count)]

    def citations(self) -> Rows:
        """Return papers that cite them, or that they cite."""
        count = Counter(ref for _, ref in self.cited)
        count.update(citer for citer, _ in self.citing)
        return [(key, count[key], count[key]) for key in _largest(count)]

    def similar(self, given: Iterable[tuple[int, float]] | None) -> Rows:
        """Return similar papers: the highest cosine is the amount, the sum of all the score."""
        if given is None:
            given = (pair[1:] for pair in similar_pairs(self.database, self.keys))
        highest: dict[int, float] = {}
        total: dict[int, float] = {}
        for key, cosine in given:
            highest[key] = max(cosine, highest.get(key, -1.0))
            total[key] = total.get(key, 0.0) + cosine
        return [(key, highest[key], total[key]) for key in _largest(total)]

    def topics(self, candidates: Iterable[int]) -> Rows:
        """Return papers under the same topics: candidates, and those of the smallest topics."""
        weights = Counter(topic for _, topic in topic_pairs(self.database, self.keys))
        sizes = {t: member_count(self.database, "topic", t, MAX_CANDIDATES) for t in weights}
        wanted = set(candidates)
        for topic in sorted(weights, key=lambda topic: (sizes[topic], topic)):
            if sizes[topic] <= _MAX_TOPIC_PAPERS and len(wanted) < MAX_CANDIDATES:
                wanted.update(member_keys(self.database, "topic", topic, _MAX_TOPIC_PAPERS))
        amount: Counter[int] = Counter()
        score: dict[int, float] = {}
        for key, topic in topic_pairs(self.database, sorted(wanted)):
            if topic in weights:
                amount[key] += 1
                # The larger a topic, the less it weighs.
                one = weights[topic] / math.log2(2 + sizes[topic])
                score[key] = score.get(key, 0.0) + one
        return [(key, amount[key], score[key]) for key in amount]


def _largest(count: Mapping[int, float]) -> list[int]:
    return sorted(count, key=lambda key: (-count[key], -key))[:MAX_CANDIDATES]


def _sentence(signal: Signal, amount: float, seeds: int) -> str:
    def many(noun: str) -> str:
        return f"{amount:.0f} {noun}{'' if amount == 1 else 's'}"

    if signal is Signal.CITED_TOGETHER:
        return f"cited together by {many('paper')}"
    if signal is Signal.SHARED_REFERENCES:
        return f"{many('reference')} in common"
    if signal is Signal.CITATION:
        if seeds == 1:
            return "cites it and is cited by it" if amount == 2 else "one cites the other"
        return f"{many('citation')} to or from the {seeds} papers"
    if signal is Signal.SIMILAR:
        return f"alike (cosine {amount:.2f})"
    return f"{many('topic')} in common"
