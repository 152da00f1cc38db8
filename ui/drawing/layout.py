"""Layouts of a graph: linked nodes near each other, along time, or in rows.

Positions are pixels at full size, with y growing downwards, and deterministic.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ui.drawing.layout_steps import Points, apart, distances, spread, stacked, stress, turned

if TYPE_CHECKING:
    import networkx as nx

Node = str
Sizes = Mapping[Node, tuple[float, float]]
"""Width and height of the box that a node takes, in pixels."""

AREA_FACTOR = 2.6
"""Initial area of a picture, as a multiple of the area of its boxes."""

ASPECT = 1.5
"""Wanted width of a picture, as a multiple of its height."""

MAX_WIDENINGS = 3
"""Times that the years of a picture that is too high are made wider."""

GAP = 46.0
"""Pixels between components."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Positions of the nodes."""

    positions: Mapping[Node, tuple[float, float]]
    """Middle of each node."""
    box: tuple[float, float, float, float]
    """Left, top, width and height of the bounding box of all boxes."""
    ticks: tuple[tuple[int, float], ...] = ()
    """Years with the x at which each begins, where x is time."""


def around(graph: "nx.Graph", sizes: Sizes, centre: Node | None = None) -> Layout:
    """Place linked nodes near each other, without overlaps.

    The wanted distance of two nodes is the length of the shortest path between them, in which a
    link is the longer the fewer neighbours its ends share: so groups stand apart. Components are
    placed below each other.

    Parameters
    ----------
    graph : networkx.Graph
        Directed or not; directions and parallel edges make no difference.
    sizes : mapping
        The box of each node.
    centre : node, optional
        The node at (0, 0); distances from it are kept most faithfully.

    References
    ----------
    E. R. Gansner, Y. Koren and S. North, "Graph drawing by stress majorization", Graph Drawing
    2004.
    """
    parts = _parts(graph, centre)
    placed = [_placed(graph.subgraph(part), part, sizes, centre) for part in parts]
    positions = _packed(parts, placed, sizes)
    if centre is not None:
        x, y = positions[centre]
        positions = {node: (px - x, py - y) for node, (px, py) in positions.items()}
    return _layout(positions, sizes)


def along_time(graph: "nx.Graph", sizes: Sizes, times: Mapping[Node, float]) -> Layout:
    """Place nodes by time from left to right, and linked ones at similar heights.

    Years with more nodes are wider, so that time runs evenly within a year only; the ticks mark the
    beginnings of the years.

    Parameters
    ----------
    sizes : mapping
        The box of each node.
    times : mapping
        Years with a fraction. A node without one is placed at the mean of its neighbours that have
        one, or before all where no neighbour has.
    """
    nodes = list(graph)
    known = {node: times[node] for node in nodes if node in times}
    boxes = _boxes(nodes, sizes)
    years = _Years(sorted(known.values()), boxes)
    x = np.array([years.at(known[node]) if node in known else np.nan for node in nodes])
    for at in [at for at, node in enumerate(nodes) if node not in known]:
        near = [n for n in graph.to_undirected(as_view=True)[nodes[at]] if n in known]
        x[at] = np.mean([years.at(known[n]) for n in near]) if near else years.before
    wanted = distances(graph, nodes)
    # The height that gives the wanted aspect ratio.
    wanted *= years.width / ASPECT / max(float(wanted.max(initial=0.0)), 1.0)
    start = spread(wanted)
    start[:, 0] = x
    points = stress(wanted, start, along=True)
    # Nodes of the same time can keep their distance in height only.
    high = float(np.ptp(points[:, 1])) if nodes else 0.0
    points[:, 1] *= min(1.0, 0.6 * years.width / ASPECT / max(high, 1.0))
    # The most linked nodes choose their positions first.
    order = sorted(range(len(nodes)), key=lambda at: (-graph.degree(nodes[at]), at))
    placed, wider = stacked(points, boxes, order), 1.0
    # Where many share their time, wider years keep the picture from growing high.
    for _ in range(MAX_WIDENINGS):
        extent = np.ptp(placed, axis=0) if nodes else np.zeros(2)
        if extent[1] * ASPECT <= extent[0]:
            break
        more = min(1.6, (extent[1] * ASPECT / max(float(extent[0]), 1.0)) ** 0.5)
        points[:, 0] *= more
        wider *= more
        placed = stacked(points, boxes, order)
    ticks = tuple((year, start * wider) for year, start in years.ticks)
    return _layout(_named(nodes, placed), sizes, ticks)


def in_rows(rows: Sequence[Sequence[Node]], sizes: Sizes, across: float, down: float) -> Layout:
    """Place paths between the same two nodes in rows below each other.

    Parameters
    ----------
    rows : sequence of sequence of node
        Paths with the same ends. A node of several is placed where the first has it.
    sizes : mapping
        The box of each node.
    across, down : float
        Pixels from one node to the next in the longest path, and from one path to the next.
    """
    width = across * max((len(row) - 1 for row in rows), default=0)
    middle = (len(rows) - 1) / 2
    positions: dict[Node, tuple[float, float]] = {}
    for number, row in enumerate(rows):
        last = max(len(row) - 1, 1)
        for at, node in enumerate(row):
            end = at in (0, len(row) - 1)
            place = (width * at / last, 0.0 if end else (number - middle) * down)
            positions.setdefault(node, place)
    return _layout(positions, sizes)


class _Years:
    """A scale of time in which years with more nodes are wider."""

    def __init__(self, times: Sequence[float], boxes: Points) -> None:
        first, last = (int(times[0]), int(times[-1])) if times else (0, 0)
        counts = np.bincount([int(time) - first for time in times] or [0], minlength=1)
        wide = float(boxes[:, 0].mean()) if len(boxes) else 0.0
        area = AREA_FACTOR * float((boxes[:, 0] * boxes[:, 1]).sum())
        shares = np.where(counts > 0, 0.5 + counts**0.75, 0.5)
        widths = np.maximum(wide / 2, shares / shares.sum() * (area * ASPECT) ** 0.5)
        self._first = first
        self._starts = np.concatenate([[0.0], np.cumsum(widths)])
        self.width = float(self._starts[-1])
        self.before = -wide
        years = range(first, last + 2)
        self.ticks = tuple(zip(years, self._starts.tolist(), strict=True)) if times else ()

    def at(self, time: float) -> float:
        year = int(time) - self._first
        start, end = self._starts[year], self._starts[year + 1]
        return float(start + (time - int(time)) * (end - start))


def _parts(graph: "nx.Graph", centre: Node | None) -> list[list[Node]]:
    """Return the nodes of each component, that of the centre or the largest first."""
    import networkx as nx

    order = {node: at for at, node in enumerate(graph)}
    parts = [
        sorted(part, key=order.__getitem__)
        for part in nx.connected_components(graph.to_undirected(as_view=True))
    ]
    return sorted(parts, key=lambda part: (centre not in part, -len(part), order[part[0]]))


def _placed(graph: "nx.Graph", nodes: Sequence[Node], sizes: Sizes, centre: Node | None) -> Points:
    boxes = _boxes(nodes, sizes)
    if len(nodes) == 1:
        return np.zeros((1, 2))
    wanted = distances(graph, nodes)
    middle = nodes.index(centre) if centre in nodes else None
    points = turned(stress(wanted, spread(wanted), middle))
    # Large enough for its boxes, and about as wide as a screen, but not much distorted.
    extent = np.ptp(points, axis=0) + 1e-9
    stretch = min(1.35, max(1.0, ASPECT * extent[1] / extent[0])) ** 0.5
    points *= (stretch, 1 / stretch)
    area = AREA_FACTOR * float((boxes[:, 0] * boxes[:, 1]).sum())
    points *= (area / float(np.prod(np.ptp(points, axis=0) + extent.max() / 2))) ** 0.5
    return apart(points, boxes)


def _packed(
    parts: Sequence[Sequence[Node]], placed: Sequence[Points], sizes: Sizes
) -> dict[Node, tuple[float, float]]:
    """Return all positions: the first component, and below it the others in lines about as wide."""
    corners = []
    for part, points in zip(parts, placed, strict=True):
        half = _boxes(part, sizes) / 2
        corners.append(((points - half).min(axis=0), (points + half).max(axis=0)))
    extents = [(high - low).tolist() for low, high in corners]
    area = sum((wide + GAP) * (high + GAP) for wide, high in extents)
    widest = max([wide for wide, _ in extents] + [(area * ASPECT) ** 0.5])
    lines: list[list[int]] = []
    filled = 0.0
    for at, (wide, _) in enumerate(extents):
        if len(lines) < 2 or filled + GAP + wide > widest:
            lines.append([])
            filled = -GAP
        lines[-1].append(at)
        filled += GAP + wide
    positions: dict[Node, tuple[float, float]] = {}
    y = 0.0
    for line in lines:
        x = -(sum(extents[at][0] for at in line) + GAP * (len(line) - 1)) / 2
        tall = max(extents[at][1] for at in line)
        for at in line:
            wide, high = extents[at]
            positions |= _named(parts[at], placed[at] - corners[at][0] + (x, y + (tall - high) / 2))
            x += wide + GAP
        y += tall + GAP
    return positions


def _boxes(nodes: Sequence[Node], sizes: Sizes) -> Points:
    return np.array([sizes[node] for node in nodes], dtype=float).reshape(-1, 2)


def _named(nodes: Sequence[Node], points: Points) -> dict[Node, tuple[float, float]]:
    return dict(zip(nodes, ((float(x), float(y)) for x, y in points.round(1)), strict=True))


def _layout(
    positions: Mapping[Node, tuple[float, float]],
    sizes: Sizes,
    ticks: tuple[tuple[int, float], ...] = (),
) -> Layout:
    if not positions:
        return Layout({}, (0.0, 0.0, 0.0, 0.0))
    points = np.array(list(positions.values()))
    half = _boxes(list(positions), sizes) / 2
    left, top = (float(low) for low in (points - half).min(axis=0))
    right, bottom = (float(high) for high in (points + half).max(axis=0))
    return Layout(positions, (left, top, right - left, bottom - top), ticks)
