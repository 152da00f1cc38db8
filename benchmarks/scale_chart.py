"""The chart of `benchmarks/scale.py`, as SVG: time and memory against size, both logarithmic."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT = 960, 400
PANEL = 350, 270
"""Width and height of the plot of each panel."""
LEFT, TOP, GAP = 70, 50, 120
COLOURS = {
    "LFM Atlas": "#0b6e4f",
    "txtai": "#c1440e",
    "sentence-transformers + flat FAISS": "#3f5fa8",
    "lancedb": "#8a6d1f",
}
"""Beginning of a series' name -> its colour."""


def draw(figures: Mapping[int, Mapping[str, Any]]) -> str:
    """Return the chart: a warm question's milliseconds at the left, memory at the right."""
    time: dict[str, list[tuple[float, float]]] = {}
    memory: dict[str, list[tuple[float, float]]] = {}
    for size, one in sorted(figures.items()):
        own = one["warm"]["hybrid"]["p50"], one["cold"]["ask"]["memory"]
        every = {"LFM Atlas": own}
        for of in one.get("peers", {}).values():
            if "stopped" not in of:
                every[of["name"]] = of["p50"], of["cold"]["ask"]["memory"]
        for name, (milliseconds, megabytes) in every.items():
            time.setdefault(name, []).append((size, milliseconds))
            memory.setdefault(name, []).append((size, megabytes))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">',
        "<title>Time of a question and memory against the number of papers</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        *_panel(time, LEFT, "A question beyond the model's forward pass, ms"),
        *_panel(memory, LEFT + PANEL[0] + GAP, "Memory of one asking process, MB"),
        *_legend(list(time)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _panel(series: Mapping[str, Points], left: float, title: str) -> list[str]:
    every = [point for points in series.values() for point in points]
    xs, ys = (_decades([point[axis] for point in every]) for axis in (0, 1))
    width, height = PANEL

    def at(x: float, y: float) -> tuple[float, float]:
        across = (math.log10(x) - xs[0]) / (xs[-1] - xs[0])
        up = (math.log10(y) - ys[0]) / (ys[-1] - ys[0])
        return round(left + across * width, 1), round(TOP + (1 - up) * height, 1)

    parts = [f'<text x="{left}" y="{TOP - 20}" font-weight="bold">{escape(title)}</text>']
    for power in xs:
        x, y = at(10**power, 10 ** ys[0])
        parts.append(f'<path d="M{x} {TOP}V{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{x}" y="{y + 18}" text-anchor="middle">{10**power:,}</text>')
    for power in ys:
        x, y = at(10 ** xs[0], 10**power)
        parts.append(f'<path d="M{x} {y}h{width}" stroke="#ddd"/>')
        parts.append(f'<text x="{x - 8}" y="{y + 4}" text-anchor="end">{10**power:,g}</text>')
    for name, points in series.items():
        places = [at(*point) for point in points]
        line = " ".join(f"{x},{y}" for x, y in places)
        colour = _colour(name)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for (x, y), (size, value) in zip(places, points, strict=True):
            about = escape(f"{name}, {size:,.0f} papers: {value:,.1f}")
            parts.append(
                f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"><title>{about}</title></circle>'
            )
    return parts


def _decades(values: Sequence[float]) -> range:
    """Return the powers of ten from below the smallest to above the largest value."""
    low, high = (math.log10(value) for value in (min(values), max(values)))
    return range(math.floor(low), max(math.ceil(high), math.floor(low) + 1) + 1)


def _legend(names: Sequence[str]) -> list[str]:
    parts, x = [], float(LEFT)
    for name in names:
        y = HEIGHT - 20
        parts.append(f'<circle cx="{x:.0f}" cy="{y - 4}" r="5" fill="{_colour(name)}"/>')
        parts.append(f'<text x="{x + 10:.0f}" y="{y}">{escape(name)}</text>')
        x += 40 + 6.6 * len(name)
    return parts


def _colour(name: str) -> str:
    return next(colour for start, colour in COLOURS.items() if name.startswith(start))
