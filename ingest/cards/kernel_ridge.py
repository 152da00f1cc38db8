"""Kernel ridge regression with calibrated probabilities, for several tasks at once.

The regression has a closed form, and so have its leave-one-out predictions (Rifkin and Lippert,
2007, "Notes on regularized least squares"), from which the calibration is learnt: no paper is
predicted by a model that has seen it. All tasks share one factorisation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from kg.files.arrays import Arrays

Array = NDArray[np.float64]

RIDGE: Final = 1.0
"""What is added to the diagonal of the kernel: regularisation."""

MIN_CLASS_SIZE: Final = 8
"""Rows below which a class is not learnt."""

_PRIOR_SCALE: Final = 5.0
"""By how much scores are multiplied before anything is learnt: ridge scores are narrow."""
_PRIOR_WEIGHT: Final = 0.5
_MAX_STEPS: Final = 200


class KernelRidge:
    """Classifiers of the same rows for several tasks."""

    def __init__(self, tasks: "Sequence[_Task]") -> None:
        self._tasks = tasks

    @classmethod
    def trained(cls, kernel: Array, tasks: Sequence[NDArray[np.str_]]) -> Self:
        """Return classifiers that are learnt.

        Parameters
        ----------
        kernel : (n, n) float64
            Symmetric and positive semi-definite; it is overwritten.
        tasks : sequence of (n,) arrays of str
            The class of each row in each task.
        """
        from scipy.linalg import lapack

        kernel[np.diag_indices_from(kernel)] += RIDGE
        factor, _ = lapack.dpotrf(kernel, lower=1, overwrite_a=1)
        inverse, _ = lapack.dpotri(factor, lower=1, overwrite_c=1)  # Its lower triangle.
        diagonal = inverse.diagonal().copy()
        lower = np.tril(inverse, -1)
        return cls([_Task.trained(classes, lower, diagonal) for classes in tasks])

    def arrays(self) -> Arrays:
        """Return what `from_arrays` makes the same classifiers of."""
        return {
            f"{name} {at}": getattr(task, name)
            for at, task in enumerate(self._tasks)
            for name in _Task.__slots__
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the classifiers of which `arrays` was made."""
        count = sum(name.startswith("classes ") for name in arrays)
        every = [{name: arrays[f"{name} {at}"] for name in _Task.__slots__} for at in range(count)]
        return cls([_Task(**one) for one in every])

    def probabilities(self, kernel: Array) -> list[tuple[NDArray[np.str_], Array]]:
        """Return for each task its classes and the probability of each.

        Parameters
        ----------
        kernel : (m, n) float64
            Between the rows to predict and those that were learnt.

        Returns
        -------
        list of ((k,) str, (m, k) float64)
            Rows sum to 1.
        """
        return [(task.classes, task.probabilities(kernel)) for task in self._tasks]


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """One task: its classes, coefficients of the regression, and its calibration."""

    classes: NDArray[np.str_]
    mean: Array
    coefficients: Array
    weights: Array
    biases: Array

    @classmethod
    def trained(cls, classes: NDArray[np.str_], lower: Array, diagonal: Array) -> Self:
        every, sizes = np.unique(classes, return_counts=True)
        known_classes = every[sizes >= min(MIN_CLASS_SIZE, sizes.max())]
        truth = (classes[:, None] == known_classes).astype(float)
        mean = truth.mean(axis=0)
        centred = truth - mean
        coefficients = lower @ centred + lower.T @ centred + diagonal[:, None] * centred
        left_out = truth - coefficients / diagonal[:, None]
        known = truth.any(axis=1)
        calibration = _calibration(left_out[known], truth[known].argmax(axis=1))
        return cls(known_classes, mean, coefficients, *calibration)

    def probabilities(self, kernel: Array) -> Array:
        scores = kernel @ self.coefficients + self.mean
        return _softmax(scores @ self.weights + self.biases)


def _calibration(scores: Array, truth: NDArray[np.int64]) -> tuple[Array, Array]:
    """Return the weights and biases of a multinomial logistic regression on scores."""
    from scipy.optimize import minimize

    size, rows = scores.shape[1], np.arange(len(truth))
    prior = _PRIOR_SCALE * np.eye(size)

    def loss(flat: Array) -> tuple[float, Array]:
        weights, biases = flat[:-size].reshape(size, size), flat[-size:]
        table = _softmax(scores @ weights + biases)
        away = weights - prior
        value = -np.log(np.maximum(table[rows, truth], 1e-300)).sum()
        table[rows, truth] -= 1
        slope = scores.T @ table + _PRIOR_WEIGHT * away
        value += 0.5 * _PRIOR_WEIGHT * (away**2).sum()
        return float(value), np.concatenate([slope.ravel(), table.sum(axis=0)])

    start = np.concatenate([prior.ravel(), np.zeros(size)])
    options = {"maxiter": _MAX_STEPS}
    found: Any = minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
    return found.x[:-size].reshape(size, size), found.x[-size:]


def _softmax(logits: Array) -> Array:
    table: Array = np.exp(logits - logits.max(axis=1, keepdims=True))
    table /= table.sum(axis=1, keepdims=True)
    return table
