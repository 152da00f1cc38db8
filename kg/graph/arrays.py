"""Reads of the graph as NumPy arrays.

Fetching a million citations as Python objects takes 0.4 s. Having SQLite join the numbers into one
text, which NumPy parses, takes a quarter of that.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kg.graph.fractional_years import fractional_years
from kg.graph.rows import ENDS, End
from kg.records import Filters
from kg.store.database import Database, json_keys
from kg.store.filter_sql import condition

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_KEYS_PER_TEXT = 1 << 16
"""Keys whose citations are joined into one text: far below SQLite's longest."""


class PaperArrays(NamedTuple):
    """Papers that are not withdrawn, one an element."""

    keys: Ints
    """Their keys, ascending."""
    years: Ints
    """Year of each; 0 where unknown."""
    fractional_years: Floats
    """When each appeared, as a year with a fraction; 0 where unknown."""


def paper_arrays(db: Database, topic: str | None = None) -> PaperArrays:
    """Return keys and times of all papers, or of a topic with its descendants.

    Withdrawn papers are left out.
    """
    where, parameters = condition(Filters(topic=topic))
    ((keys, years, days, numbers),) = db.rows(
        "SELECT group_concat(key), group_concat(coalesce(year, 0)),"
        " group_concat(CASE WHEN arxiv_id IS NULL THEN"
        " coalesce(CAST(replace(published, '-', '') AS INTEGER), 0) ELSE 0 END),"
        " group_concat(CASE WHEN arxiv_id GLOB '[0-9]*' THEN CAST(arxiv_id AS REAL) ELSE"
        " coalesce(10000 + substr(arxiv_id, instr(arxiv_id, '/') + 1) / 1000.0, 0) END)"
        f" FROM papers WHERE {where}",
        parameters,
    )
    order = np.argsort(_ints(keys))  # SQLite promises no order.
    floats = np.fromstring(numbers, sep=",") if numbers else np.empty(0)
    times = fractional_years(_ints(years), _ints(days), floats)
    return PaperArrays(_ints(keys)[order], _ints(years)[order], times[order])


def citation_arrays(db: Database, keys: Ints | None = None, both: bool = True) -> tuple[Ints, Ints]:
    """Return the keys of the citing and of the cited papers, each pair once.

    A paper that cites itself is left out.

    Parameters
    ----------
    keys : (n,) int64, optional
        Only citations by, or of, these papers.
    both : bool
        Where `keys` are given: both papers must be among them, not only one.

    Returns
    -------
    citing, cited : (m,) int64
        In ascending order.
    """
    sql = "SELECT group_concat(citing << 32 | cited) FROM citations WHERE citing != cited"
    if keys is None:
        ranged = sql + " AND citing >= ? AND citing < ?"
        last = int(db.value("SELECT coalesce(max(key), 0) FROM papers"))
        texts = [
            db.value(ranged, (start, start + _KEYS_PER_TEXT))
            for start in range(0, last + 1, _KEYS_PER_TEXT)
        ]
    else:
        texts = []
        for start in range(0, len(keys), _KEYS_PER_TEXT):
            some = json.dumps(keys[start : start + _KEYS_PER_TEXT].tolist())
            for end in ENDS[:1] if both else ENDS:
                one = f"{sql} AND {end} IN (SELECT value FROM json_each(?))"
                texts.append(db.value(one, (some,)))
    pairs = np.concatenate([_ints(text) for text in texts] or [_ints(None)])
    # They are nearly in order, which sorting in place uses and `numpy.unique` does not.
    pairs.sort()
    # A citation by several sources is one.
    pairs = pairs[np.diff(pairs, prepend=-1) != 0]
    citing, cited = pairs >> 32, pairs & 0xFFFFFFFF
    if keys is not None and both:
        within = np.isin(cited, keys)
        citing, cited = citing[within], cited[within]
    return citing, cited


def topic_arrays(db: Database, topics: Sequence[str]) -> dict[str, Ints]:
    """Return the keys of the papers placed right under each topic, without descendants."""
    rows = db.rows(
        "SELECT topic, group_concat(DISTINCT paper) FROM placements JOIN papers ON key = paper"
        " WHERE topic IN (SELECT value FROM json_each(?)) AND NOT withdrawn GROUP BY topic",
        (json.dumps(list(topics)),),
    )
    keys = dict(rows)
    return {topic: np.sort(_ints(keys.get(topic))) for topic in topics}


def adjacent_citations(
    db: Database, this: End, keys: Sequence[int], most: int
) -> list[tuple[int, int]]:
    """Return at most `most` (citing, cited) pairs whose one end is of `keys`."""
    # CROSS JOIN keeps the order of the loops: from the few keys to their many rows.
    return db.rows(
        "SELECT DISTINCT citing, cited FROM json_each(?) CROSS JOIN citations"
        f" ON {this} = value JOIN papers ON papers.key = {'citing' if this == 'cited' else 'cited'}"
        " WHERE citing != cited AND NOT withdrawn LIMIT ?",
        (json_keys(keys), most),
    )


def _ints(text: str | None) -> Ints:
    return np.fromstring(text, dtype=np.int64, sep=",") if text else np.empty(0, dtype=np.int64)
