"""Dates to the year, the month or the day: ``2024``, ``2024-05``, ``2024-05-17``."""

import re
from datetime import date

from kg.errors import BadRequest
from kg.values import dataclass

PATTERN = "[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"
"""Regular expression of a partial date."""


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A year, a month of a year, or a day.

    Examples
    --------
    >>> may = PartialDate.parse("2024-05")
    >>> str(may), may.first.isoformat(), may.last.isoformat()
    ('2024-05', '2024-05-01', '2024-05-31')
    """

    year: int
    """1 to 9999."""
    month: int | None = None
    """1 to 12, or None where only the year is known."""
    day: int | None = None
    """Day of the month, or None where only the month is known."""

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Parse a date.

        Raises
        ------
        BadRequest
            If it is none, or is in no calendar.
        """
        text = text.strip()
        if not re.fullmatch(PATTERN, text):
            raise BadRequest(
                f"{text[:40]!r} is no date",
                "write a year 2024, a month 2024-05 or a day 2024-05-17",
            )
        parsed = cls(*map(int, text.split("-")))
        parsed.first  # noqa: B018  (refuses a date that is in no calendar)
        return parsed

    @classmethod
    def parse_day(cls, text: str) -> date:
        """Return the first day of a date; see `parse`."""
        try:
            return cls.parse(text).first
        except BadRequest:
            raise BadRequest(f"{text!r} is no day", "write it as 2026-01-31") from None

    @property
    def first(self) -> date:
        """Its first day; a `BadRequest` where it is in no calendar."""
        month, day = (1 if part is None else part for part in (self.month, self.day))
        try:
            return date(self.year, month, day)
        except (ValueError, OverflowError):
            raise BadRequest(f"{str(self)[:40]!r} is in no calendar", "use another date") from None

    @property
    def last(self) -> date:
        """Its last day; see `first`."""
        from calendar import monthrange  # Takes as long as all other dates of a question.

        first = self.first
        month = self.month or 12
        return first.replace(month=month, day=self.day or monthrange(self.year, month)[1])

    def __str__(self) -> str:
        further = (f"-{part:02}" for part in (self.month, self.day) if part is not None)
        return f"{self.year:04}" + "".join(further)


def check_order(since: PartialDate | None, until: PartialDate | None) -> None:
    """Refuse a range of dates that ends before it begins, by a `BadRequest`."""
    if since is not None and until is not None and since.first > until.last:
        unit = "year" if since.month is until.month is None else "day"
        raise BadRequest(f"no {unit} is since {since} and until {until}", "swap them")
