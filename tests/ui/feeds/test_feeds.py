"""Atom feeds: valid by others' hands, stable between fetches, and safe to read."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import feedparser
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.embedding import embed_missing
from ingest.report import RefreshReport, SourceReport
from kg.cards.card import Card, Kind
from kg.links import Link, LinkKind
from kg.records import Paper, PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.store.journal import ChangeKind
from search.library import Library
from tests.support.atom_validator import violations
from tests.support.clock import StandingClock
from tests.support.embedders import HashedWords
from tests.support.factories import different, paper, papers, put_all
from ui.feeds import atom, feeds
from ui.web.server import Serving, in_background

FUSION = "model-reuse/model-fusion"
DEEP = f"{FUSION}/weight-interpolation"
PAGE = "https://atlas.example/"
START = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)

OLD = paper(1, title="Averaging weights, long known", year=2020)
LATE = paper(
    2,
    id="1905.00002",
    arxiv_id="1905.00002",
    title="Averaging weights, found late",
    year=2019,
    abstract=None,
    venue="ICML",
)
DATED = paper(3, title="Averaging weights, dated", published=date(2022, 5, 6), year=2022)
GONE = paper(4, title="Averaging weights, withdrawn", withdrawn=True)
ELSEWHERE = paper(5, title="Editing facts")
HOSTILE = Paper(
    id="doi:10.1000/a<b>\x0b c",
    doi="10.1000/a<b>\x0b c",
    title="</title><script>alert(1)</script> & \x00\x1f\ufffe\u202e weights ]]>",
    authors=("", "  ", "O'\x07Brien & <Sons>"),
    abstract="Averaging <b>weights</b> &amp; \x0c more. " * 80,
    url="javascript:alert(1)",
    categories=("cs.LG",),
)


def fill(catalogue: Catalogue, clock: StandingClock) -> None:
    put_all(catalogue, OLD, LATE, DATED, GONE, ELSEWHERE, HOSTILE)
    for one, topic in ((OLD, FUSION), (LATE, DEEP), (DATED, FUSION), (GONE, DEEP), (HOSTILE, DEEP)):
        catalogue.placements.add(one.id, [Placement(topic, PlacedBy.LIST, "a list")])
    for minutes, (kind, one) in enumerate(
        [(ChangeKind.ADDED, LATE), (ChangeKind.REVISED, OLD), (ChangeKind.WITHDRAWN, GONE)]
    ):
        clock.now = START + timedelta(minutes=minutes)
        catalogue.journal.log_change(
            one.id, kind, "version 3" if kind is ChangeKind.REVISED else ""
        )
    embed_missing(catalogue, HashedWords())


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    chosen = Settings(tmp_path_factory.mktemp("feeds"))
    clock = StandingClock(START)
    with Catalogue(chosen.catalogue, clock=clock) as catalogue:
        fill(catalogue, clock)
    with Library(chosen, HashedWords()) as opened:
        yield opened


@pytest.fixture(scope="module")
def address(library: Library) -> Iterator[str]:
    with in_background(library, Serving(port=0, rate=0)) as found:
        yield f"{found}feeds/"


def read(xml: bytes) -> Any:
    """Return a feed as a reader sees it; it must be valid."""
    assert violations(xml) == []
    found = feedparser.parse(xml)
    assert (found.bozo, found.version) == (0, "atom10")
    return found


def titles(found: Any) -> list[str]:
    return [entry.title for entry in found.entries]


def test_a_topics_feed_tells_what_came_last_first(library: Library) -> None:
    found = read(atom.document(feeds.of_topic(library, FUSION, PAGE)))
    assert titles(found)[:3] == [LATE.title, DATED.title, OLD.title]
    assert GONE.title not in titles(found)
    assert ELSEWHERE.title not in titles(found)
    assert found.feed.title == "Model Reuse / Model Fusion · LFM Atlas"
    assert found.feed.subtitle == library.taxonomy[FUSION].definition
    links = {link.rel: link.href for link in found.feed.links}
    assert links == {
        "self": f"{PAGE}feeds/topic/{FUSION}.atom",
        "alternate": f"{PAGE}?view=topics&topic={FUSION}",
    }


def test_an_entry_tells_the_papers_facts(library: Library) -> None:
    found = read(atom.document(feeds.of_topic(library, FUSION, PAGE)))
    late, dated, old = found.entries[:3]
    assert dated.id == dated.link == "https://arxiv.org/abs/2001.00003"
    assert [one.name for one in dated.authors] == list(DATED.authors)
    assert [(tag.term, tag.label) for tag in dated.tags] == [
        (FUSION, "Model Reuse / Model Fusion"),
        ("cs.LG", None),
    ]
    assert dated.summary == "We study subject 3. It works."
    assert dated.published == dated.updated == "2022-05-06T12:00:00Z"
    related = [link.href for link in dated.links if link.rel == "related"]
    assert related == [f"{PAGE}?view=paper&paper=2001.00003"]
    # It came by a refresh; its arXiv id tells the month in which it appeared.
    assert (late.published, late.updated) == ("2019-05-01T12:00:00Z", "2026-03-01T08:30:00Z")
    assert late.summary == "ICML 2019"
    assert old.updated == "2026-03-01T08:31:00Z"
    assert found.feed.updated == old.updated


def test_a_questions_feed_holds_its_answers_newest_first(library: Library) -> None:
    found = read(atom.document(feeds.of_question(library, "?q=averaging+weights", PAGE)))
    assert titles(found)[0] == LATE.title
    assert ELSEWHERE.title in titles(found)
    assert GONE.title not in " ".join(titles(found))
    assert found.feed.title == "averaging weights · LFM Atlas"
    filtered = f"?q=averaging+weights&topic={DEEP}&since=2019&until=2019&withdrawn=1&view=x&k=3"
    some = read(atom.document(feeds.of_question(library, filtered, PAGE)))
    assert titles(some) == [LATE.title]
    saved = f"?q=averaging+weights&topic={DEEP}&since=2019&until=2019&withdrawn=1"
    assert [link.href for link in some.feed.links] == [
        f"{PAGE}feeds/ask.atom{saved}",
        f"{PAGE}{saved}",
    ]
    assert some.feed.id != found.feed.id
    withdrawn = feeds.of_question(library, "?q=averaging+weights&withdrawn=1", PAGE)
    assert f"[withdrawn] {GONE.title}" in [entry.title for entry in withdrawn.entries]


def test_a_questions_feed_reads_it_as_its_view_does(library: Library) -> None:
    asked = '?q="averaging+weights"'
    read_so = feeds.of_question(library, asked, PAGE)
    literally = feeds.of_question(library, f"{asked}&off=kind:survey&literal=1", PAGE)
    assert len(literally.entries) > len(read_so.entries) > 0
    (own, _) = literally.links
    assert own.href.endswith("&literal=1&off=kind:survey")


def test_a_question_shows_the_evidence_of_each_answer(library: Library) -> None:
    found = feeds.of_question(library, "?q=does+subject+3+work", PAGE)
    (entry,) = (one for one in found.entries if one.title == DATED.title)
    assert entry.summary == "We study subject 3."


def test_the_feed_of_changes_tells_what_became_of_papers(library: Library) -> None:
    found = read(atom.document(feeds.of_changes(library, PAGE)))
    assert [(one.title, one.updated, one.summary) for one in found.entries] == [
        (f"Withdrawn: {GONE.title}", "2026-03-01T08:32:00Z", "Its authors took it back."),
        (f"Revised: {OLD.title}", "2026-03-01T08:31:00Z", "version 3"),
        (
            f"Added: {LATE.title}",
            "2026-03-01T08:30:00Z",
            "It is new in the atlas. (on the list a list)",
        ),
    ]
    assert found.entries[0].link == f"{PAGE}?view=paper&paper={GONE.id}"
    assert found.feed.subtitle == "Papers that are new, changed or withdrawn."


def test_the_feed_of_changes_says_what_new_papers_do_and_why_nothing_came(tmp_path: Path) -> None:
    clock = StandingClock(START)
    chosen = Settings(tmp_path)
    with Catalogue(chosen.catalogue, clock=clock) as catalogue:
        put_all(catalogue, ELSEWHERE)
        catalogue.cards.put(ELSEWHERE.id, Card(Kind.METHOD, summary="Edits facts."), "snapshot")
        code = Link(LinkKind.CODE, "https://github.com/ada/edit", "abstract")
        catalogue.links.add(ELSEWHERE.id, [code])
        catalogue.journal.log_change(ELSEWHERE.id, ChangeKind.ADDED)
        clock.now += timedelta(hours=1)
        report = SourceReport("oai")
        report.fail("cannot read /srv/atlas/gate: HTTP 503")
        catalogue.journal.log_fetch("oai", report.document())
        whole = RefreshReport(clock.now - timedelta(minutes=5), clock.now)
        catalogue.journal.log_fetch("refresh", whole.document())
    with Library(chosen, HashedWords(), clock=clock) as library:
        first = atom.document(feeds.of_changes(library, PAGE))
        clock.now += timedelta(days=9)
        assert atom.document(feeds.of_changes(library, PAGE)) == first
    found = read(first)
    (entry,) = found.entries
    assert entry.summary == "Edits facts. (nothing has placed it yet)"
    assert [one.href for one in entry.links if one.rel == "related"] == [code.url]
    assert "The last refresh brought nothing new. oai failed on" in found.feed.subtitle
    assert "HTTP 503" in found.feed.subtitle
    assert "/srv" not in found.feed.subtitle


def test_nothing_hostile_gets_through(library: Library) -> None:
    xml = atom.document(feeds.of_topic(library, DEEP, PAGE))
    (entry,) = (one for one in read(xml).entries if "script" in one.title)
    assert b"<script" not in xml
    assert b"javascript:" not in xml
    assert [one.name for one in entry.authors] == ["O'Brien & <Sons>"]
    assert entry.title_detail.type == "text/plain"
    assert entry.summary.startswith("Averaging <b>weights</b> &amp; more.")
    assert len(entry.summary) <= 700
    assert entry.link.startswith(f"{PAGE}?view=paper&paper=")


@pytest.mark.slow
@given(st.lists(papers(), max_size=4), st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_any_papers_make_a_valid_feed(found: list[Paper], data: st.DataObject) -> None:
    made = different(found)
    with TemporaryDirectory() as folder:
        chosen = Settings(Path(folder))
        with Catalogue(chosen.catalogue) as catalogue:
            put_all(catalogue, *made)
            for one in made:
                catalogue.placements.add(one.id, [Placement(FUSION, PlacedBy.LIST, "l")])
                catalogue.journal.log_change(
                    one.id, data.draw(st.sampled_from(ChangeKind)), one.title
                )
        with Library(chosen, HashedWords()) as library:
            shown = read(atom.document(feeds.of_topic(library, FUSION, PAGE)))
            assert len(shown.entries) == sum(not one.withdrawn for one in made)
            read(atom.document(feeds.of_changes(library, PAGE)))


def test_a_feed_without_entries_is_valid_and_always_the_same(tmp_path: Path) -> None:
    chosen = Settings(tmp_path)
    Catalogue(chosen.catalogue).close()
    with Library(chosen, HashedWords()) as library:
        first = atom.document(feeds.of_changes(library, PAGE))
        assert read(first).entries == []
        assert first == atom.document(feeds.of_changes(library, PAGE))


def test_a_feed_has_an_end(tmp_path: Path) -> None:
    chosen = Settings(tmp_path)
    with Catalogue(chosen.catalogue) as catalogue:
        put_all(catalogue, *(paper(n) for n in range(feeds.MAX_ENTRIES + 9)))
        for n in range(feeds.MAX_ENTRIES + 9):
            catalogue.placements.add(paper(n).id, [Placement(FUSION, PlacedBy.LIST, "l")])
            catalogue.journal.log_change(paper(n).id, ChangeKind.ADDED)
        embed_missing(catalogue, HashedWords())
    with Library(chosen, HashedWords()) as library:
        for found in (
            feeds.of_topic(library, FUSION, PAGE),
            feeds.of_changes(library, PAGE),
            feeds.of_question(library, "q=subject", PAGE),
        ):
            assert len(found.entries) == feeds.MAX_ENTRIES


# -- over HTTP -----------------------------------------------------------------------------

FEEDS = [f"topic/{FUSION}.atom", "ask.atom?q=averaging+weights", "changes.atom"]


@pytest.mark.slow
@pytest.mark.parametrize("path", FEEDS)
def test_who_has_it_already_is_not_sent_it_again(address: str, path: str) -> None:
    first = httpx.get(address + path)
    assert first.status_code == 200
    assert first.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert first.headers["cache-control"] == "private, max-age=900"
    found = read(first.content)
    assert found.feed.links[0].href == address + path
    tag, modified = first.headers["etag"], first.headers["last-modified"]
    assert httpx.get(address + path).headers["etag"] == tag
    for headers, status in (
        ({"If-None-Match": tag}, 304),
        ({"If-None-Match": f'"other", W/{tag}'}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-None-Match": '"other"', "If-Modified-Since": modified}, 200),
        ({"If-Modified-Since": modified}, 304),
        ({"If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": "whenever"}, 200),
        ({"If-Modified-Since": "1 Jan 2020 1:1:1 +999999999999"}, 200),
    ):
        again = httpx.get(address + path, headers=headers)
        assert again.status_code == status, headers
        assert again.headers["etag"] == tag
        assert bool(again.content) == (status == 200)
    head = httpx.head(address + path)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "status", "line"),
    [
        ("topic/nowhere.atom", 404, "no topic 'nowhere' in the atlas"),
        ("topic/.atom", 404, "no topic '' in the atlas"),
        ("ask.atom", 400, "there is no question: add one: /feeds/ask.atom?q=model+merging"),
        (f"ask.atom?q={'x' * 2_001}", 400, "the question is too long"),
        ("ask.atom?q=x&since=soon", 400, "since must be a year such as 2023, not 'soon'"),
        ("ask.atom?q=x&topic=nowhere", 400, "no topic 'nowhere' in the atlas"),
        ("other.atom", 404, ""),
    ],
)
def test_what_is_wrong_is_told_in_one_line(address: str, path: str, status: int, line: str) -> None:
    answer = httpx.get(address + path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert line in answer.text
    assert answer.text.count("\n") <= 1


@pytest.mark.slow
def test_a_failure_of_ours_names_nothing_of_this_machine(
    address: str,
    library: Library,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(2, "No such file", "/home/somebody/secret")

    monkeypatch.setattr(library, "ask", fails)
    answer = httpx.get(f"{address}ask.atom?q=x")
    assert (answer.status_code, answer.text) == (500, "this failed: the server's log says how\n")
    assert "/home/somebody/secret" in capfd.readouterr().err


def test_a_new_paper_changes_the_feed(tmp_path: Path) -> None:
    chosen = Settings(tmp_path)
    clock = StandingClock(START)
    with Catalogue(chosen.catalogue, clock=clock) as catalogue:
        fill(catalogue, clock)
        with Library(chosen, HashedWords()) as library:
            before = atom.document(feeds.of_topic(library, FUSION, PAGE))
            new = replace(paper(9), title="Brand new")
            catalogue.papers.put(new)
            catalogue.placements.add(new.id, [Placement(DEEP, PlacedBy.MODEL, "m", 0.9)])
            clock.now = START + timedelta(days=1)
            catalogue.journal.log_change(new.id, ChangeKind.ADDED)
            after = feeds.of_topic(library, FUSION, PAGE)
            assert after.entries[0].title == "Brand new"
            assert after.updated == START + timedelta(days=1)
            assert atom.document(after) != before


@pytest.mark.slow
def test_the_page_of_feeds_leads_to_each(address: str, library: Library) -> None:
    page = httpx.get(address)
    assert page.status_code == 200
    for topic in library.taxonomy:
        assert f'href="topic/{topic.id}.atom"' in page.text
