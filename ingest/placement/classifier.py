"""Classifying papers by their vectors, by the words of their titles and by their neighbours.

Three base models, the votes of the nearest vectors, a logistic regression on vectors and one on
TF-IDF of titles, are combined by a logarithmic opinion pool (Genest and Zidek, 1986,
doi:10.1214/ss/1177013825): the probability of a class is in proportion to
``p1 ** a * p2 ** b * p3 ** c``. The weights `a`, `b` and `c` are fitted on held-out papers, so
that the probabilities are calibrated.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Table = NDArray[np.float64]
"""(n, classes) probabilities or their logarithms."""

FOLDS: Final = 2
"""Folds of the cross-validation that fits the ensemble weights."""

VECTORS_C: Final = 8.0
"""Inverse regularisation strength (scikit-learn's C) of the regression on vectors."""

WORDS_C: Final = 10.0
"""The same of the regression on words."""

NEIGHBOURS: Final = 30
"""Nearest rows that vote, the nearer with more weight."""

_PRIOR_WEIGHTS: Final = (0.5, 0.4, 0.5)
_MIN_PROBABILITY: Final = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSet:
    """Labelled rows; a paper may have several."""

    vectors: Vectors
    """(n, dim) unit rows."""
    titles: NDArray[np.object_]
    """(n,) titles."""
    classes: NDArray[np.object_]
    """(n,) names of the classes."""
    weights: NDArray[np.float64]
    """(n,) how much each row counts."""
    papers: NDArray[np.int64]
    """(n,) the paper of each row: a paper's rows are held out together."""

    def __getitem__(self, rows: NDArray[np.generic]) -> "TrainingSet":
        return TrainingSet(*(getattr(self, column.name)[rows] for column in fields(self)))


class Classifier:
    """A trained classifier.

    Parameters
    ----------
    training : TrainingSet
        At least one row.
    ensemble_weights : sequence of float, optional
        Weights of the neighbours, of the regression on vectors and of that on words; by default
        they are fitted, which takes three times as long.
    """

    def __init__(
        self, training: TrainingSet, ensemble_weights: Sequence[float] | None = None
    ) -> None:
        self.classes: tuple[str, ...] = tuple(sorted(set(training.classes)))
        self._models = _BaseModels(training, self.classes)
        self.ensemble_weights = tuple(
            _ensemble_weights(training, self.classes)
            if ensemble_weights is None
            else ensemble_weights
        )

    def probabilities(self, vectors: Vectors, titles: NDArray[np.object_]) -> Table:
        """Return the probability of each of `classes`: (n, classes), rows that sum to 1."""
        logs = self._models.log_probabilities(vectors, titles)
        return _pooled(logs, np.array(self.ensemble_weights))


class _BaseModels:
    """The three base models; each knows only the classes of its own training set."""

    def __init__(self, training: TrainingSet, classes: tuple[str, ...]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self.places = [classes.index(name) for name in sorted(set(training.classes))]
        self.width = len(classes)
        self.words: Any = TfidfVectorizer(
            ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b"
        )
        self.regressions: list[Any] = []
        self.vectors = training.vectors
        self.votes = training.weights[:, None] * np.array(
            [[name == other for other in classes] for name in training.classes], float
        )
        # With a word of our own, for titles that have none.
        self.words.fit([*training.titles, "model"])
        if len(self.places) > 1:
            table = self.words.transform(training.titles)
            for rows, c in ((training.vectors, VECTORS_C), (table, WORDS_C)):
                self.regressions.append(_logistic(rows, training.classes, training.weights, c))

    def log_probabilities(self, vectors: Vectors, titles: NDArray[np.object_]) -> list[Table]:
        """Return the logarithm of each model's probabilities: (n, classes) each."""
        tables = [self._neighbours(vectors)]
        both = (vectors, self.words.transform(titles))
        # Of a single class there are no regressions: the neighbours alone decide.
        for model, rows in zip(self.regressions, both, strict=False):
            table = np.zeros((len(titles), self.width))
            table[:, self.places] = model.predict_proba(rows)
            tables.append(table)
        return [np.log(np.maximum(table, _MIN_PROBABILITY)) for table in tables]

    def _neighbours(self, vectors: Vectors) -> Table:
        count = min(NEIGHBOURS, len(self.vectors))
        found = np.empty((len(vectors), self.width))
        for start in range(0, len(vectors), 1024):  # In chunks, to bound the memory.
            cosines = vectors[start : start + 1024] @ self.vectors.T
            near = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
            weight = np.exp(10 * (np.take_along_axis(cosines, near, axis=1) - 1))
            found[start : start + 1024] = (weight[:, :, None] * self.votes[near]).sum(axis=1)
        found /= found.sum(axis=1, keepdims=True)
        # So few votes never rule a class out.
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


def _pooled(logs: Sequence[Table], weights: NDArray[np.float64]) -> Table:
    pooled: Table = np.sum([w * table for w, table in zip(weights, logs, strict=False)], axis=0)
    pooled -= pooled.max(axis=1, keepdims=True)
    table: Table = np.exp(pooled)
    table /= table.sum(axis=1, keepdims=True)
    return table


def _ensemble_weights(training: TrainingSet, classes: tuple[str, ...]) -> tuple[float, ...]:
    """Fit the weight of each base model on papers that were held out from it."""
    from scipy.optimize import minimize

    fold = _folds(training)
    tables, truth, row_weights = [], [], []
    for number in range(FOLDS):
        back = fold == number
        known = set(training.classes[~back])
        back &= np.array([name in known for name in training.classes])
        if not back.any() or len(known) < 2:
            continue
        held_out = training[back]
        models = _BaseModels(training[~back], classes)
        tables.append(models.log_probabilities(held_out.vectors, held_out.titles))
        truth += [classes.index(name) for name in held_out.classes]
        row_weights.append(held_out.weights)
    if not tables:
        return _PRIOR_WEIGHTS
    logs = [np.concatenate(parts) for parts in zip(*tables, strict=True)]
    row_weight, row = np.concatenate(row_weights), np.arange(len(truth))

    def loss(weights: NDArray[np.float64]) -> float:
        right = _pooled(logs, weights)[row, truth]
        # Counts as much as a few papers, for where there are no more than that.
        prior = ((weights - _PRIOR_WEIGHTS) ** 2).sum()
        return float(prior - (row_weight * np.log(np.maximum(right, _MIN_PROBABILITY))).sum())

    found = minimize(loss, np.array(_PRIOR_WEIGHTS), method="L-BFGS-B", bounds=[(0.0, 3.0)] * 3)
    return tuple(map(float, found.x))


def _folds(training: TrainingSet) -> NDArray[np.int64]:
    """Deal the papers of each class out to the folds in turn."""
    fold: dict[int, int] = {}
    turn = 0
    for row in np.lexsort((training.papers, training.classes.astype(str))):
        if int(training.papers[row]) not in fold:
            fold[int(training.papers[row])] = turn % FOLDS
            turn += 1
    return np.array([fold[int(paper)] for paper in training.papers])
