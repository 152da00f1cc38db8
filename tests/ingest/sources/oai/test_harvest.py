from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.net.http import Http
from ingest.sources.oai.harvest import MAX_RESTARTS, Harvest
from ingest.sources.oai.protocol import OaiPmh
from kg.errors import CatalogueError, SourceError
from tests.support.services.arxiv import OaiServer, http, oai, record, refusal

DAY = date(2024, 5, 10)
SET = "cs:cs:LG"
STAMPS = st.dictionaries(
    st.integers(1, 99999).map("2001.{:05}".format),
    st.integers(0, 9).map(lambda days: DAY + timedelta(days=days)),
    max_size=25,
)


def harvested(server: OaiServer, state: Harvest) -> tuple[list[str], Harvest]:
    """Harvest to the end, as one who keeps each state as text."""
    seen: list[str] = []
    for page, after in state.pages(OaiPmh(http(server), "http://oai")):
        seen += [one.arxiv_id or "" for one in page.records]
        state = Harvest.load(after.dump())
        assert state == after
    return seen, state


def days(*numbers: int) -> dict[str, date]:
    return {f"2001.{i:05}": DAY + timedelta(days=number) for i, number in enumerate(numbers)}


def test_a_harvest_of_several_pages() -> None:
    server = OaiServer(days(0, 0, 0, 1, 2))
    seen, state = harvested(server, Harvest(SET, DAY))
    assert seen == sorted(server.stamps)
    assert state == Harvest(SET, server.today, done=True)
    assert len(server.asked) == 3
    assert server.asked[0]["set"] == SET


def test_nothing_to_harvest() -> None:
    server = OaiServer({})
    seen, state = harvested(server, Harvest(SET, DAY))
    assert seen == []
    assert state == Harvest(SET, date(2024, 5, 20), done=True)


def test_the_next_harvest_begins_with_the_day_of_the_first_answer() -> None:
    server = OaiServer(days(0, 0, 1, 1))
    state = Harvest(SET, DAY)
    client = OaiPmh(http(server), "http://oai")
    pages = state.pages(client)
    first = server.today
    _, state = next(pages)
    # While it is read a day passes, and the first record changes.
    server.stamps["2001.00000"] = first
    server.today = first + timedelta(days=1)
    *_, (_, state) = pages
    assert state == Harvest(SET, first, done=True)
    seen, _ = harvested(server, state)
    assert seen == ["2001.00000"]
    assert server.asked[-1]["from"] == first.isoformat()


@given(STAMPS, st.integers(1, 4), st.sets(st.integers(1, 60), max_size=MAX_RESTARTS))
def test_tokens_that_expire_lose_no_record(
    stamps: dict[str, date], page: int, expired: set[int]
) -> None:
    server = OaiServer(stamps, page, expired.__contains__)
    seen, state = harvested(server, Harvest(SET, DAY))
    assert set(seen) == set(stamps)
    assert state.done


@given(STAMPS, st.integers(1, 4), st.data())
def test_records_that_change_meanwhile_are_not_lost(
    stamps: dict[str, date], page: int, data: st.DataObject
) -> None:
    """Between two pages records move to the end of the list, and tokens expire with the day."""
    server = OaiServer(dict(stamps), page)
    state, seen = Harvest(SET, DAY), set[str]()
    moves = data.draw(st.integers(0, 3))
    client = OaiPmh(http(server), "http://oai")
    for one, state in state.pages(client):  # noqa: B020
        seen |= {record.arxiv_id or "" for record in one.records}
        if moves and stamps and state.token:
            moves -= 1
            # As arXiv announces: the day of all that changed, and of no token from before.
            server.today += timedelta(days=1)
            moved = data.draw(st.sets(st.sampled_from(sorted(stamps)), max_size=3))
            server.stamps |= dict.fromkeys(moved, server.today)
            server.expire = {len(server.asked) + 1}.__contains__
    again, _ = harvested(server, state)
    assert seen | set(again) >= set(stamps)
    changed = {name for name, day in server.stamps.items() if day != stamps[name]}
    assert changed <= set(again)


@given(STAMPS, st.integers(1, 4), st.lists(st.integers(1, 3), max_size=20))
def test_a_harvest_that_is_killed_goes_on(
    stamps: dict[str, date], page: int, lives: list[int]
) -> None:
    """A run stores some pages, or none of the one that it has, and the next one goes on."""
    server = OaiServer(stamps, page)
    kept, seen = Harvest(SET, DAY).dump(), list[str]()
    for life in [*lives, 99]:
        state = Harvest.load(kept)
        if state.done:
            break
        for number, (one, after) in enumerate(state.pages(OaiPmh(http(server), "http://oai")), 1):
            if number == life:
                break
            seen += [record.arxiv_id or "" for record in one.records]
            kept = after.dump()
    assert Harvest.load(kept).done
    assert sorted(seen) == sorted(stamps)


def test_a_restart_begins_with_the_last_day_that_may_be_incomplete() -> None:
    server = OaiServer(days(0, 0, 1, 3, 3, 3), 2, {3}.__contains__)
    seen, _ = harvested(server, Harvest(SET, DAY))
    first, again = f"{DAY}", "2024-05-13"
    assert [asked.get("from") for asked in server.asked] == [first, None, None, again, None]
    assert len(seen) == 7


def test_an_unsorted_list_is_begun_anew() -> None:
    stamps = days(2, 5, 1, 4, 0, 3)
    names = sorted(stamps)
    requests: list[dict[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked = dict(request.url.params)
        requests.append(asked)
        if len(requests) == 3:
            return httpx.Response(200, content=refusal("badResumptionToken"))
        start = int(asked.get("resumptionToken", "0"))
        since = asked.get("from", f"{DAY}")
        rest = [name for name in names if f"{stamps[name]}" >= since][start:]
        inside = "".join(record(name, stamps[name]) for name in rest[:2])
        token = start + 2 if len(rest) > 2 else ""
        inside += f"<resumptionToken>{token}</resumptionToken>"
        return httpx.Response(200, content=oai(f"<ListRecords>{inside}</ListRecords>"))

    pages = Harvest(SET, DAY).pages(OaiPmh(http(answer), "http://oai"))
    seen = {one.arxiv_id for page, _ in pages for one in page.records}
    assert seen == set(names)
    assert [asked["from"] for asked in requests if "from" in asked] == [f"{DAY}", f"{DAY}"]


def test_a_token_is_not_used_after_its_time() -> None:
    server = OaiServer(days(0, 0, 1, 1))
    server.expires = f"{server.today}T12:00:01Z"
    wire = http(server)
    pages = Harvest(SET, DAY).pages(OaiPmh(wire, "http://oai"))
    _, kept = next(pages)
    wire.sleep(12 * 3600)
    seen = {
        one.arxiv_id for page, _ in kept.pages(OaiPmh(wire, "http://oai")) for one in page.records
    }
    assert seen >= {"2001.00002", "2001.00003"}
    assert "from" in server.asked[1]
    # An hour earlier it would have been good; so is one whose time is nonsense.
    server.expires = "2001-01-01T00:00:00Z"
    server.asked.clear()
    harvested(server, Harvest(SET, DAY))
    assert [name for asked in server.asked for name in asked if name == "from"] == ["from"]


class Circle:
    """A server whose list of four records goes on after its end, by the tokens it is given."""

    def __init__(self, token: Callable[[int], str], size: int | None = 4) -> None:
        self.token, self.asked = token, 0
        self.about = "" if size is None else f' completeListSize="{size}"'

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        assert self.asked < 99
        at = 0 if "resumptionToken" not in request.url.params else self.asked - 1
        names = (f"2001.0000{2 * (at % 2) + n}" for n in range(2))
        inside = "".join(record(name, DAY) for name in names)
        token = f"<resumptionToken{self.about}>{self.token(self.asked)}</resumptionToken>"
        return httpx.Response(200, content=oai(f"<ListRecords>{inside}{token}</ListRecords>"))


@pytest.mark.parametrize("token", [lambda n: "AB"[n % 2], str], ids=["A, B, A", "always new"])
def test_a_list_that_leads_on_after_its_end_has_ended(token: Callable[[int], str]) -> None:
    server = Circle(token)
    *_, (_, state) = Harvest(SET, DAY).pages(OaiPmh(http(server), "http://oai"))
    assert (state.done, state.holes) == (True, {})
    assert server.asked <= 4


@pytest.mark.parametrize("size", [None, 5])
def test_a_list_that_leads_round_short_of_its_size_is_told(size: int | None) -> None:
    server = Circle(str, size)
    *_, (_, state) = Harvest(SET, DAY).pages(OaiPmh(http(server), "http://oai"))
    assert state.done
    assert set(state.holes.values()) == {"tokens that lead to what came before"}


def test_a_state_knows_no_day_to_come() -> None:
    server = OaiServer(days(0, 0, 1, 1))
    wire = http(server)
    client, today = OaiPmh(wire, "http://oai"), date(2024, 6, 1)
    harvested(server, Harvest(SET, date(2099, 1, 1), done=True))
    assert server.asked[0]["from"] == f"{today}"
    # Nor does a server whose clock is ahead.
    server.today = date(2099, 1, 1)
    *_, (_, state) = Harvest(SET, DAY).pages(client)
    assert state == Harvest(SET, today, done=True)


def test_the_life_of_a_token_goes_by_the_wall_clock() -> None:
    server = OaiServer(days(0, 0, 1, 1))
    server.expires = f"{server.today}T12:00:01Z"
    wire = http(server)
    wall = wire.clock()
    wire.wall = lambda: wall
    kept = next(Harvest(SET, DAY).pages(OaiPmh(wire, "http://oai")))[1].dump()
    # The machine starts anew: the other clock begins at nought, and the token's time is over.
    later = http(server)
    later.clock = lambda: 0.0
    later.wall = lambda: wall + 13 * 3600
    asked = len(server.asked)
    seen = [
        record.arxiv_id
        for page, _ in Harvest.load(kept).pages(OaiPmh(later, "http://oai"))
        for record in page.records
    ]
    assert "from" in server.asked[asked]
    assert {"2001.00002", "2001.00003"} <= set(seen)
    # A clock that was set back knows nothing of a token's time.
    later.wall = lambda: wall - 3600
    asked = len(server.asked)
    list(Harvest.load(kept).pages(OaiPmh(later, "http://oai")))
    assert "from" in server.asked[asked]


@given(STAMPS, st.integers(1, 4), st.data())
def test_a_record_that_spoils_its_page_costs_its_day_alone(
    stamps: dict[str, date], page: int, data: st.DataObject
) -> None:
    server = Windowed(dict(stamps), page)
    server.spoilt = data.draw(
        st.sets(st.sampled_from(sorted(stamps)), max_size=2) if stamps else st.just(set())
    )
    spoilt = {stamps[name] for name in server.spoilt}
    wire = http(server)
    wire.wall = lambda: datetime.combine(server.today, time(12), UTC).timestamp()
    seen = set[str]()
    try:
        for one, after in Harvest(SET, DAY).pages(OaiPmh(wire, "http://oai")):
            seen |= {record.arxiv_id or "" for record in one.records}
            state = after
    except SourceError:
        # Nothing at all could be read, so it may be the server that fails.
        assert not seen
        return
    assert state.done
    assert {date.fromisoformat(day) for day in state.holes} == spoilt
    assert {name for name, day in stamps.items() if day not in spoilt} <= seen
    server.spoilt = set()
    again, state = harvested_with(wire, Harvest.load(state.dump()))
    assert seen | again == set(stamps)
    assert state.holes == {}


class Windowed(OaiServer):
    """A server that knows `until`, and whose pages some records spoil."""

    spoilt: set[str] = set()  # noqa: RUF012

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = dict(request.url.params)
        since, until, skip = (
            asked["resumptionToken"].split("/")
            if "resumptionToken" in asked
            else (asked["from"], asked.get("until", "9999-12-31"), "0")
        )
        every = [n for n in self.listed(date.fromisoformat(since)) if f"{self.stamps[n]}" <= until]
        shown = every[int(skip) :][: self.page]
        if not shown:
            return httpx.Response(200, content=refusal("noRecordsMatch"))
        inside = "".join(record(name, self.stamps[name]) for name in shown)
        if len(every) > int(skip) + self.page:
            inside += f"<resumptionToken>{since}/{until}/{int(skip) + self.page}</resumptionToken>"
        if self.spoilt & set(shown):
            inside += "<b>"
        body = oai(f"<ListRecords>{inside}</ListRecords>", f"{self.today}T00:00:01Z")
        return httpx.Response(200, content=body)


def harvested_with(wire: Http, state: Harvest) -> tuple[set[str], Harvest]:
    pages = list(state.pages(OaiPmh(wire, "http://oai")))
    return {one.arxiv_id or "" for page, _ in pages for one in page.records}, pages[-1][1]


def test_a_server_that_says_nothing_of_use_is_soon_left_alone() -> None:
    asked = 0

    def answer(_: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(200, content=b"<!DOCTYPE html><html>we are busy</html>")

    with pytest.raises(SourceError, match="an HTML page"):
        list(Harvest(SET, date(2024, 5, 2)).pages(OaiPmh(http(answer), "http://oai")))
    assert asked < 30


def test_a_list_that_always_breaks_off_is_given_up() -> None:
    server = OaiServer(days(0, 0, 0, 0), 2, lambda _: True)
    state = Harvest(SET, DAY)
    with pytest.raises(SourceError, match=r"broke off 6 times .badResumptionToken"):
        harvested(server, state)
    # The next run tries as often again.
    server.expire = lambda _: False
    seen, state = harvested(server, Harvest(SET, DAY, token=f"{DAY}/2", read=2))
    assert (len(seen), state.done) == (2, True)


def test_a_token_after_which_nothing_comes_is_begun_anew() -> None:
    server = OaiServer(days(0, 1, 1, 1), 2)
    client = OaiPmh(http(server), "http://oai")
    pages = Harvest(SET, DAY).pages(client)
    next(pages)
    # What the token counts on has left the set.
    del server.stamps["2001.00002"], server.stamps["2001.00003"]
    (page, state), *others = pages
    assert [one.arxiv_id for one in page.records] == ["2001.00001"]
    assert (state.done, others) == (True, [])


def test_a_list_whose_size_is_known_does_not_end_early() -> None:
    short = [True]

    def answer(request: httpx.Request) -> httpx.Response:
        first = "resumptionToken" not in request.url.params
        token = '<resumptionToken completeListSize="3">t</resumptionToken>' if first else ""
        names = ["2001.00001"] if first or short.pop() else ["2001.00002", "2001.00003"]
        if not short:
            short.append(False)
        inside = "".join(record(name, DAY) for name in names)
        return httpx.Response(200, content=oai(f"<ListRecords>{inside}{token}</ListRecords>"))

    client = OaiPmh(http(answer), "http://oai")
    seen = [one.arxiv_id for page, _ in Harvest(SET, DAY).pages(client) for one in page.records]
    assert seen == ["2001.00001", "2001.00002", "2001.00003"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"set_": 1, "since": null}', '{"x": 1}', "nul"])
def test_a_damaged_state(text: str) -> None:
    with pytest.raises(CatalogueError, match="damaged"):
        Harvest.load(text)
