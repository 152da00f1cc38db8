"""The steps of a layout: distances, initial positions, stress, rotation, removal of overlaps."""

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import networkx as nx

Points = NDArray[np.float64]

ROUNDS = 80
"""Iterations of stress majorization, and of `apart` before the picture grows."""

CENTRE_WEIGHT = 4.0
"""Weight of the distances from the centre, as a multiple of the others."""


def distances(graph: "nx.Graph", nodes: Sequence[Hashable]) -> Points:
    """Return the (n, n) lengths of the shortest paths between nodes.

    A link is 0.6 long where its ends have all neighbours in common, and 1.6 where none. Nodes
    without a path between them are as far apart as the ends of the longest one.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import shortest_path

    place = {node: at for at, node in enumerate(nodes)}
    linked = np.eye(len(nodes))
    for one, other in graph.edges():
        if one in place and other in place:
            linked[place[one], place[other]] = linked[place[other], place[one]] = 1.0
    common = linked @ linked
    degrees = linked.sum(axis=1)
    either = degrees[:, None] + degrees[None, :] - common
    lengths = np.where(linked > 0, 1.6 - common / either, 0.0)
    np.fill_diagonal(lengths, 0.0)
    found: Points = shortest_path(csr_array(lengths), directed=False)
    joined = np.isfinite(found)
    found[~joined] = found[joined].max(initial=0.0) or 1.0
    return found


def spread(wanted: Points) -> Points:
    """Return (n, 2) initial positions: classical scaling, and a little of a spiral.

    The spiral separates nodes that are equally far from everything.
    """
    count = len(wanted)
    if count < 2:
        return np.zeros((count, 2))
    squared = wanted**2
    centred = -0.5 * (squared - squared.mean(0) - squared.mean(1)[:, None] + squared.mean())
    values, vectors = np.linalg.eigh(centred)
    axes = vectors[:, [-1, -2]]
    # The sign of an eigenvector is arbitrary: its largest component is made positive.
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    at = np.arange(count)
    radius, angle = np.sqrt((at + 0.5) / count), at * np.pi * (3 - 5**0.5)
    spiral = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    scaled: Points = axes * np.sqrt(np.maximum(values[[-1, -2]], 0))
    return scaled + spiral * float(wanted.max()) * 0.12


def stress(
    wanted: Points,
    start: Points,
    centre: int | None = None,
    along: bool = False,
) -> Points:
    """Return positions whose distances best match those wanted, the short ones above all.

    Parameters
    ----------
    wanted : (n, n) array
    start : (n, 2) array
    centre : int, optional
        The node whose distances count `CENTRE_WEIGHT` times as much.
    along : bool
        Whether x stays as it is.
    """
    count = len(wanted)
    if count < 2:
        return start
    weights = np.maximum(wanted, 1e-9) ** -2.0
    np.fill_diagonal(weights, 0.0)
    if centre is not None:
        weights[centre] *= CENTRE_WEIGHT
        weights[:, centre] *= CENTRE_WEIGHT
    laplacian = np.diag(weights.sum(axis=1)) - weights
    # Adding a constant makes it invertible and moves the mean only.
    inverse = np.linalg.inv(laplacian + 1.0 / count)
    pull = weights * wanted
    points = start.copy()
    for _ in range(ROUNDS):
        ratio = pull / np.maximum(_lengths(points), 1e-9)
        moved = inverse @ (ratio.sum(axis=1)[:, None] * points - ratio @ points)
        # Each axis can be moved alone: the stress falls all the same.
        points[:, 1] = moved[:, 1]
        if not along:
            points[:, 0] = moved[:, 0]
    return points


def turned(points: Points) -> Points:
    """Return the points centred, and rotated so that they are widest from left to right."""
    points = points - points.mean(axis=0)
    _, _, axes = np.linalg.svd(points, full_matrices=False)
    axes = axes * np.sign(axes[[0, 1], np.abs(axes).argmax(axis=1)])[:, None]
    turned: Points = points @ axes.T
    return turned


def apart(points: Points, boxes: Points) -> Points:
    """Move points until no two boxes overlap; enlarge the picture where that does not help.

    Parameters
    ----------
    points : (n, 2) array
        Centres of the boxes.
    boxes : (n, 2) array
        Their widths and heights.
    """
    x, y = points.T.copy()
    wide, high = ((boxes[:, axis][:, None] + boxes[:, axis][None, :]) / 2 for axis in (0, 1))
    np.fill_diagonal(wide, 0.0)
    for turn in range(10_000):
        one, other = np.nonzero(_beyond(x, wide) & _beyond(y, high))
        if not len(one):
            break
        # Every pair comes twice, so each end moves by half; of two at one place the later moves
        # right and down.
        right = np.where(x[one] == x[other], one > other, x[one] > x[other]) * 2 - 1
        down = np.where(y[one] == y[other], one > other, y[one] > y[other]) * 2 - 1
        over_x = wide[one, other] - np.abs(x[one] - x[other])
        over_y = high[one, other] - np.abs(y[one] - y[other])
        sideways = over_x < over_y
        crowd = np.maximum(1.0, np.bincount(one, minlength=len(x)) / 2)
        x += np.bincount(one, np.where(sideways, right * over_x, 0) * 0.52, len(x)) / crowd
        y += np.bincount(one, np.where(sideways, 0, down * over_y) * 0.52, len(x)) / crowd
        if turn % ROUNDS == ROUNDS - 1:
            x, y = x * 1.06, y * 1.06
    return np.stack([x, y], axis=1)


def stacked(points: Points, boxes: Points, order: Sequence[int]) -> Points:
    """Move points up or down, each to the nearest place where it overlaps none before it.

    Parameters
    ----------
    points, boxes
        As of `apart`.
    order : sequence of int
        Indices; earlier ones choose first.
    """
    found = points.copy()
    placed: list[int] = []
    for at in order:
        done = np.array(placed, dtype=int)
        beside = done[np.abs(found[done, 0] - found[at, 0]) < (boxes[done, 0] + boxes[at, 0]) / 2]
        reach = (boxes[beside, 1] + boxes[at, 1]) / 2
        low, high = found[beside, 1] - reach, found[beside, 1] + reach
        # The nearest place is where it wants to be or right beside another.
        places = np.concatenate([[points[at, 1]], low, high])
        inside = (places[:, None] > low + 1e-6) & (places[:, None] < high - 1e-6)
        free = places[~inside.any(axis=1)]
        found[at, 1] = free[np.abs(free - points[at, 1]).argmin()]
        placed.append(at)
    return found


def _beyond(values: NDArray[np.float64], need: Points) -> NDArray[np.bool_]:
    """Return which pairs are too close along one axis."""
    near: NDArray[np.bool_] = np.abs(values[:, None] - values[None, :]) < need - 0.05
    return near


def _lengths(points: Points) -> Points:
    x, y = points.T
    lengths: Points = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    return lengths
