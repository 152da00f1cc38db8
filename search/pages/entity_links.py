"""Which entities the names in cards mean: for all cards of a page at once."""

from collections.abc import Iterable, Mapping

from kg.cards.card import NAMES, Card
from kg.entities.names import folded_name
from search.atlas import Atlas

EntityLinks = Mapping[tuple[str, str], str]
"""Id of a paper and a name of its card -> what leads to the entity.

That is the entity's id, or the name itself where several entities have it and the paper does not
tell which it means. A name that no entity has is absent.
"""


def entity_links(
    atlas: Atlas, cards: Mapping[str, Card | None], fields: Iterable[str] = NAMES
) -> EntityLinks:
    """Return what the names in cards lead to.

    Parameters
    ----------
    cards : mapping of str to Card
        By the ids of their papers.
    fields : iterable of str
        Fields of the cards that are shown, of `kg.cards.card.NAMES`.
    """
    shown = [
        (paper, name)
        for paper, card in cards.items()
        if card
        for field in fields
        for name in getattr(card, field)
    ]
    folded = {name: folded_name(name) for _, name in shown}
    owners = atlas.catalogue.entities.owners_in(set(folded.values()), list(cards))
    links: dict[tuple[str, str], str] = {}
    for paper, name in shown:
        if known := owners.get(folded[name]):
            related = [one for one, papers in known.items() if paper in papers]
            meant = related if len(related) == 1 else list(known)
            links[paper, name] = meant[0] if len(meant) == 1 else name
    return links
