"""Harvesting one set of an OAI-PMH server: where it stands, and how it goes on.

The state is kept by whoever stores the records, page by page and in one transaction with them. So
a harvest that is cut off anywhere goes on with the page after the last one stored.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Final, Self

import orjson

from ingest.sources.oaipmh import BadToken, OaiPage, OaiPmh
from kg.errors import CatalogueError, SourceError

RESTARTS: Final = 5
"""Times in one run that a list may be asked anew without having come further."""


@dataclass(frozen=True, slots=True)
class Harvest:
    """Where the harvest of a set stands.

    Examples
    --------
    >>> state = Harvest.start("cs:cs:LG", date(2024, 5, 1))
    >>> Harvest.load(state.dump()) == state
    True
    """

    set_: str
    """Such as ``cs:cs:LG``."""
    since: date
    """First day of the harvest; of the next one where this one is done."""
    done: bool = False
    """True when the whole list was read."""
    at: date | None = None
    """First day of the list that is being read, where that is later than `since`."""
    responded: date | None = None
    """Day of the first answer."""
    token: str | None = None
    """Gets the next page."""
    good_until: float | None = None
    """When the token loses its meaning: seconds since the epoch, by our clock."""
    read: int = 0
    """Records of this list so far."""
    size: int | None = None
    """Records of this list in all, where the server tells."""
    first: date | None = None
    """Datestamp of this list's first record."""
    last: date | None = None
    """Datestamp of this list's last record so far."""
    sorted_: bool = True
    """True as long as no datestamp was before the one that it follows."""

    @classmethod
    def start(cls, set_: str, since: date) -> Self:
        """Return the state before the first request."""
        return cls(set_, since)

    @classmethod
    def load(cls, text: str) -> Self:
        """Return a state from what `dump` made of it.

        Raises
        ------
        CatalogueError
            If the text is not of that kind.
        """
        try:
            fields = orjson.loads(text)
            for name in ("since", "at", "responded", "first", "last"):
                fields[name] = date.fromisoformat(fields[name]) if fields[name] else None
            state = cls(**fields)
            if not isinstance(state.set_, str) or not isinstance(state.since, date):
                raise ValueError("no set or no date")
        except (ValueError, TypeError, KeyError) as error:
            mend = "begin again with `lfm refresh --since DATE`"
            raise CatalogueError(f"the state of a harvest is damaged ({error})", mend) from error
        return state

    def dump(self) -> str:
        """Return the state as text."""
        return orjson.dumps(asdict(self)).decode()

    def pages(self, client: OaiPmh) -> Iterator[tuple[OaiPage, Self]]:
        """Yield the pages that are left, each with the state to keep once it is stored.

        A harvest that is done begins anew where it ended, with the day of its first answer: what
        changed while it ran comes again, and nothing is lost.

        Raises
        ------
        SourceError
            If the server fails, or loses its place again and again.
        """
        state = type(self)(self.set_, self.since) if self.done else self
        restarts = 0
        while not state.done:
            try:
                page = state._next(client)
            except BadToken as error:
                later = state._restarted()
                restarts = 0 if later._from > state._from else restarts + 1
                if restarts > RESTARTS:
                    reason = f"{state.set_}: the list broke off {restarts} times ({error.reason})"
                    raise SourceError(client.source, reason) from error
                state = later
                continue
            state = state._after(page, client.now())
            yield page, state

    @property
    def _from(self) -> date:
        return self.at or self.since

    def _next(self, client: OaiPmh) -> OaiPage:
        if self.token is None:
            return client.list_records(self.set_, self._from)
        if self.good_until is not None and client.now() >= self.good_until:
            # arXiv's tokens hold a day and a count. Past their time they still work, and pass over
            # as many records as have left that day meanwhile.
            raise BadToken(client.source, "badResumptionToken", "it expired")
        return client.resume(self.token, self.read, self.size)

    def _restarted(self) -> Self:
        """Return the state that asks for the list anew, from the last day that may be incomplete.

        All before the last datestamp was read, if the list is sorted by it. That a list of one day
        is sorted says nothing.
        """
        at = self._from
        if not self.sorted_:
            at = self.since
        elif self.first and self.last and self.first < self.last:
            at = max(at, self.last)
        fresh = type(self)(self.set_, self.since, at=at, responded=self.responded)
        return replace(fresh, sorted_=self.sorted_)

    def _after(self, page: OaiPage, now: float) -> Self:
        """Return the state after a page."""
        responded = self.responded or page.responded.date()
        if page.token is None:
            return type(self)(self.set_, responded, done=True)
        days = [record.datestamp for record in page.records if record.datestamp]
        every = [self.last, *days] if self.last else days
        left = (page.expires - page.responded).total_seconds() if page.expires else 0.0
        return replace(
            self,
            responded=responded,
            token=page.token,
            # By how long it is good, since the server's clock is not ours.
            good_until=now + left if left > 0 else None,
            read=self.read + len(page.records),
            size=page.size if page.size is not None else self.size,
            first=self.first or (days[0] if days else None),
            last=max(every, default=None),
            sorted_=self.sorted_ and every == sorted(every),
        )
