"""The closed forms are those of models trained anew, and confidence is right."""

import numpy as np
import pytest

from ingest.cards import kernel_ridge
from ingest.cards.kernel_ridge import RIDGE, KernelRidge, _Task


def test_leave_one_out_is_what_training_without_each_row_gives() -> None:
    chance = np.random.default_rng(1)
    rows = chance.normal(size=(30, 5))
    truth = chance.normal(size=30)
    kernel = rows @ rows.T
    inverse = np.linalg.inv(kernel + RIDGE * np.eye(30))
    coefficients = inverse @ truth
    quick = truth - coefficients / inverse.diagonal()
    for row in range(30):
        others = np.arange(30) != row
        part = kernel[np.ix_(others, others)] + RIDGE * np.eye(29)
        slow = kernel[row, others] @ np.linalg.solve(part, truth[others])
        assert quick[row] == pytest.approx(slow)


def test_the_regression_is_the_solution_of_its_equations() -> None:
    chance = np.random.default_rng(2)
    rows = chance.normal(size=(40, 6))
    classes = np.array(["a", "b"] * 20)
    kernel = rows @ rows.T
    (task,) = KernelRidge.trained(kernel.copy(), [classes])._tasks
    truth = (classes[:, None] == np.array(["a", "b"])) - 0.5
    expected = np.linalg.solve(kernel + RIDGE * np.eye(40), truth)
    assert np.allclose(task.coefficients, expected)


def test_confidence_is_the_share_that_is_right() -> None:
    chance = np.random.default_rng(3)
    rows = chance.normal(size=(1200, 8))
    noisy = rows[:, 0] + chance.normal(size=1200)
    classes = np.where(noisy > 0.5, "high", np.where(noisy < -0.5, "low", "middle"))
    old, new = slice(0, 700), slice(700, 1200)
    model = KernelRidge.trained(rows[old] @ rows[old].T, [classes[old]])
    ((names, chances),) = model.probabilities(rows[new] @ rows[old].T)
    assert chances.sum(axis=1) == pytest.approx(1)
    right = names[chances.argmax(axis=1)] == classes[new]
    assert right.mean() > 0.5
    for least, most in ((0.3, 0.5), (0.5, 0.7), (0.7, 1.0)):
        some = (chances.max(axis=1) >= least) & (chances.max(axis=1) < most)
        assert right[some].mean() == pytest.approx(chances.max(axis=1)[some].mean(), abs=0.12)


def test_rare_classes_are_left_out_and_one_class_alone_is_certain() -> None:
    chance = np.random.default_rng(4)
    rows = chance.normal(size=(60, 4))
    rare = np.array(["often"] * 30 + ["too"] * 27 + ["seldom"] * 3)
    same = np.array(["same"] * 60)
    model = KernelRidge.trained(rows @ rows.T, [rare, same])
    (some, _), (one, sure) = model.probabilities(rows @ rows.T)
    assert some.tolist() == ["often", "too"]
    assert one.tolist() == ["same"]
    assert sure == pytest.approx(1)
    assert kernel_ridge.MIN_CLASS_SIZE == 8
    assert isinstance(model._tasks[0], _Task)
