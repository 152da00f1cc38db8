"""arXiv's calendar: which evenings, which holidays, and both sides of summer time."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from search.pages.digest.arxiv_calendar import (
    announcement,
    announcements,
    holidays,
    next_announcement,
    silence,
)

# As arXiv published them, without days off of its staff in the year.
PUBLISHED = {
    2025: "01-01 01-20 06-19 07-04 09-01 11-27 12-25 12-30",
    2026: "01-01 01-19 06-19 07-03 09-07 11-26 12-25 12-29 12-31",
}


@pytest.mark.parametrize("year", PUBLISHED)
def test_holidays_are_those_that_arxiv_published(year: int) -> None:
    wanted = [date.fromisoformat(f"{year}-{day}") for day in PUBLISHED[year].split()]
    assert sorted(holidays(year)) == wanted


def test_a_holiday_is_observed_on_a_weekday() -> None:
    assert date(2022, 6, 20) in holidays(2022)  # The 19th was a Sunday.
    assert date(2027, 7, 5) in holidays(2027)
    assert date(2027, 6, 18) in holidays(2027)  # The 19th is a Saturday.


def test_it_announces_from_sunday_to_thursday() -> None:
    week = [date(2026, 11, 15) + timedelta(days=n) for n in range(7)]
    assert [silence(day) for day in week] == ["", "", "", "", "", "Friday", "Saturday"]


def test_what_a_friday_would_have_sent_out_on_sunday_is_missing_after_a_holiday() -> None:
    assert silence(date(2026, 12, 27)) == "Christmas"
    assert silence(date(2026, 11, 29)) == ""  # Thanksgiving was a Thursday.


@pytest.mark.parametrize(
    ("day", "utc"),
    [
        ("2026-03-05", "2026-03-06 01:00"),
        ("2026-03-08", "2026-03-09 00:00"),
        ("2026-10-29", "2026-10-30 00:00"),
        ("2026-11-01", "2026-11-02 01:00"),
    ],
)
def test_eight_in_the_evening_is_an_hour_earlier_in_summer(day: str, utc: str) -> None:
    assert f"{announcement(date.fromisoformat(day)):%Y-%m-%d %H:%M}" == utc


def test_a_period_is_compared_by_its_moments_in_any_zone() -> None:
    evening = announcement(date(2026, 11, 23))
    tokyo = timezone(timedelta(hours=9))
    since, until = evening - timedelta(minutes=1), evening.astimezone(tokyo)
    assert announcements(since.astimezone(tokyo), until) == ([evening], {})
    assert announcements(evening, evening + timedelta(hours=1)) == ([], {})


def test_a_weekend_is_named_day_by_day() -> None:
    since = datetime(2026, 11, 27, 6, tzinfo=UTC)  # After Thursday's evening, a holiday.
    made, silent = announcements(since, since + timedelta(days=2))
    assert (made, silent) == ([], {date(2026, 11, 27): "Friday", date(2026, 11, 28): "Saturday"})
    assert next_announcement(since) == announcement(date(2026, 11, 29))


def test_the_next_one_is_after_the_holidays() -> None:
    eve = datetime(2026, 12, 24, 12, tzinfo=UTC)
    assert next_announcement(eve) == announcement(date(2026, 12, 24))
    assert next_announcement(eve + timedelta(days=1)) == announcement(date(2026, 12, 28))


def test_a_period_of_centuries_takes_no_time() -> None:
    made, _ = announcements(datetime.min.replace(tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    assert 250 < len(made) < 300
