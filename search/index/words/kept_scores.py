"""BM25 scores of the words of earlier questions, kept until papers change.

FTS5 scores a paper by the sum over the phrases of an expression. Words recur from question to
question, the most frequent ones most: their scores are computed once, and added up here.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kg.store.words import WordStore

MAX_ROWS: Final = 2_000_000
"""Scores that are kept, of 16 bytes each; those of the words least recently asked for go first."""

Keys = NDArray[np.int64]


class Scores(NamedTuple):
    """The papers that have a phrase."""

    keys: Keys
    """(n,) in ascending order."""
    scores: NDArray[np.float64]
    """(n,) BM25, higher is better."""


class KeptScores:
    """Scores of phrases in one state of a catalogue, for any thread that reads that state.

    Parameters
    ----------
    weights : sequence of 5 floats
        BM25 weights of the columns.
    withdrawn : sequence of int
        Papers that are not found unless it is said which are.
    """

    def __init__(
        self, words: WordStore, weights: Sequence[float], withdrawn: Sequence[int]
    ) -> None:
        self._words, self._weights = words, weights
        self._withdrawn = np.asarray(withdrawn, dtype=np.int64)
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Scores] = OrderedDict()
        self._rows = 0

    def of(self, phrase: str) -> Scores:
        """Return the scores of a phrase, written as FTS5 takes it."""
        with self._lock:
            if found := self._kept.get(phrase):
                self._kept.move_to_end(phrase)
                return found
        rows = self._words.scores(phrase, self._weights)
        table = np.array(rows, dtype=[("key", np.int64), ("score", np.float64)])
        found = Scores(table["key"].copy(), table["score"].copy())
        with self._lock:
            if phrase not in self._kept:
                self._kept[phrase] = found
                self._rows += len(rows)
            while self._rows > MAX_ROWS and len(self._kept) > 1:
                self._rows -= len(self._kept.popitem(last=False)[1].keys)
        return found

    def count(self, phrases: Sequence[str]) -> int:
        """Return how many papers have any of some phrases."""
        found = [self.of(phrase).keys for phrase in phrases]
        return len(found[0]) if len(found) == 1 else len(np.unique(np.concatenate(found)))

    def best(
        self,
        phrases: Sequence[str],
        limit: int,
        allows: Callable[[Keys], NDArray[np.bool_]] | None = None,
    ) -> list[tuple[int, float]]:
        """Return the keys and scores of the papers that match any phrase, best first.

        They are those that FTS5 returns for the phrases joined by OR, to the last bit.

        Parameters
        ----------
        allows : callable, optional
            Returns of (n,) keys which papers may be found; if left out, all but withdrawn ones.
        """
        found = [self.of(phrase) for phrase in phrases]
        end = max((int(one.keys[-1]) + 1 for one in found if len(one.keys)), default=0)
        total = np.zeros(end)
        for one in found:  # In FTS5's order, so that sums round alike.
            total[one.keys] += one.scores
        keys = np.flatnonzero(total)
        keys = keys[allows(keys) if allows else ~np.isin(keys, self._withdrawn)]
        scores = total[keys]
        if len(keys) > limit:
            least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
            near = scores >= least
            keys, scores = keys[near], scores[near]
        order = np.lexsort((keys, -scores))[:limit]
        return list(zip(keys[order].tolist(), scores[order].tolist(), strict=True))
