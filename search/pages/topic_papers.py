"""The papers of a topic's page in the order, and of the years, that someone asks for."""

from collections.abc import Sequence
from enum import StrEnum

from kg.ids.titles import normalised_title
from search.atlas import Atlas
from search.pages.topic import Placed


class PaperOrder(StrEnum):
    """What comes first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    TITLE = "title"
    INFLUENTIAL = "influential"


def arranged(
    atlas: Atlas,
    topic: str,
    papers: Sequence[Placed],
    order: PaperOrder = PaperOrder.NEWEST,
    since: int | None = None,
    until: int | None = None,
) -> list[Placed]:
    """Return papers of a topic, those of some years, in an order.

    Parameters
    ----------
    topic : str
        Id of the topic; influence is influence within it.
    papers : sequence of Placed
        Its papers, newest first, as `search.pages.topic.topic_page` has them.
    order : PaperOrder
        Papers of equal rank stay as they come. What has no year is neither new nor old, and what
        no paper of the topic is known to cite has no influence: these come last.
    since, until : int, optional
        First and last year.
    """
    if since is not None or until is not None:
        first, last = since or 0, until if until is not None else 9999
        papers = [one for one in papers if one.paper.year and first <= one.paper.year <= last]
    if order is PaperOrder.OLDEST:
        dated = [one for one in papers if one.paper.year]
        return [*reversed(dated), *(one for one in papers if not one.paper.year)]
    if order is PaperOrder.TITLE:
        return sorted(papers, key=lambda one: normalised_title(one.paper.title))
    if order is PaperOrder.INFLUENTIAL:
        ranks = _ranks(atlas, topic)
        return sorted(papers, key=lambda one: ranks.get(one.paper.id, len(ranks) + 1))
    return list(papers)


def _ranks(atlas: Atlas, topic: str) -> dict[str, int]:
    from kg.analysis.arguments import MAX_ANSWERS
    from kg.analysis.influence import influential

    found = influential(atlas.catalogue, atlas.taxonomy, topic, k=MAX_ANSWERS)
    return {one.paper.id: one.rank for one in found.papers}
