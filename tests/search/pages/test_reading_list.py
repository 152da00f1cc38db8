"""Reading lists looked up: what follows a paper, what is lost, what belongs and what is new."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.embedding import embed_missing
from kg.errors import NotFound
from kg.records import PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.store.journal import ChangeKind
from search.library import Library
from search.pages import reading_list, related
from tests.support.clock import StandingClock
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all
from tests.support.refreshing import FIELD, START, Field, about
from tests.support.refreshing import library as refreshed

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
FUSION = "model-reuse/model-fusion"
SUBJECTS = ("merging weights of models", "editing facts in neurons", "tuning soft prompts")


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(NOON)


@pytest.fixture
def library(tmp_path: Path, clock: StandingClock) -> Iterator[Library]:
    """Nine papers on three subjects, three each; the second of each is under a topic."""
    settings = Settings(tmp_path)
    with Catalogue(settings.catalogue) as catalogue:
        made = [
            paper(n, title=f"{SUBJECTS[n % 3]} {n}", abstract=None, authors=(f"A{n}",))
            for n in range(1, 10)
        ]
        put_all(catalogue, *made)
        for one in made[3:6]:
            catalogue.placements.add(one.id, [Placement(FUSION, PlacedBy.LIST, "a list")])
        embed_missing(catalogue, HashedWords())
        with Library(settings, HashedWords(), clock=clock) as opened:
            yield opened


def name(number: int) -> str:
    return f"2001.{number:05}"


def listed(library: Library, *numbers: int) -> reading_list.ReadingList:
    return library.reading_list([name(number) for number in numbers])


def test_the_order_is_the_readers_and_a_paper_is_there_once(library: Library) -> None:
    found = listed(library, 3, 1, 2, 1)
    assert found.ids == [name(3), name(1), name(2)]
    assert (found.same, found.lost) == ({}, ())
    assert not any(item.moved for item in found.items)


def test_a_paper_that_became_part_of_another_is_followed(library: Library) -> None:
    library.catalogue.papers.rename(name(1), name(2))
    found = listed(library, 1, 3)
    assert [(item.name, item.paper.id) for item in found.items] == [
        (name(1), name(2)),
        (name(3), name(3)),
    ]
    assert found.items[0].moved
    both = listed(library, 1, 2)
    assert both.ids == [name(2)]
    assert both.same == {name(2): name(2)}


def test_what_no_paper_ever_had_is_lost_and_told(library: Library) -> None:
    library.catalogue.papers.remove(name(4))
    hostile = ["", "nonsense", "2001.0000%", "' OR 1=1 --", "\ufffd", "x" * 300]
    found = library.reading_list([name(4), name(5), *hostile, name(4)])
    assert found.ids == [name(5)]
    assert found.lost == (name(4), *hostile)


def test_an_empty_list_has_nothing_and_asks_for_nothing(library: Library) -> None:
    found = listed(library)
    assert (found.items, found.lost) == ((), ())
    assert library.belonging(found, 5) == ()
    assert library.news(found, NOON - timedelta(days=1)).changes == ()


def test_topics_are_counted_with_the_most_first_and_select(library: Library) -> None:
    items = listed(library, 1, 4, 5).items
    assert reading_list.topic_counts(items) == [(FUSION, 2)]
    chosen = reading_list.under(items, "model-reuse", library.taxonomy)
    assert [item.paper.id for item in chosen] == [name(4), name(5)]
    assert reading_list.under(items, "model-editing", library.taxonomy) == []
    with pytest.raises(NotFound):
        reading_list.under(items, "model-reuze", library.taxonomy)


def test_what_belongs_is_alike_and_not_on_the_list(library: Library) -> None:
    found = library.belonging(listed(library, 3, 6), 4)
    ids = [one.related.paper.id for one in found]
    assert ids[0] == name(9)
    assert not {name(3), name(6)} & set(ids)
    assert all(one.related.reasons for one in found)
    assert next(one for one in found if one.related.paper.id == name(4)).topics == (FUSION,)


def test_of_a_list_too_long_the_first_papers_speak(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_list, "MAX_PAPERS", 1)
    monkeypatch.setattr(related, "MAX_PAPERS", 5)
    ids = [
        one.related.paper.id for one in library.belonging(listed(library, 3, 1, 2, 4, 5, 6, 7), 5)
    ]
    assert name(9) in ids
    assert name(6) not in ids


def test_what_came_is_ordered_by_how_near_it_is(library: Library) -> None:
    catalogue = library.catalogue
    titles = ("galaxies and dust", "merging weights of models once more", "soft prompts")
    new = [paper(n, title=title, abstract=None) for n, title in enumerate(titles, 20)]
    gone = paper(23, title="merging weights of models", withdrawn=True)
    put_all(catalogue, *new, gone)
    for one in (*new, gone):
        catalogue.journal.log_change(one.id, ChangeKind.ADDED)
    embed_missing(catalogue, HashedWords())
    news = library.news(listed(library, 3, 1, 2), NOON)
    assert [one.item.paper.id for one in news.fresh] == [name(21), name(22), name(20)]
    first = news.fresh[0]
    assert (first.entered, first.nearest.id) == (NOON, name(3))
    assert first.cosine == pytest.approx(4 / (5 * 6) ** 0.5)
    assert news.changes == ()
    # What was there before, or is on the list, is not new.
    assert library.news(listed(library, 3), NOON + timedelta(1)).fresh == ()
    on_it = library.news(listed(library, 20, 21, 22), NOON)
    assert on_it.fresh == ()


def test_a_new_paper_without_a_vector_comes_last(library: Library) -> None:
    put_all(library.catalogue, paper(20), paper(21, title="galaxies"))
    library.catalogue.journal.log_change(name(21), ChangeKind.ADDED)
    embed_missing(library.catalogue, HashedWords())
    library.catalogue.papers.put(paper(22, title="merging weights of models"))
    library.catalogue.journal.log_change(name(22), ChangeKind.ADDED)
    fresh = library.news(listed(library, 3), NOON).fresh
    assert [(one.item.paper.id, one.cosine is None) for one in fresh] == [
        (name(21), False),
        (name(22), True),
    ]


def test_what_became_of_the_lists_papers_is_told_newest_first(
    library: Library, clock: StandingClock
) -> None:
    catalogue = library.catalogue
    catalogue.journal.log_change(name(1), ChangeKind.REVISED, "version 2")
    clock.now = NOON + timedelta(hours=1)
    catalogue.papers.put(
        replace(catalogue.papers.get([catalogue.identifiers.key(name(1))])[0], withdrawn=True)
    )
    catalogue.journal.log_change(name(1), ChangeKind.WITHDRAWN)
    for number, kind in ((1, ChangeKind.UNLISTED), (2, ChangeKind.ADDED), (9, ChangeKind.REVISED)):
        catalogue.journal.log_change(name(number), kind)
    found = listed(library, 1, 2)
    news = library.news(found, NOON)
    assert [(change.kind, item.paper.id) for change, item in news.changes] == [
        (ChangeKind.WITHDRAWN, name(1)),
        (ChangeKind.REVISED, name(1)),
    ]
    later = library.news(found, NOON + timedelta(minutes=1))
    assert [change.kind for change, _ in later.changes] == [ChangeKind.WITHDRAWN]


def test_a_change_under_a_former_id_is_a_change_of_the_paper(library: Library) -> None:
    library.catalogue.papers.rename(name(1), name(2))
    library.catalogue.journal.log_change(name(1), ChangeKind.JOINED, name(2))
    news = library.news(listed(library, 2), NOON)
    assert [(change.kind, item.paper.id) for change, item in news.changes] == [
        (ChangeKind.JOINED, name(2))
    ]


@pytest.mark.slow
def test_a_refresh_brings_news(tmp_path: Path) -> None:
    field = Field()
    field.refresh(tmp_path)
    one, two = field.listed["Model Fusion"][:2]
    field.clock.sleep(timedelta(days=2).total_seconds())
    day = (START + timedelta(days=1)).date()
    near, far = about(900, day, FIELD["Model Fusion"]), about(901, day, FIELD["Prompt Tuning"])
    field.world.add(near)
    field.world.add(far)
    field.world.withdraw(two.id)
    since = field.outside().now
    field.refresh(tmp_path)
    with refreshed(tmp_path) as atlas:
        found = atlas.reading_list([one.id, two.id])
        news = atlas.news(found, since)
        assert [fresh.item.paper.id for fresh in news.fresh] == [near.id, far.id]
        assert all(fresh.entered >= since for fresh in news.fresh)
        assert {change.kind for change, item in news.changes if item.paper.id == two.id} >= {
            ChangeKind.WITHDRAWN
        }
        assert all(item.paper.id == two.id for _, item in news.changes)
