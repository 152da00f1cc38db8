"""Harvest one set of an OAI-PMH server, in a state that can be stored and resumed.

The caller stores the state with the records, page by page and in one transaction. So a harvest
that is interrupted anywhere goes on with the page after the last one stored.

A page that cannot be read stops no harvest. The days that it may cover are asked for by themselves,
in halves, until one day is left that cannot be read: a hole, which the state keeps. The harvest
goes on after it, and each later one asks for the hole again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final, Self

import orjson

from ingest.sources.oai.protocol import BadToken, OaiPage, OaiPmh
from kg.errors import CatalogueError, SourceError

MAX_RESTARTS: Final = 5
"""Times in one run that a list may be asked for anew without progress."""

MAX_HOLES: Final = 5
"""Days in a row that cannot be read, after which the server is at fault and not its records."""

MAX_UNPROVEN_HOLES: Final = 2
"""As `MAX_HOLES`, where the server gave nothing that could be read in this run."""

_PART_TRIES: Final = 2
"""Requests for a page, once one could not be read."""

_CLOCK_TOLERANCE_S: Final = 60.0
"""Seconds by which a clock may be set back."""

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Harvest:
    """Where the harvest of a set stands; at first, nothing but the set and the day are known.

    Examples
    --------
    >>> state = Harvest("cs:cs:LG", date(2024, 5, 1))
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
    token_at: float | None = None
    """When the token came: seconds since the epoch, by our clock."""
    good_until: float | None = None
    """When the token expires, by the same clock."""
    read: int = 0
    """Records of this list so far."""
    size: int | None = None
    """Records of this list in all, where the server says."""
    first: date | None = None
    """Datestamp of this list's first record."""
    last: date | None = None
    """Datestamp of this list's last record so far."""
    sorted_: bool = True
    """True as long as no datestamp was before the one that it follows."""
    until: date | None = None
    """Last day of the list that is being read; by default it has none."""
    holes: Mapping[str, str] = field(default_factory=dict)
    """Days (ISO) of which records may be missing, with the reasons."""

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
            if fields.get("until"):
                fields["until"] = date.fromisoformat(fields["until"])
            state = cls(**fields)
            if not isinstance(state.set_, str) or not isinstance(state.since, date):
                raise ValueError("no set or no date")
            if not all(map(date.fromisoformat, state.holes)):
                raise ValueError("a hole without a day")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            mend = "begin again with `lfm refresh --since DATE`"
            raise CatalogueError(f"the state of a harvest is damaged ({error})", mend) from error
        return state

    def dump(self) -> str:
        """Return the state as text."""
        return orjson.dumps(asdict(self)).decode()

    def pages(self, client: OaiPmh) -> Iterator[tuple[OaiPage, Self]]:
        """Yield the pages that are left, each with the state to keep once it is stored.

        A harvest that is done begins anew where it ended, with the day of its first answer: what
        changed while it ran comes again, and nothing is lost. Holes of earlier harvests are asked
        for last.

        Raises
        ------
        SourceError
            If the server fails, or loses its place again and again.
        """
        state = self._begun(client.today())
        before = state.holes
        for page, state in state._pages(client):  # noqa: B020
            yield page, state
        for day in before:
            if day in state.holes:
                for page, state in state._filled(client, date.fromisoformat(day)):  # noqa: B020
                    yield page, state

    def _begun(self, today: date) -> Self:
        """Return the state from which to go on; days to come were written by a wrong clock.

        A list that began on such a day begins anew.
        """
        if self.done or self.since > today:
            return type(self)(self.set_, min(self.since, today), holes=self.holes)
        return replace(self, responded=min(self.responded, today) if self.responded else None)

    def _pages(
        self, client: OaiPmh, holes: int = MAX_HOLES, tries: int | None = None
    ) -> Iterator[tuple[OaiPage, Self]]:
        """Yield the pages of a harvest that is not done; at most so many `holes` in a row."""
        state, progress = self, _Progress()
        restarts = row = 0
        answered = False
        while not state.done:
            try:
                page = progress.check(state._next(client, tries), state, client.source)
            except BadToken as error:
                later = state._restarted()
                restarts = 0 if later._from > state._from else restarts + 1
                if restarts > MAX_RESTARTS:
                    reason = f"{state.set_}: the list broke off {restarts} times ({error.reason})"
                    raise SourceError(client.source, reason) from error
                state, progress = later, _Progress()
                continue
            except SourceError as error:
                if not (error.status == 200 or (answered and error.status in (500, 504))):
                    raise
                later = state._around(error.reason, client.today())
                row += len(later.holes) > len(state.holes)
                most = holes if answered else min(holes, MAX_UNPROVEN_HOLES)
                if row > most or (later.done and not answered):
                    raise
                state, progress, tries = later, _Progress(), _PART_TRIES
                if state.done:
                    moment = datetime.fromtimestamp(client.now(), UTC)
                    yield OaiPage(None, moment), state
                continue
            answered, row = True, 0
            here, state = state, state._after(page, client.now())
            if state.since != here.since:
                progress = _Progress()
            yield page, state

    def _filled(self, client: OaiPmh, day: date) -> Iterator[tuple[OaiPage, Self]]:
        """Yield the pages of a day that was a hole, as far as it can be read now."""
        part = type(self)(self.set_, day, until=day)
        try:
            for page, part in part._pages(client, 0, _PART_TRIES):  # noqa: B020
                # It is a list of one day, and done where it leads on to the next.
                if part.since == day and not part.done:
                    yield page, self
                    continue
                rest = {one: why for one, why in self.holes.items() if one != day.isoformat()}
                yield page, replace(self, holes={**rest, **part.holes})
                return
        except SourceError as error:
            if error.status not in (200, 500, 504):
                raise

    @property
    def _from(self) -> date:
        return self.at or self.since

    @property
    def _one_day(self) -> bool:
        return self.until is not None and self.until <= self._from

    def _next(self, client: OaiPmh, tries: int | None) -> OaiPage:
        lenient = self._one_day
        if self.token is None:
            days = self._from, self.until
            return client.list_records(self.set_, *days, tries=tries, lenient=lenient)
        now = client.now()
        early = self.token_at is not None and now < self.token_at - _CLOCK_TOLERANCE_S
        if early or (self.good_until is not None and now >= self.good_until):
            # arXiv's tokens hold a day and a count. Past their time they still work, and pass over
            # as many records as have left that day meanwhile.
            raise BadToken(client.source, "badResumptionToken", "it expired")
        return client.resume(self.token, self.read, self.size, tries=tries, lenient=lenient)

    def _around(self, reason: str, today: date) -> Self:
        """Return the state that goes on beside a page that cannot be read."""
        fresh = self._restarted()
        at = fresh._from
        end = today if self.until is None else self.until
        if at < end:
            return replace(fresh, until=at + (end - at) // 2)
        return self._passed(at, reason, today)

    def _passed(self, day: date, reason: str, today: date) -> Self:
        """Return the state that goes on after a day that is a hole."""
        holes = {**self.holes, day.isoformat(): reason}
        if day >= today:
            return type(self)(self.set_, self.responded or today, done=True, holes=holes)
        # The next day may be no better.
        after = day + _DAY
        return type(self)(self.set_, after, responded=self.responded, until=after, holes=holes)

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
        return replace(fresh, sorted_=self.sorted_, until=self.until, holes=self.holes)

    def _after(self, page: OaiPage, now: float) -> Self:
        """Return the state after a page."""
        today = datetime.fromtimestamp(now, UTC).date()
        # A day to come, by the server's clock, is not yet over.
        responded = self.responded or min(page.responded.date(), today)
        if page.token is None:
            return replace(self, responded=responded)._ended(page.flaw, today)
        days = [record.datestamp for record in page.records if record.datestamp]
        every = [self.last, *days] if self.last else days
        left = (page.expires - page.responded).total_seconds() if page.expires else 0.0
        return replace(
            self,
            responded=responded,
            token=page.token,
            token_at=now,
            # By how long it is good, since the server's clock is not ours.
            good_until=now + left if left > 0 else None,
            read=self.read + len(page.records),
            size=page.size if page.size is not None else self.size,
            first=self.first or (days[0] if days else None),
            last=max(every, default=None),
            sorted_=self.sorted_ and every == sorted(every),
        )

    def _ended(self, flaw: str, today: date) -> Self:
        """Return the state after the last page of a list."""
        if flaw and self.until is not None:
            return self._passed(self.until, flaw, today)
        # What was missing once is here now.
        holes = {
            day: reason
            for day, reason in self.holes.items()
            if day < self.since.isoformat() or (self.until and day > self.until.isoformat())
        }
        if self.until is None or self.until >= today:
            responded = self.responded or today
            return type(self)(self.set_, responded, done=True, holes=holes)
        after, days = self.until + _DAY, self.until - self.since + _DAY
        until = after + 2 * days - _DAY
        end = until if until < today else None
        return type(self)(self.set_, after, responded=self.responded, until=end, holes=holes)


class _Progress:
    """Detects a list that goes in a circle, or on without end."""

    def __init__(self) -> None:
        self._tokens: set[str] = set()
        self._names: set[str] = set()

    def check(self, page: OaiPage, state: Harvest, source: str) -> OaiPage:
        """Return a page, without its token where the list had its end before it.

        Raise a SourceError of status 200 where the list goes on without anything new too early.
        """
        names = {record.identifier for record in page.records}
        old = bool(self._names) and names <= self._names
        self._names |= names
        if page.token is None:
            return page
        again = page.token in self._tokens
        self._tokens.add(page.token)
        if not (again or old):
            return page
        size = page.size if page.size is not None else state.size
        # What this run did not see of the list was read before.
        if size is not None and max(len(self._names), state.read) >= size:
            return replace(page, token=None)
        flaw = "tokens that lead to what came before"
        if state._one_day:
            return replace(page, token=None, flaw=flaw)
        raise SourceError(source, flaw, 200)
