"""The map of an atlas, kept up to date.

It is drawn once, in a thread of its own, and kept in the catalogue; later papers are placed on
it and none is moved. Only an atlas with `REDRAW_GROWTH` times the papers that its map was drawn
from gets a new one.
"""

import sys
import threading
import time
import traceback
from dataclasses import dataclass
from weakref import proxy

import numpy as np

from kg.store.catalogue import Catalogue
from kg.store.positions import Position
from search.atlas import Atlas
from search.index.base import stored_vectors
from search.index.selection import Keys
from search.map import projection
from search.map.points import Points, read

REDRAW_GROWTH = 4
"""Factor by which an atlas must have grown for its map to be drawn anew."""

RETRY_AFTER_S = 60.0
"""Seconds after a failure before drawing is tried again."""


@dataclass(frozen=True, slots=True)
class MapState:
    """How far the map is drawn."""

    papers: int
    """Papers of the atlas."""
    shown: int
    """How many of them are on the map."""
    drawing: float | None
    """Seconds since drawing or placing began; None where neither is under way."""
    failed: bool = False
    """True where the last try failed; the server's log has the error."""


class PaperMap:
    """The map of one open atlas; any thread may ask."""

    def __init__(self, atlas: Atlas) -> None:
        self._atlas: Atlas = proxy(atlas)  # Whoever opened the atlas keeps both.
        self._lock = threading.Lock()
        self._work: threading.Thread | None = None
        self._since = 0.0
        self._failed: float | None = None

    def state(self, wait_s: float = 1.0) -> MapState:
        """Return how far the map is; start to draw it, or to place papers, where that is due.

        Parameters
        ----------
        wait_s : float
            Seconds to wait for the work from when it began; enough to place the few papers of a
            refresh.
        """
        catalogue, model = self._atlas.catalogue, self._atlas.embedder.model
        with self._lock:
            if not self._busy and not self._just_failed and is_behind(catalogue, model):
                self._since, self._failed = time.monotonic(), None
                self._work = threading.Thread(target=self._update, name="map", daemon=True)
                self._work.start()
            work = self._work
        if work is not None:
            work.join(max(0.0, self._since + wait_s - time.monotonic()))
        return MapState(
            papers=catalogue.size(),
            shown=catalogue.positions.counts(model)[0],
            drawing=time.monotonic() - self._since if self._busy else None,
            failed=self._just_failed,
        )

    @property
    def _busy(self) -> bool:
        return self._work is not None and self._work.is_alive()

    @property
    def _just_failed(self) -> bool:
        return self._failed is not None and time.monotonic() - self._failed < RETRY_AFTER_S

    def _update(self) -> None:
        embedder, catalogue = self._atlas.embedder, self._atlas.catalogue
        try:
            update(catalogue, embedder.model, embedder.dim)
        except Exception:
            self._failed = time.monotonic()
            traceback.print_exc(file=sys.stderr)
        finally:
            catalogue.close()  # This thread's connection.

    def points(self) -> Points:
        """Return the papers that are on the map now."""
        catalogue, model = self._atlas.catalogue, self._atlas.embedder.model
        with catalogue.reading():
            return catalogue.cache.get(
                ("map points", model),
                lambda: read(catalogue, self._atlas.taxonomy, model),
                (catalogue.revision, catalogue.positions.revision),
            )


def is_behind(catalogue: Catalogue, model: str) -> bool:
    """Return whether there are papers to place, or a map to draw."""
    shown, drawn, missing = catalogue.positions.counts(model)
    return _to_draw(drawn, shown + missing) or (drawn > 0 and missing > 0)


def _to_draw(drawn: int, papers: int) -> bool:
    # What is drawn from as many papers as a map can be is not drawn again.
    grown = papers >= REDRAW_GROWTH * drawn and drawn < projection.MAX_DRAWN_PAPERS
    return papers >= projection.MIN_PAPERS and grown


def update(catalogue: Catalogue, model: str, dim: int) -> int:
    """Place the papers that have a vector on the map; draw it where there is none that serves.

    Returns
    -------
    int
        How many papers got a position.
    """
    with catalogue.reading():
        since = catalogue.positions.revision
        keys, vectors = stored_vectors(catalogue, model, dim)
        known = catalogue.positions.all(model)
    drawn = {position.key: position for position in known if position.drawn}
    anew = _to_draw(len(drawn), len(keys))
    if anew:
        some = np.zeros(len(keys), dtype=bool)
        count = min(len(keys), projection.MAX_DRAWN_PAPERS)
        some[np.linspace(0, len(keys) - 1, count).astype(np.int64)] = True
        points = projection.draw(vectors[some])
        rows = _positions(keys[some], points, drawn=True)
        rest = ~some
    else:
        some = np.isin(keys, list(drawn))
        rest = ~np.isin(keys, [position.key for position in known])
        if not some.any() or not rest.any():
            return 0
        points = np.array([drawn[key][1:3] for key in keys[some].tolist()])
        rows = []
    places = projection.place(keys[rest], vectors[rest], vectors[some], points)
    rows += _positions(keys[rest], places, drawn=False)
    return len(rows) if catalogue.positions.add(model, rows, since, anew) else 0


def _positions(keys: Keys, points: projection.Places, drawn: bool) -> list[Position]:
    pairs = zip(keys.tolist(), points.tolist(), strict=True)
    return [Position(key, x, y, drawn) for key, (x, y) in pairs]
