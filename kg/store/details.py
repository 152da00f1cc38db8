"""Details: what is known of a paper beside its bibliographic facts."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from kg.cards.card import CHOICES, Card
from kg.links import Link, LinkKind, LinkState, canonical_link
from kg.store.cards import CardStore
from kg.store.database import Store
from kg.store.links import LinkStore
from kg.store.reports import Report, ReportStore
from kg.values import dataclass


@dataclass(frozen=True, slots=True)
class Details:
    """What the atlas knows of one paper beside its bibliographic facts."""

    card: Card | None = None
    links: tuple[Link, ...] = ()
    """By kind; of a kind, the official ones first."""
    reports: tuple[Report, ...] = ()
    """What services say of it, the most citations first."""

    @property
    def summary(self) -> str | None:
        """The summary of the card, or None."""
        return self.card.summary if self.card else None

    @property
    def code(self) -> str | None:
        """Where the best code that is not gone is now, or None."""
        for link in self.links:
            if link.kind is LinkKind.CODE and link.state is not LinkState.GONE:
                return link.moved_to or link.url
        return None

    @property
    def citations(self) -> int | None:
        """The most citations over all papers that a service counts, or None."""
        return self.reports[0].citations if self.reports else None

    def choices(self) -> dict[str, str]:
        """Return field of `kg.cards.card.CHOICES` -> its values, where the card has any."""
        if self.card is None:
            return {}
        values = {field: getattr(self.card, field) for field in CHOICES}
        return {
            field: ", ".join(value) if isinstance(value, tuple) else str(value)
            for field, value in values.items()
            if value
        }


NO_DETAILS: Final = Details()


class DetailStore(Store):
    """The details of papers: their cards, links and reports together."""

    def get(self, keys: Sequence[int]) -> list[Details]:
        """Return the details of each of some papers, in one query for each kind of them.

        A link that `kg.links.canonical_link` refuses is left out: a snapshot may come from
        anywhere.
        """
        cards = CardStore(self._db).get(keys)
        links = LinkStore(self._db).get(keys)
        reports = ReportStore(self._db).get(keys)
        return [
            Details(
                cards.get(key), _safe_links(links.get(key, ())), _safe_reports(reports.get(key, ()))
            )
            for key in keys
        ]


def _safe_links(links: Iterable[Link]) -> tuple[Link, ...]:
    return tuple(
        replace(one, moved_to=_safe_url(one.moved_to)) if one.moved_to else one
        for one in links
        if _safe_url(one.url)
    )


def _safe_reports(reports: Iterable[Report]) -> tuple[Report, ...]:
    return tuple(replace(one, open_access=_safe_url(one.open_access)) for one in reports)


def _safe_url(url: str | None) -> str | None:
    return url if url and canonical_link(url) else None
