"""Changes of what a paper is filtered by, for indexes that hold it beside the words."""

from collections.abc import Callable
from datetime import date

from kg.cards.card import Kind
from kg.records import Filters, PlacedBy, Placement
from kg.store.catalogue import Catalogue
from kg.text.partial_date import PartialDate
from tests.support.factories import card, paper

Change = Callable[[Catalogue], None]


def change_card(catalogue: Catalogue) -> None:
    catalogue.cards.put(paper(5).id, card(kind=Kind.SURVEY), "x")


def change_topic(catalogue: Catalogue) -> None:
    catalogue.placements.add(paper(5).id, [Placement("a/b", PlacedBy.LIST, "l")])


def change_category(catalogue: Catalogue) -> None:
    catalogue.papers.put(paper(5, categories=("cs.XX",)))


def change_date(catalogue: Catalogue) -> None:
    catalogue.papers.put(paper(5, published=date(2024, 5, 17)))


CHANGES: list[tuple[Change, Filters]] = [
    (change_card, Filters(kind="survey")),
    (change_topic, Filters(topic="a")),
    (change_category, Filters(categories=("cs.xx",))),
    (change_date, Filters(since=PartialDate(2024, 5))),
]
"""What changes of the fifth paper of `tests.support.factories`, and filters that it then passes."""
