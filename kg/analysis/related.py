"""What speaks for a paper being related to some others: one ranking for each signal.

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
    citing_pairs,
    last_citing,
    member_count,
    member_keys,
    not_withdrawn,
    reference_pairs,
    similar_pairs,
    topic_pairs,
)
from kg.store.catalogue import Catalogue

HUB = 200
"""A paper with more references, or cited by more papers, says little about each."""

READ = 1_000
"""Papers that are read for one signal, and candidates that are weighed."""

_OFTEN = 100
"""Citations from which on one more makes no difference."""

_SMALL_TOPIC = 200


class Signal(StrEnum):
    """Why a paper may be related."""

    CITED_TOGETHER = "cited-together"
    SHARED_REFERENCES = "shared-references"
    CITATION = "citation"
    SIMILAR = "similar"
    TOPIC = "topic"


@dataclass(frozen=True, slots=True)
class Reason:
    """What one signal says of one paper."""

    signal: Signal
    amount: float
    """What it counts: papers, references, citations or topics; or a cosine."""
    score: float
    """By which the signal ranks: the amount weighed against what is common."""
    sentence: str
    """The same in words, with its number."""


Rankings = Mapping[Signal, Mapping[int, Reason]]
"""For each signal, the papers it speaks for by key, the best first."""


def signals(
    catalogue: Catalogue,
    keys: Sequence[int],
    similar: Iterable[tuple[int, float]] | None = None,
) -> Rankings:
    """Return what each signal says of the papers around those of `keys`.

    Parameters
    ----------
    catalogue : Catalogue
    keys : sequence of int
        One paper, or a reading list.
    similar : iterable of (int, float), optional
        Papers near to them with their cosines; by default the pairs that the catalogue keeps.

    Returns
    -------
    mapping of Signal to mapping of int to Reason
        Neither the papers of `keys` nor withdrawn ones are in it.
    """
    with catalogue.reading():
        around = _Around(catalogue, list(dict.fromkeys(keys)))
        found = {
            Signal.CITED_TOGETHER: around.cited_together(),
            Signal.SHARED_REFERENCES: around.shared_references(),
            Signal.CITATION: around.citations(),
            Signal.SIMILAR: around.similar(similar),
        }
        found[Signal.TOPIC] = around.topics({row[0] for rows in found.values() for row in rows})
        every = sorted({row[0] for rows in found.values() for row in rows})
        good = not_withdrawn(catalogue.database, every) - set(around.keys)
        cited = citation_counts(catalogue.database, sorted(good), _OFTEN)
    # Of papers for which as much speaks, those first that more papers cite.
    ranked = {
        signal: sorted(
            (row for row in rows if row[0] in good),
            key=lambda row: (-row[2], -cited[row[0]], row[0]),
        )
        for signal, rows in found.items()
    }
    return {
        signal: {
            key: Reason(signal, amount, score, _sentence(signal, amount, len(around.keys)))
            for key, amount, score in rows
        }
        for signal, rows in ranked.items()
    }


Rows = list[tuple[int, float, float]]
"""Key, amount and score."""


class _Around:
    """The papers around some, in rows for each signal."""

    def __init__(self, catalogue: Catalogue, keys: list[int]) -> None:
        self.catalogue, self.keys = catalogue, keys
        self.cited, _ = reference_pairs(catalogue.database, keys, READ)
        citing, often = citing_pairs(catalogue.database, keys, READ)
        # Of a paper that everyone cites, the newest that do.
        self.citing = citing + [
            (citer, key)
            for key in sorted(often)
            for citer in last_citing(catalogue.database, key, READ)
        ]

    def cited_together(self) -> Rows:
        """Papers that the same papers cite.

        A paper that cites several of them says more; each of its many references, less.
        """
        citers = Counter(citer for citer, _ in self.citing)
        pairs, _ = reference_pairs(self.catalogue.database, _most(citers), HUB)
        length = Counter(citer for citer, _ in pairs)
        amount: Counter[int] = Counter()
        score: dict[int, float] = {}
        for citer, cited in pairs:
            amount[cited] += 1
            score[cited] = score.get(cited, 0.0) + citers[citer] / length[citer]
        return [(key, amount[key], score[key]) for key in _most(score)]

    def shared_references(self) -> Rows:
        """Papers that cite the same papers."""
        pairs, _ = citing_pairs(
            self.catalogue.database, _most(Counter(ref for _, ref in self.cited)), HUB
        )
        count = Counter(citer for citer, _ in pairs)
        return [(key, count[key], count[key]) for key in _most(count)]

    def citations(self) -> Rows:
        """Papers that cite them, or that they cite."""
        count = Counter(ref for _, ref in self.cited)
        count.update(citer for citer, _ in self.citing)
        return [(key, count[key], count[key]) for key in _most(count)]

    def similar(self, given: Iterable[tuple[int, float]] | None) -> list[tuple[int, float, float]]:
        """Papers that are alike; of those alike with several, the highest cosine and all of it."""
        if given is None:
            given = (
                (other, cosine)
                for _, other, cosine in similar_pairs(self.catalogue.database, self.keys)
            )
        highest: dict[int, float] = {}
        total: dict[int, float] = {}
        for key, cosine in given:
            highest[key] = max(cosine, highest.get(key, -1.0))
            total[key] = total.get(key, 0.0) + cosine
        return [(key, highest[key], total[key]) for key in _most(total)]

    def topics(self, candidates: Iterable[int]) -> Rows:
        """Papers under the same topics: the candidates, and those of the smallest topics."""
        weights = Counter(topic for _, topic in topic_pairs(self.catalogue.database, self.keys))
        sizes = {t: member_count(self.catalogue.database, "topic", t, READ) for t in weights}
        wanted = set(candidates)
        for topic in sorted(weights, key=lambda topic: (sizes[topic], topic)):
            if sizes[topic] <= _SMALL_TOPIC and len(wanted) < READ:
                wanted.update(member_keys(self.catalogue.database, "topic", topic, _SMALL_TOPIC))
        amount: Counter[int] = Counter()
        score: dict[int, float] = {}
        for key, topic in topic_pairs(self.catalogue.database, sorted(wanted)):
            if topic in weights:
                amount[key] += 1
                # The larger a topic, the less it says.
                one = weights[topic] / math.log2(2 + sizes[topic])
                score[key] = score.get(key, 0.0) + one
        return [(key, amount[key], score[key]) for key in amount]


def _most(count: Mapping[int, float]) -> list[int]:
    return sorted(count, key=lambda key: (-count[key], -key))[:READ]


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
