"""When papers came into the atlas."""

from datetime import UTC, date, datetime, timedelta

from kg.records import Filters
from kg.store.arrivals import Arrival
from kg.store.catalogue import Catalogue
from kg.store.journal import ChangeKind
from tests.support.factories import paper, put_all

START = datetime(2026, 1, 1, tzinfo=UTC)


def log(catalogue: Catalogue, minutes: int, number: int, kind: ChangeKind) -> datetime:
    at = START + timedelta(minutes=minutes)
    with Catalogue(catalogue.path, clock=lambda: at) as then:
        then.journal.log_change(paper(number).id, kind)
    return at


def test_what_came_last_is_first_and_then_what_appeared_last(catalogue: Catalogue) -> None:
    keys = put_all(
        catalogue,
        paper(1, published=date(2024, 5, 6), year=2024),
        paper(2),
        paper(3),
        paper(4, id="title:x", arxiv_id=None, year=2024),
        paper(5, id="2405.00001", arxiv_id="2405.00001", year=2024),
        paper(6, id="cs/0112017", arxiv_id="cs/0112017", year=None),
    )
    first = log(catalogue, 1, 2, ChangeKind.ADDED)
    second = log(catalogue, 2, 3, ChangeKind.ADDED)
    third = log(catalogue, 3, 2, ChangeKind.REVISED)
    one, two, three, titled, month, old = keys
    assert catalogue.arrivals.get(Filters(), 9) == [
        Arrival(three, second, second),
        Arrival(two, first, third),
        Arrival(one, None, None),
        Arrival(month, None, None),
        Arrival(titled, None, None),
        Arrival(old, None, None),
    ]


def test_filters_ids_and_a_number_narrow_it(catalogue: Catalogue) -> None:
    one, two, three = put_all(catalogue, paper(1, withdrawn=True), paper(2), paper(3, year=2010))

    def keys(filters: Filters, most: int = 9, among: list[str] | None = None) -> list[int]:
        return [arrival.key for arrival in catalogue.arrivals.get(filters, most, among)]

    assert keys(Filters()) == [two, three]
    assert keys(Filters(withdrawn=True)) == [two, one, three]
    assert keys(Filters(since=2015)) == [two]
    assert keys(Filters(), most=1) == [two]
    assert keys(Filters(), among=[paper(1).id, paper(2).id, "unknown"]) == [two]
    assert keys(Filters(withdrawn=True), among=[]) == []


def test_the_journal_tells_as_many_changes_as_one_asks_for(catalogue: Catalogue) -> None:
    for minutes in range(5):
        log(catalogue, minutes, 1, ChangeKind.REVISED)
    assert [one.at.minute for one in catalogue.journal.changes(START, 2)] == [4, 3]
    assert len(catalogue.journal.changes(START)) == 5
