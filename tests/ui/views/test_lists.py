"""The reading lists as HTML: what an address and a browser's lists show together."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from ingest.embedding import embed_missing
from kg.records import PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.store.journal import ChangeKind
from search.library import Library
from tests.support.clock import StandingClock
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all
from ui.page.address import Address
from ui.page.browser_lists import MIN_ABSENCE, BrowserLists, parse
from ui.page.visit import Page, Visit
from ui.views import lists, registry

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
BEFORE = (NOW - timedelta(days=3)).isoformat()
FUSION, EDITING = "model-reuse/model-fusion", "model-editing"
HOSTILE = "<img src=x onerror=alert(1)> \u202e\"'"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    settings = Settings(tmp_path_factory.mktemp("atlas"))
    with Catalogue(settings.catalogue, clock=StandingClock(NOW - timedelta(days=1))) as catalogue:
        many = [
            paper(n, title=f"Merging weights {n}", abstract="We merge. It works.", year=2000 + n)
            for n in range(1, 8)
        ]
        put_all(catalogue, *many, paper(8, title=HOSTILE), paper(9, title="Old"), paper(10))
        for number, topic in ((1, FUSION), (2, f"{FUSION}/surveys"), (3, EDITING)):
            catalogue.placements.add(name(number), [Placement(topic, PlacedBy.LIST, "a list")])
        catalogue.papers.rename(name(9), name(7))
        catalogue.journal.log_change(name(6), ChangeKind.ADDED)
        catalogue.journal.log_change(name(10), ChangeKind.ADDED)
        catalogue.journal.log_change(name(1), ChangeKind.REVISED, "version 2 <b>")
        catalogue.journal.log_change(name(2), ChangeKind.WITHDRAWN)
        catalogue.journal.log_change(name(5), ChangeKind.REVISED, "not on the list")
        embed_missing(catalogue, HashedWords())
        with Library(settings, HashedWords(), clock=StandingClock(NOW)) as opened:
            yield opened


def name(number: int) -> str:
    return f"2001.{number:05}"


def browser(*papers: object, **more: object) -> dict[str, object]:
    """Return what a browser keeps that has a list of these papers, and an empty one."""
    made = [one if isinstance(one, dict) else {"id": name(one)} for one in papers]
    lists = [{"name": "Merging", "papers": len(made)}, {"name": "Empty", "papers": 0}]
    return {"lists": lists, "using": "Merging", "papers": made} | more


def shown(library: Library, query: str = "", sent: object = None) -> Page:
    address = Address.parse(f"?view=lists&{query}")
    return registry.show(Visit(library, address, sent if sent is not None else {}))


def cards(page: Page) -> list[str]:
    return re.findall(r'<article class="card[^>]*data-paper="([^"]*)"', str(page.body))


def words(page: Page) -> str:
    return " ".join(unescape(re.sub("<[^>]*>", " ", str(page.body))).split())


def test_whoever_has_no_list_is_told_how_to_begin(library: Library) -> None:
    page = shown(library)
    assert page.title == "Reading lists"
    assert "?view=lists&amp;show=import" in page.body
    assert "?q=How" in page.body
    assert "Lists stay in this browser" in words(page)


@pytest.mark.parametrize("show", ["related", "news&since=2020-01-01"])
def test_as_many_papers_are_shown_as_the_page_offers_and_no_more(
    show: str, library: Library
) -> None:
    for count in lists.COUNTS:
        page = shown(library, f"show={show}&k={count}", browser(1, 2))
        assert page.title == "Merging"
    for count in (lists.COUNTS[-1] + 1, 0, -1):
        page = shown(library, f"show={show}&k={count}", browser(1, 2))
        assert (page.title, "ask for 1 to 100" in words(page)) == ("That did not work", True)


def test_a_list_shows_its_papers_in_the_readers_order(library: Library) -> None:
    page = shown(library, sent=browser(3, 1, 2))
    assert page.title == "Merging"
    assert cards(page) == [name(3), name(1), name(2)]
    assert page.body.count('data-do="up"') == page.body.count('data-do="down"') == 3
    assert page.body.count(" disabled") == 2
    assert "3 papers" in words(page)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("added", [2, 3, 1]),
        ("year", [3, 2, 1]),
        ("title", [1, 2, 3]),
        ("topic", [3, 1, 2]),
        ("order", [3, 1, 2]),
    ],
)
def test_a_list_is_sorted_as_the_address_says(
    library: Library, sort: str, order: list[int]
) -> None:
    days = {3: "2026-05-02", 1: "2026-05-01", 2: "2026-05-03"}
    made = [{"id": name(n), "added": f"{day}T00:00:00Z"} for n, day in days.items()]
    page = shown(library, f"list=Merging&sort={sort}", browser(*made))
    assert cards(page) == [name(number) for number in order]
    assert ('data-do="up"' in page.body) == (sort == "order")
    assert "kept 2026-05-03" in words(page)


def test_topics_are_counted_and_choose(library: Library) -> None:
    page = shown(library, f"topic={FUSION}", browser(1, 2, 3))
    assert cards(page) == [name(1), name(2)]
    assert "2 of 3 papers" in words(page)
    assert 'data-do="up"' not in page.body
    assert "Model Editing 1" in words(page)
    assert shown(library, "topic=none", browser(1)).title == "Not found"


def test_only_unread_papers_are_shown_when_asked_for(library: Library) -> None:
    made = browser({"id": name(1), "read": True}, 2)
    page = shown(library, "unread=1", made)
    assert cards(page) == [name(2)]
    assert "1 unread" in words(page)
    all_read = shown(library, "unread=1", browser({"id": name(1), "read": True}))
    assert "You have read all of them." in words(all_read)


def test_many_papers_come_in_pages(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAPERS_PER_PAGE", 2)
    first = shown(library, "list=Merging", browser(1, 2, 3, 4, 5))
    assert cards(first) == [name(1), name(2)]
    assert "part=2" in first.body
    assert "Page 1 of 3" in words(first)
    assert cards(shown(library, "part=3", browser(1, 2, 3, 4, 5))) == [name(5)]
    # A list got shorter meanwhile.
    assert cards(shown(library, "part=9", browser(1, 2, 3))) == [name(3)]
    assert shown(library, "part=x", browser(1)).title == "That did not work"


def test_what_moved_is_followed_and_what_is_lost_is_told(library: Library) -> None:
    lost = {"id": "2199.99999", "title": "Lost " + HOSTILE}
    page = shown(library, sent=browser(9, 7, lost, {"id": "gone"}))
    assert cards(page) == [name(7)]
    assert '{"2001.00007": "2001.00007", "2001.00009": "2001.00007"}' in page.body
    assert "2 papers of this list are not in the atlas." in words(page)
    assert "Lost <img src=x" in words(page)
    assert page.body.count("Take out") == 2


def test_an_address_of_a_list_that_is_not_here_says_so(library: Library) -> None:
    page = shown(library, "list=Other%3Cb%3E", browser(1))
    assert page.title == "No such list"
    assert "Other<b>" in words(page)
    assert "?view=lists&amp;list=Merging" in page.body
    assert shown(library, "list=Merging").title == "No such list"


def test_an_empty_list_says_what_to_do_next(library: Library) -> None:
    sent = browser() | {"papers": []}
    for query in ("list=Empty", "list=Empty&show=related", "list=Empty&show=news"):
        page = shown(library, query, sent)
        assert "This list is empty" in words(page)
        assert "Let papers you keep go here, then press Keep" in words(page)


def test_what_belongs_with_a_list_comes_with_its_reasons(library: Library) -> None:
    page = shown(library, "show=related", browser(1, 2))
    found = cards(page)
    assert found
    assert not {name(1), name(2)} & set(found)
    assert page.body.count('class="plain reasons"') == len(found)
    assert page.body.count("data-keep=") == len(found)
    assert re.search(r"topics? in common|alike \(cosine", words(page))
    assert shown(library, "show=related&k=0", browser(1)).title == "That did not work"


def test_the_first_look_at_news_explains(library: Library) -> None:
    page = shown(library, "show=news", browser(1))
    assert "This is your first look." in words(page)
    assert 'data-since=""' in page.body
    assert f'data-seen="{NOW.isoformat()}"' in page.body
    assert "since=2026-04-27" in page.body
    assert cards(page) == []


def test_news_tells_changes_on_top_then_what_came_nearest_first(library: Library) -> None:
    page = shown(library, "show=news", browser(1, 2, latest=BEFORE))
    assert cards(page) == [name(6), name(10)]
    told = words(page)
    assert "revised Merging weights 1" in told
    assert "version 2 <b>" in told
    assert "withdrawn Merging weights 2" in told
    assert "not on the list" not in told
    assert told.index("What became of your papers") < told.index("2 new papers")
    assert "nearest to Merging weights 1 (cosine" in told
    assert f'data-since="{BEFORE}"' in page.body
    # The tab counts them wherever one is.
    assert "New since your last visit 4 new" in words(
        shown(library, sent=browser(1, 2, latest=BEFORE))
    )


def test_looking_back_is_an_address_and_leaves_the_last_visit(library: Library) -> None:
    page = shown(library, "show=news&since=2026-05-01", browser(1, 2))
    assert cards(page) == [name(6), name(10)]
    assert "New since 2026-05-01" in words(page)
    assert "data-seen" not in page.body
    none = shown(library, "show=news&since=2026-05-04", browser(1, 2))
    assert "Nothing came into the atlas since then" in words(none)
    assert shown(library, "show=news&since=yesterday", browser(1)).title == "That did not work"


def test_a_shared_list_is_shown_without_its_readers_things(library: Library) -> None:
    page = shown(library, f"shared={name(2)},{name(1)},nope,,{name(2)}&name=Ada's %3Clist%3E")
    assert page.title == "Ada's <list>"
    assert cards(page) == [name(2), name(1)]
    assert 'data-do="keep-shared"' in page.body
    assert 'data-do="remove"' not in page.body
    assert "1 id of it is not in this atlas: nope" in words(page)
    assert "names no paper of this atlas" in words(shown(library, "shared=nope"))
    assert shown(library, "shared=" + ",".join(map(str, range(1001)))).title == "That did not work"


def test_a_comma_in_a_shared_id_is_no_end_of_it(library: Library) -> None:
    odd = paper(30, id="doi:10.1000/a,b%c", arxiv_id=None, doi="10.1000/a,b%c")
    library.catalogue.papers.put(odd)
    page = shown(library, "shared=doi:10.1000/a%252Cb%2525c")
    assert cards(page) == [odd.id]


def test_importing_offers_the_lists_there_are(library: Library) -> None:
    page = shown(library, "show=import&list=Empty", browser(1))
    assert '<option value="Empty" selected>' in page.body
    assert '<option value="Merging">' in page.body
    assert "No such" not in words(shown(library, "show=import"))


@pytest.mark.parametrize("trouble", ["blocked", "newer", "unsaved", "damaged"])
def test_lists_that_may_not_last_say_why(library: Library, trouble: str) -> None:
    for sent in ({"trouble": trouble}, browser(1, trouble=trouble)):
        assert 'role="alert"' in shown(library, sent=sent).body
    assert 'role="alert"' not in shown(library, sent={"trouble": "<b>"}).body


def test_text_from_outside_is_never_markup(library: Library) -> None:
    mean = f"{HOSTILE}<script>"
    sent = browser({"id": name(8)}, {"id": mean, "title": mean})
    sent["lists"] = [{"name": mean, "papers": 2}]
    for query in ("", "show=related", "show=news&since=2020-01-01", "show=import"):
        page = shown(library, query, sent)
        assert "<img" not in page.body
        assert "<script" not in page.body
        assert page.title != "That did not work"


@pytest.mark.parametrize(
    "sent",
    [
        {"lists": "x", "papers": 7, "using": [], "latest": 5},
        {"lists": [None, {}, {"name": 3}], "papers": [None, {}, {"id": ""}, {"id": 4}]},
        {"lists": [{"name": "a", "papers": "many"}], "papers": [{"id": "\udcff", "added": "x"}]},
        {"lists": [{"name": "a", "papers": -1}], "latest": "0001-01-01T00:00:00+23:59"},
        {"lists": [{"name": "a"}], "latest": "9999-12-31T23:59:59-23:59", "former": "2020-01-01"},
        {"lists": [{"name": str(n)} for n in range(999)], "papers": [{"id": "x" * 10**5}]},
    ],
)
@pytest.mark.parametrize("query", ["", "show=news", "show=related", "show=import", "shared=\udcff"])
def test_whatever_a_browser_sends_is_read(library: Library, sent: object, query: str) -> None:
    page = shown(library, query, sent)
    assert page.title not in ("That did not work", "Not found")
    str(page.body).encode()


def test_a_sitting_keeps_its_news_until_one_has_been_away() -> None:
    def since(former: datetime | None, latest: datetime | None) -> datetime | None:
        return BrowserLists({}, None, (), former, latest, None).since(NOW)

    long_ago, just_now = NOW - timedelta(days=9), NOW - MIN_ABSENCE / 2
    assert since(None, None) is None
    assert since(None, just_now) is None
    assert since(long_ago, just_now) == long_ago
    assert since(long_ago, NOW - 2 * MIN_ABSENCE) == NOW - 2 * MIN_ABSENCE
    # A clock that was wrong.
    assert since(long_ago, NOW + timedelta(days=9)) == long_ago


def test_a_browser_says_times_in_its_own_zone() -> None:
    found = parse({"lists": [{"name": "a"}], "latest": "2026-05-04T14:00:00+02:00"})
    assert found.latest == NOW
    assert parse({"latest": "2026-05-04T14:00:00"}).latest is None
