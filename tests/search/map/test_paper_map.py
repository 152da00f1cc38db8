"""The map of an atlas is drawn once, and stays as it is while papers come and go."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ingest.embedding import embed_missing
from kg.records import PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.store.copy import copy_to
from kg.store.database import Database
from kg.store.positions import Position
from search.embedding.bulk import embed_papers
from search.library import Library
from search.map import paper_map, projection
from search.map.paper_map import is_behind, update
from tests.support.embedders import HashedWords
from tests.support.factories import contents, paper, put_all

MODEL, DIM = HashedWords.model, HashedWords.dim


def put(catalogue: Catalogue, *numbers: int) -> list[int]:
    keys = put_all(catalogue, *(paper(n, title=f"On {n % 3} kinds of {n % 7}") for n in numbers))
    embed_missing(catalogue, HashedWords())
    return keys


def places(catalogue: Catalogue, model: str = MODEL) -> dict[int, Position]:
    return {position.key: position for position in catalogue.positions.all(model)}


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw in no time; that it is drawn well is for the tests of projection."""

    def draw(vectors: np.ndarray) -> np.ndarray:
        return np.asarray(vectors[:, :2] / 2 + np.linspace(0, 0.4, len(vectors))[:, None])

    monkeypatch.setattr(projection, "draw", draw)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        put(catalogue, *range(20))
        yield catalogue


def test_it_is_drawn_once(catalogue: Catalogue) -> None:
    revision = catalogue.revision
    assert is_behind(catalogue, MODEL)
    assert update(catalogue, MODEL, DIM) == 20
    assert not is_behind(catalogue, MODEL)
    before = contents(catalogue.path)
    assert update(catalogue, MODEL, DIM) == 0
    assert contents(catalogue.path) == before
    assert catalogue.revision == revision
    assert {p.drawn for p in places(catalogue).values()} == {True}


def test_a_new_paper_is_placed_and_no_other_moves(catalogue: Catalogue) -> None:
    update(catalogue, MODEL, DIM)
    before = places(catalogue)
    new = put(catalogue, 20, 21)
    assert is_behind(catalogue, MODEL)
    assert update(catalogue, MODEL, DIM) == 2
    after = places(catalogue)
    assert {key: after[key] for key in before} == before
    assert [after[key].drawn for key in new] == [False, False]


def test_papers_are_placed_alike_in_any_order(catalogue: Catalogue, tmp_path: Path) -> None:
    update(catalogue, MODEL, DIM)
    with Database(catalogue.path) as whole:
        copy_to(whole, tmp_path / "copy.sqlite")
    put(catalogue, 20, 21, 22)
    update(catalogue, MODEL, DIM)
    with Catalogue(tmp_path / "copy.sqlite") as other:
        put_all(other, *catalogue.papers.get([21, 22, 23]))
        for key, hashed, title, abstract in reversed(list(other.vectors.missing(MODEL))):
            ((_, (vector,)),) = embed_papers(HashedWords(), [(key, title, abstract)])
            other.vectors.add(MODEL, [(key, hashed, vector.tobytes())])
            assert update(other, MODEL, DIM) == 1
        for key, position in places(catalogue).items():
            assert places(other)[key][1:3] == pytest.approx(position[1:3], abs=1e-5)


def test_a_removed_or_joined_paper_leaves_the_map(catalogue: Catalogue) -> None:
    update(catalogue, MODEL, DIM)
    before = places(catalogue)
    gone, joined, stays = catalogue.papers.get([1, 2, 3])
    catalogue.papers.remove(gone.id)
    catalogue.papers.rename(joined.id, stays.id)
    assert places(catalogue) == {key: before[key] for key in before if key not in (1, 2)}
    assert not is_behind(catalogue, MODEL)


def test_a_changed_text_moves_nothing(catalogue: Catalogue) -> None:
    update(catalogue, MODEL, DIM)
    before = places(catalogue)
    (one,) = catalogue.papers.get([5])
    catalogue.papers.put(replace(one, abstract="Of something else altogether."))
    embed_missing(catalogue, HashedWords())
    assert not is_behind(catalogue, MODEL)
    assert places(catalogue) == before


def test_an_atlas_that_has_grown_much_gets_a_new_map(catalogue: Catalogue) -> None:
    update(catalogue, MODEL, DIM)
    put(catalogue, *range(20, 79))
    update(catalogue, MODEL, DIM)
    assert sum(position.drawn for position in places(catalogue).values()) == 20
    put(catalogue, 79)
    assert is_behind(catalogue, MODEL)
    assert update(catalogue, MODEL, DIM) == 80
    assert all(position.drawn for position in places(catalogue).values())


def test_of_very_many_papers_some_are_drawn_and_the_rest_placed(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection, "MAX_DRAWN_PAPERS", 8)
    assert update(catalogue, MODEL, DIM) == 20
    assert [position.drawn for position in places(catalogue).values()].count(True) == 8
    put(catalogue, *range(20, 40))
    update(catalogue, MODEL, DIM)
    assert [position.drawn for position in places(catalogue).values()].count(True) == 8


@pytest.mark.parametrize(("papers", "drawn"), [(0, 0), (4, 0), (5, 5)])
def test_too_few_papers_make_no_map(tmp_path: Path, papers: int, drawn: int) -> None:
    with Catalogue(tmp_path / "few.sqlite") as few:
        put(few, *range(papers))
        assert is_behind(few, MODEL) == bool(drawn)
        assert update(few, MODEL, DIM) == drawn
        assert len(places(few)) == drawn


def test_each_model_has_its_own_map(catalogue: Catalogue) -> None:
    update(catalogue, MODEL, DIM)
    before = places(catalogue)
    rows = catalogue.vectors.all(MODEL)
    catalogue.vectors.add("m", [(key, "h", vector) for key, vector in rows if key <= 9])
    assert update(catalogue, "m", DIM) == 9
    assert places(catalogue) == before
    assert places(catalogue, "m").keys() == set(range(1, 10))


def test_of_two_that_draw_at_once_the_first_is_kept(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    first: dict[int, Position] = {}
    real = projection.draw

    def slow(vectors: np.ndarray) -> np.ndarray:
        if not first:
            first[0] = Position(0, 0, 0, True)
            with Catalogue(catalogue.path) as other:
                update(other, MODEL, DIM)
            first.update(places(catalogue))
        return -real(vectors)

    monkeypatch.setattr(projection, "draw", slow)
    assert update(catalogue, MODEL, DIM) == 0
    assert places(catalogue) == {key: place for key, place in first.items() if key}


# -- of a library ------------------------------------------------------------------------------


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    settings = Settings(tmp_path / "home")
    with Catalogue(settings.catalogue) as catalogue:
        put(catalogue, *range(20))
    with Library(settings, HashedWords()) as opened:
        yield opened


def test_it_is_drawn_while_others_are_answered(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, real = threading.Event(), projection.draw

    def slow(vectors: np.ndarray) -> np.ndarray:
        assert begin.wait(60)
        return real(vectors)

    monkeypatch.setattr(projection, "draw", slow)
    state = library.map.state(wait_s=0)
    assert (state.papers, state.shown) == (20, 0)
    assert state.drawing is not None
    assert library.map.points().keys == []
    assert library.ask("kinds").hits
    begin.set()
    state = library.map.state(wait_s=60)
    assert (state.shown, state.drawing, state.failed) == (20, None, False)
    assert library.map.state().drawing is None


def test_a_failure_is_told_and_tried_again_later(
    library: Library, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = []

    def broken(vectors: np.ndarray) -> np.ndarray:
        calls.append(len(vectors))
        raise MemoryError("too large")

    with monkeypatch.context() as patched:
        patched.setattr(projection, "draw", broken)
        assert library.map.state(wait_s=60).failed
        assert library.map.state(wait_s=60).failed
    assert calls == [20]
    assert "too large" in capsys.readouterr().err
    monkeypatch.setattr(paper_map, "RETRY_AFTER_S", 0.0)
    assert library.map.state(wait_s=60).shown == 20


def test_points_are_read_anew_only_when_something_changed(library: Library) -> None:
    library.map.state(wait_s=60)
    points = library.map.points()
    assert library.map.points() is points
    assert points.keys == library.catalogue.vectors.keys(MODEL)
    assert points.span == (2020, 2020)
    assert points.areas == {"": 20}
    (one,) = library.catalogue.papers.get([1])
    library.catalogue.placements.add(one.id, [Placement("model-editing", PlacedBy.LIST, "l")])
    assert library.map.points().areas == {"": 19, "model-editing": 1}


def test_topics_are_named_among_their_papers(library: Library) -> None:
    library.map.state(wait_s=60)
    keys = library.map.points().keys
    deep, other = "model-reuse/model-fusion/weight-interpolation", "model-editing"
    for one in library.catalogue.papers.get(keys[:6]):
        library.catalogue.placements.add(one.id, [Placement(deep, PlacedBy.LIST, "l")])
    for one in library.catalogue.papers.get(keys[6:10]):
        library.catalogue.placements.add(one.id, [Placement(other, PlacedBy.LIST, "l")])
    points = library.map.points()
    # Four papers are too few for a name; a topic counts for those above it.
    assert [(label.topic, label.papers) for label in points.labels] == [
        ("model-reuse", 6),
        ("model-reuse/model-fusion", 6),
        (deep, 6),
    ]
    label = points.labels[2]
    inside = [min(points.x[:6]), max(points.x[:6]), min(points.y[:6]), max(points.y[:6])]
    assert inside[0] <= label.x <= inside[1]
    assert inside[2] <= label.y <= inside[3]
