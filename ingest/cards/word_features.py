"""Words of texts as features: TF-IDF of their stems."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

import numpy as np

from kg.files.arrays import Arrays
from kg.store.stemming import stems
from kg.text.stop_words import STOP_WORDS

_WORD: Final = re.compile(r"[^\W_]+")
_MIN_TEXTS: Final = 2
_OWN: Final = "model"


class StemFeatures:
    """TF-IDF of the stems of texts, unit rows; order does not matter.

    So an abstract, and what `kg.snapshot.stems` keeps of one, have nearly the same features. A
    stem's weight is 1 + ln of its count in the text, times 1 + ln of the share of texts that have
    it, inverted; both counts of that share are one more, so that no stem is in none.

    Parameters
    ----------
    places : mapping of str to int
        Stem -> its column.
    rarity : (stems,) float64
        The second factor of each column's weights.
    learnt : scipy.sparse.csr_array, optional
        The rows of the texts that stems and rarity are of, as of `rows`.
    """

    def __init__(self, places: Mapping[str, int], rarity: Any, learnt: Any = None) -> None:
        self._places, self._rarity = places, rarity
        self.learnt = learnt

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self:
        """Return features of the stems that two of the texts have."""
        words = _stemmed(texts)
        counts = Counter(stem for some in words for stem in set(some))
        counts[_OWN] += _MIN_TEXTS  # As if that many texts more had it: there always is a stem.
        frequent = sorted(stem for stem, count in counts.items() if count >= _MIN_TEXTS)
        having = np.array([counts[stem] for stem in frequent], dtype=float)
        rarity = np.log((1 + len(texts) + _MIN_TEXTS) / (1 + having)) + 1
        made = cls({stem: column for column, stem in enumerate(frequent)}, rarity)
        made.learnt = made._weighted(words)
        return made

    def rows(self, texts: Sequence[str]) -> Any:
        """Return a sparse matrix: (texts, stems) float64."""
        return self._weighted(_stemmed(texts))

    def arrays(self) -> Arrays:
        """Return what `from_arrays` makes the same features of."""
        learnt = self.learnt
        return {
            "stems": np.array(list(self._places), dtype=np.str_),
            "rarity": self._rarity,
            "weights": learnt.data,
            "columns": learnt.indices,
            "row_ends": learnt.indptr,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the features of which `arrays` was made."""
        from scipy.sparse import csr_array

        places = {str(stem): column for column, stem in enumerate(arrays["stems"])}
        parts = arrays["weights"], arrays["columns"], arrays["row_ends"]
        shape = len(parts[2]) - 1, len(places)
        return cls(places, arrays["rarity"], csr_array(parts, shape=shape))

    def _weighted(self, words: Sequence[Sequence[str]]) -> Any:
        from scipy.sparse import csr_array

        columns: list[int] = []
        times: list[int] = []
        ends = [0]
        for some in words:
            counts = Counter(
                place for stem in some if (place := self._places.get(stem)) is not None
            )
            columns += counts.keys()
            times += counts.values()
            ends.append(len(columns))
        at, row_ends = np.array(columns, dtype=np.int32), np.array(ends, dtype=np.int32)
        weights = (1 + np.log(np.array(times, dtype=float))) * self._rarity[at]
        row = np.repeat(np.arange(len(words)), np.diff(ends))
        lengths = np.sqrt(np.bincount(row, weights**2, minlength=len(words)))
        return csr_array(
            (weights / lengths[row], at, row_ends), shape=(len(words), len(self._places))
        )


def _stemmed(texts: Sequence[str]) -> list[list[str]]:
    words = [_WORD.findall(text.lower()) for text in texts]
    known = stems({word for some in words for word in some} - STOP_WORDS)
    stem = {word: min(found) for word, found in known.items() if found}
    return [[stem[word] for word in some if word in stem] for some in words]
