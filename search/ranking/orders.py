"""The order that a question asks for: the newest, oldest or most cited of what is relevant."""

from collections.abc import Iterable, Sequence
from typing import Final

from kg.records import Filters
from search.atlas import Atlas
from search.ranking.fusion import standardised
from search.ranking.preferences import preferred_first, worth
from search.understanding.reading import Order

RELEVANT_SHARE: Final = 0.35
"""Part of the best score, in standard deviations above the mean, from which a paper is relevant."""

MIN_RELEVANT: Final = 5
"""So many of the best are put in order, whatever they score; twice as many, if above the mean."""


def in_order(
    atlas: Atlas, keys: Iterable[int], order: Order, preferred: Sequence[Filters] = ()
) -> list[int]:
    """Return papers in an order, those that pass more preferences first; equal ones as they come.

    A paper without a date comes last. The most cited are those of which a service counts the most
    citations; of what none counts, the uses in the atlas stand in (`RelationStore.uses`).
    """
    catalogue, keys = atlas.catalogue, list(keys)
    if order is Order.CITED:
        counts = catalogue.relations.uses(keys)
        reported = catalogue.reports.citations(keys)
        keys.sort(key=lambda key: -max(counts.get(key, 0), reported.get(key, 0)))
    else:
        appeared = catalogue.papers.appeared(keys)
        dated = [key for key in keys if key in appeared]
        dated.sort(key=appeared.__getitem__, reverse=order is Order.NEWEST)
        keys = [*dated, *(key for key in keys if key not in appeared)]
    return preferred_first(atlas, keys, preferred)


def relevant(ranked: Sequence[tuple[int, float]], depth: int) -> list[int]:
    """Return the papers of a ranking that are put in order, best first.

    Parameters
    ----------
    ranked : sequence of (int, float)
        Keys and scores, best first.
    depth : int
        How many of the best are looked at.
    """
    best = ranked[:depth]
    scores = standardised([score for _, score in best])
    least = RELEVANT_SHARE * max(scores, default=0.0)
    return [
        key
        for place, ((key, _), score) in enumerate(zip(best, scores, strict=True))
        if place < MIN_RELEVANT or score >= (0.0 if place < 2 * MIN_RELEVANT else least)
    ]


def all_in_order(
    atlas: Atlas,
    filters: Filters,
    preferred: Sequence[Filters],
    order: Order,
    most: int,
) -> list[int]:
    """Return all papers that pass filters, up to `most`, in an order.

    Those that pass more preferences come first.
    """
    if order is not Order.CITED and (columns := atlas.columns_for(filters)):
        bonuses = [(one, worth(one)) for one in preferred]
        return columns.in_order(filters, order is Order.NEWEST, most, bonuses)
    if order is Order.NEWEST and not preferred:
        return atlas.newest_passing(filters, most)
    keys = atlas.passing(filters)
    # Of equal ones, as `PaperStore.newest` has them.
    keys = keys if order is Order.OLDEST else keys[::-1]
    return in_order(atlas, keys, order, preferred)[:most]
