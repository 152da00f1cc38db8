"""A user's own cards: all of a file or nothing, and they stay."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.adding.add import Added, add
from kg.cards.card import Kind, WrittenFrom, record_of
from kg.cards.file import card_lines
from kg.errors import BadSource
from kg.settings import Settings
from kg.snapshot import file as snapshot_file
from kg.store.catalogue import Catalogue
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.factories import card, paper, predicted_card, put_all
from tests.support.hostile.cards import HOSTILE
from tests.support.hostile.cards import line as card_line


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    settings = Settings(tmp_path / "home")
    with Catalogue(settings.catalogue) as catalogue:
        put_all(catalogue, paper(1), paper(2, doi="10.5555/two"), paper(3))
    with Library(settings, HashedWords()) as opened:
        yield opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cards.jsonl"


def put(library: Library, path: Path) -> Added:
    return add(library, path, embedder=HashedWords())


def test_cards_are_stored_by_any_name_of_their_paper(library: Library, path: Path) -> None:
    cards = [
        ("https://arxiv.org/abs/2001.00001v2", card()),
        ("doi:10.5555/two", card(kind=Kind.ANALYSIS)),
        ("Paper Number 3", card(problem=None)),
    ]
    path.write_text(card_lines(cards))
    assert put(library, path).counts == {"cards": 3, "embedded": 3, "related": 3}
    stored = library.catalogue.cards.all()
    assert [stored[key] for key in sorted(stored)] == [card(), *(c for _, c in cards[1:])]
    assert set(library.catalogue.cards.sources(sorted(stored)).values()) == {"cards.jsonl"}
    assert put(library, path).counts == {"cards_unchanged": 3, "embedded": 0}


def test_a_users_card_replaces_any_other(library: Library, path: Path) -> None:
    with library.catalogue.writing():
        library.catalogue.cards.put(paper(1).id, card(), "snapshot")
        library.catalogue.cards.put(paper(2).id, predicted_card(), "predictor")
    own = card(kind=Kind.SYSTEM, training=None)
    path.write_text(card_lines([(paper(1).id, own), (paper(2).id, own)]))
    put(library, path)
    assert set(library.catalogue.cards.all().values()) == {own}


def test_cards_of_unknown_papers_are_dropped_and_counted(library: Library, path: Path) -> None:
    path.write_text(card_lines([(paper(1).id, card()), ("2001.99999", card()), ("x", card())]))
    counts = put(library, path).counts
    assert (counts["cards"], counts["cards_dropped"]) == (1, 2)
    assert library.catalogue.cards.count() == 1


def test_nothing_is_taken_of_a_file_with_two_cards_of_one_paper(
    library: Library, path: Path
) -> None:
    lines = card_lines([("10.5555/two", card())]) + card_lines([(paper(2).id, card())])
    path.write_text(card_lines([(paper(1).id, card())]) + lines)
    with pytest.raises(BadSource, match=r"cards\.jsonl:3: a second card of .*, first on line 2"):
        put(library, path)
    assert library.catalogue.cards.count() == 0


@pytest.mark.parametrize("what", [name for name in HOSTILE if "gzip" not in name])
def test_nothing_is_taken_of_a_file_with_a_mistake(library: Library, path: Path, what: str) -> None:
    data, message = HOSTILE[what]
    path.write_bytes(card_line(id=paper(2).id) + data)
    with pytest.raises(BadSource, match=r"cards\.jsonl:2: ") as caught:
        put(library, path)
    assert message in str(caught.value)
    assert library.catalogue.cards.count() == 0


def test_several_files_are_all_checked_before_one_is_stored(
    library: Library, path: Path, tmp_path: Path
) -> None:
    path.write_text(card_lines([(paper(1).id, card())]))
    broken = tmp_path / "broken.jsonl"
    broken.write_text(card_lines([(paper(2).id, card())]) + '{"id": "x", "kind": "poem"}\n')
    with pytest.raises(BadSource, match=r"broken\.jsonl:2"):
        add(library, [path, broken], embedder=HashedWords())
    assert library.catalogue.cards.count() == 0


def test_a_card_goes_into_a_snapshot_and_comes_out_again(
    library: Library, path: Path, tmp_path: Path
) -> None:
    path.write_text(card_lines([(paper(1).id, card())]))
    put(library, path)
    saved = tmp_path / "atlas.lfm"
    snapshot_file.save(library.catalogue, saved)
    snapshot_file.load(saved, tmp_path / "other" / "atlas.sqlite")
    with Catalogue(tmp_path / "other" / "atlas.sqlite") as other:
        (found,) = other.cards.all().values()
        assert record_of(found) == record_of(card())
        assert other.cards.count() == 1


def test_of_two_papers_that_become_one_the_better_card_stays(library: Library) -> None:
    catalogue = library.catalogue
    title = card(
        **{"summary": None, "problem": None, "data": None, "access": None, "training": None},
        modality=(),
        by=WrittenFrom.TITLE,
    )
    for number, (kept, merged, best) in enumerate(
        [
            (title, card(), card()),
            (card(), title, card()),
            (title, predicted_card(), title),
            (predicted_card(), title, title),
            (title, title, title),
        ]
    ):
        first, second = paper(100 + number), paper(200 + number)
        put_all(catalogue, first, second)
        with catalogue.writing():
            catalogue.cards.put(first.id, kept, "a")
            catalogue.cards.put(second.id, merged, "b")
            catalogue.papers.rename(second.id, first.id)
        key = catalogue.identifiers.key(first.id)
        assert catalogue.cards.get([key]) == {key: best}
