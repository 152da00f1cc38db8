"""Which class a paper is of: by its vector, by the words of its title and by its neighbours.

The votes of the nearest vectors, a logistic model on vectors and one on words, whose opinions are
pooled: the probability of a class is in proportion to ``p1 ** a * p2 ** b * p3 ** c``. How far each
is to be trusted, `a`, `b` and `c`, is told by papers that were held back from all, so that a
probability of 0.8 is right eight times of ten (a logarithmic opinion pool: Genest and Zidek, 1986,
doi:10.1214/ss/1177013825).
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Table = NDArray[np.float64]
"""(n, classes) probabilities or their logarithms."""

FOLDS: Final = 3
"""Parts of the papers that are held back in turn."""

FIT_VECTORS: Final = 8.0
"""How little the weights of the vector's model are held to zero (scikit-learn's C)."""

FIT_WORDS: Final = 10.0
"""The same for the words."""

NEIGHBOURS: Final = 30
"""How many of the nearest rows vote, the nearer with more weight."""

_TRUST: Final = (0.5, 0.4, 0.5)
_LEAST: Final = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """What is learnt from, row by row; a paper may have several rows."""

    vectors: Vectors
    """(n, dim) unit rows."""
    titles: NDArray[np.object_]
    """(n,) titles."""
    classes: NDArray[np.object_]
    """(n,) names of the classes."""
    weights: NDArray[np.float64]
    """(n,) how much each row counts."""
    papers: NDArray[np.int64]
    """(n,) which rows are the same paper's: they are held back together."""

    def __getitem__(self, rows: NDArray[np.generic]) -> "Lessons":
        return Lessons(
            self.vectors[rows],
            self.titles[rows],
            self.classes[rows],
            self.weights[rows],
            self.papers[rows],
        )

    def __len__(self) -> int:
        return len(self.classes)


class Classifier:
    """A classifier that has learnt.

    Parameters
    ----------
    lessons : Lessons
        At least one row.
    """

    def __init__(self, lessons: Lessons) -> None:
        self.classes: tuple[str, ...] = tuple(sorted(set(lessons.classes)))
        self._experts = _Experts(lessons, self.classes)
        self.trust = _trust(lessons, self.classes)

    def probabilities(self, vectors: Vectors, titles: NDArray[np.object_]) -> Table:
        """Return the probability of each of `classes`: (n, classes), rows that sum to 1."""
        return _pooled(self._experts.logs(vectors, titles), np.array(self.trust))


class _Experts:
    """The three opinions, of which each knows the classes that its lessons have."""

    def __init__(self, lessons: Lessons, classes: tuple[str, ...]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self.places = [classes.index(name) for name in sorted(set(lessons.classes))]
        self.width = len(classes)
        self.words: Any = TfidfVectorizer(
            ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b"
        )
        self.models: list[Any] = []
        self.vectors = lessons.vectors
        self.votes = lessons.weights[:, None] * np.array(
            [[name == other for other in classes] for name in lessons.classes], float
        )
        # With a word of our own, for titles that have none.
        self.words.fit([*lessons.titles, "model"])
        if len(self.places) > 1:
            table = self.words.transform(lessons.titles)
            for rows, fit in ((lessons.vectors, FIT_VECTORS), (table, FIT_WORDS)):
                self.models.append(_logistic(rows, lessons.classes, lessons.weights, fit))

    def logs(self, vectors: Vectors, titles: NDArray[np.object_]) -> list[Table]:
        """Return the logarithms of what each says: (n, classes) each."""
        said = [self._neighbours(vectors)]
        both = (vectors, self.words.transform(titles))
        # Of a single class there are no models: the neighbours tell it.
        for model, rows in zip(self.models, both, strict=False):
            table = np.zeros((len(titles), self.width))
            table[:, self.places] = model.predict_proba(rows)
            said.append(table)
        return [np.log(np.maximum(table, _LEAST)) for table in said]

    def _neighbours(self, vectors: Vectors) -> Table:
        count = min(NEIGHBOURS, len(self.vectors))
        found = np.empty((len(vectors), self.width))
        for start in range(0, len(vectors), 1024):  # A piece at a time, to bound the memory.
            cosines = vectors[start : start + 1024] @ self.vectors.T
            near = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
            weight = np.exp(10 * (np.take_along_axis(cosines, near, axis=1) - 1))
            found[start : start + 1024] = (weight[:, :, None] * self.votes[near]).sum(axis=1)
        found /= found.sum(axis=1, keepdims=True)
        # Thirty voices never rule a class out.
        return 0.98 * found + 0.02 / self.width


def _logistic(
    rows: Any, classes: NDArray[np.object_], weights: NDArray[np.float64], c: float
) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(C=c, max_iter=200, tol=1e-3)
        return model.fit(rows, classes.astype(str), sample_weight=weights)


def _pooled(logs: Sequence[Table], trust: NDArray[np.float64]) -> Table:
    pooled: Table = np.sum([t * table for t, table in zip(trust, logs, strict=False)], axis=0)
    pooled -= pooled.max(axis=1, keepdims=True)
    table: Table = np.exp(pooled)
    table /= table.sum(axis=1, keepdims=True)
    return table


def _trust(lessons: Lessons, classes: tuple[str, ...]) -> tuple[float, ...]:
    """How far each opinion is to be trusted, by papers that were held back from it."""
    from scipy.optimize import minimize

    fold = _folds(lessons)
    kept, truth, weights = [], [], []
    for number in range(FOLDS):
        back = fold == number
        known = set(lessons.classes[~back])
        back &= np.array([name in known for name in lessons.classes])
        if not back.any() or len(known) < 2:
            continue
        held = lessons[back]
        kept.append(_Experts(lessons[~back], classes).logs(held.vectors, held.titles))
        truth += [classes.index(name) for name in held.classes]
        weights.append(held.weights)
    if not kept:
        return _TRUST
    logs = [np.concatenate(tables) for tables in zip(*kept, strict=True)]
    weight, row = np.concatenate(weights), np.arange(len(truth))

    def loss(trust: NDArray[np.float64]) -> float:
        right = _pooled(logs, trust)[row, truth]
        # As from a few papers, for where there are no more than that.
        doubt = ((trust - _TRUST) ** 2).sum()
        return float(doubt - (weight * np.log(np.maximum(right, _LEAST))).sum())

    found = minimize(loss, np.array(_TRUST), method="L-BFGS-B", bounds=[(0.0, 3.0)] * 3)
    return tuple(map(float, found.x))


def _folds(lessons: Lessons) -> NDArray[np.int64]:
    """Deal the papers of each class out to the folds in turn."""
    fold: dict[int, int] = {}
    turn = 0
    for row in np.lexsort((lessons.papers, lessons.classes.astype(str))):
        if int(lessons.papers[row]) not in fold:
            fold[int(lessons.papers[row])] = turn % FOLDS
            turn += 1
    return np.array([fold[int(paper)] for paper in lessons.papers])
