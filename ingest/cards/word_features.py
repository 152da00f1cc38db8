"""Words of texts as features: TF-IDF of their stems."""

import re
from collections.abc import Sequence
from typing import Any, Final

from kg.store.stemming import stems
from kg.text.stop_words import STOP_WORDS

_WORD: Final = re.compile(r"[^\W_]+")


class StemFeatures:
    """TF-IDF of the stems of texts, unit rows; order does not matter.

    So an abstract, and what `kg.snapshot.stems` keeps of one, have nearly the same features.

    Parameters
    ----------
    texts : sequence of str
        Texts whose stems are features, those that two of them have.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._table: Any = TfidfVectorizer(analyzer=_as_it_is, sublinear_tf=True, min_df=2)
        words = _stemmed(texts)
        # With a word of our own twice, for texts that share none.
        self._table.fit([*words, ["model"], ["model"]])
        self.learnt: Any = self._table.transform(words)
        """The rows of these texts, as of `rows`."""

    def rows(self, texts: Sequence[str]) -> Any:
        """Return a sparse matrix: (texts, features) float64."""
        return self._table.transform(_stemmed(texts))


def _as_it_is(words: list[str]) -> list[str]:
    return words


def _stemmed(texts: Sequence[str]) -> list[list[str]]:
    words = [_WORD.findall(text.lower()) for text in texts]
    known = stems({word for some in words for word in some} - STOP_WORDS)
    stem = {word: min(found) for word, found in known.items() if found}
    return [[stem[word] for word in some if word in stem] for some in words]
