"""A user's own taxonomy: papers are placed anew, nothing is lost, and nothing falls over."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.net.outside import Outside
from ingest.placement.review import decide
from ingest.refresh.refresh import refresh
from ingest.report import RefreshReport
from ingest.sources.lists.followed import load_lists
from kg.errors import BadRequest, BadTaxonomy
from kg.records import PlacedBy, Placement
from kg.settings import Settings
from kg.store.reviews import Decision
from kg.taxonomy.taxonomy import Taxonomy
from kg.taxonomy.topic import BUILT_IN
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.refreshing import Field

FUSION = "model-reuse/model-fusion"
EXTENDED = """\
extends: built-in
topics:
  - id: model-reuse/model-fusion/of-checkpoints
    name: Fusion of Checkpoints
    definition: Merging what was tuned from one checkpoint.
    aliases: [Model Fusion]
  - id: model-reuse/model-fusion
    name: Fusion of Models
    aliases: []
"""
OWN = """\
- id: weights
  name: Model Fusion
  definition: All about weights.
- id: weights/prompts
  name: Prompt Tuning
  definition: All about prompts.
- id: robots
  name: Robots
  definition: All about robots.
"""


@pytest.fixture(name="field")
def a_field(tmp_path: Path) -> Field:
    made = Field()
    made.refresh(tmp_path)
    return made


def library_of(home: Path, taxonomy: str | None = None) -> Library:
    path = home / "mine.yaml"
    if taxonomy is not None:
        path.write_text(taxonomy, encoding="utf-8")
    settings = Settings(
        home, gate=str(home / "gate"), taxonomy="" if taxonomy is None else str(path)
    )
    return Library(settings, HashedWords())


def refreshed(library: Library, field: Field, **options: bool) -> RefreshReport:
    outside: Outside = field.outside()
    return refresh(
        library, ("learn-from-model",), outside=outside, embedder=HashedWords(), **options
    )


def by_model(library: Library) -> dict[int, set[str]]:
    placed = library.catalogue.placements.get(library.catalogue.papers.keys())
    found = {
        key: {one.topic for one in some if one.placed_by is PlacedBy.MODEL}
        for key, some in placed.items()
    }
    return {key: topics for key, topics in found.items() if topics}


@pytest.mark.slow
def test_a_taxonomy_of_one_s_own_places_lists_and_models_anew(
    field: Field, tmp_path: Path, opened: Callable
) -> None:
    before = opened(library_of(tmp_path))
    size, placed = before.catalogue.size(), by_model(before)
    entries = before.catalogue.lists.papers("learn-from-model")
    assert placed
    library = opened(library_of(tmp_path, OWN))
    report = refreshed(library, field)
    assert not report.failed
    told = {one.source: one for one in report.sources}["taxonomy"]
    assert told.updated > 0
    assert library.catalogue.size() == size
    # Entries under headings that mean nothing now are still on the list.
    assert library.catalogue.lists.papers("learn-from-model") == entries
    assert library.topics("weights").tree[0].papers >= 16
    assert any("weights" in topics for topics in by_model(library).values())
    again = refreshed(library, field)
    assert "taxonomy" not in {one.source for one in again.sources}


@pytest.mark.slow
def test_what_was_there_comes_back_with_the_topics(
    field: Field, tmp_path: Path, opened: Callable
) -> None:
    def counts(library: Library) -> dict[str, int]:
        return {one.id: one.papers for one in library.topics().tree}

    before = counts(opened(library_of(tmp_path)))
    refreshed(opened(library_of(tmp_path, OWN)), field)
    library = opened(library_of(tmp_path))
    refreshed(library, field)
    assert counts(library) == before


@pytest.mark.slow
def test_a_topic_that_is_added_takes_its_papers(
    field: Field, tmp_path: Path, opened: Callable
) -> None:
    library = opened(library_of(tmp_path, EXTENDED))
    report = refreshed(library, field)
    assert not report.failed
    assert library.topics(f"{FUSION}/of-checkpoints").tree[0].papers >= len(
        field.listed["Model Fusion"]
    )
    assert by_model(library)


@pytest.mark.slow
def test_a_dry_run_uses_the_taxonomy_and_stores_nothing(
    field: Field, tmp_path: Path, opened: Callable
) -> None:
    library = opened(library_of(tmp_path, OWN))
    before = by_model(library)
    report = refreshed(library, field, dry_run=True)
    assert "taxonomy" in {one.source for one in report.sources}
    assert by_model(library) == before


@pytest.mark.slow
def test_no_face_falls_over_before_the_refresh(
    field: Field, tmp_path: Path, opened: Callable
) -> None:
    library = opened(
        library_of(tmp_path, "- {id: robots, name: Robots, definition: About robots.}\n")
    )
    assert library.topics().tree[0].papers == 0
    hit = library.ask("merging weights").hits[0]
    assert hit.topics == ()
    assert library.paper(hit.paper.id).placements == ()
    for form in ("jsonld", "csv", "list", "graphml", "bibtex"):
        assert library.export(form)
    report = refreshed(library, field)
    assert not report.failed
    told = {one.source: one for one in report.sources}["taxonomy"]
    assert "papers have no topic of the new taxonomy" in told.notes[0]


@pytest.mark.slow
@pytest.mark.usefixtures("field")
def test_a_suggestion_of_another_taxonomy_is_not_accepted(tmp_path: Path, opened: Callable) -> None:
    library = opened(library_of(tmp_path, OWN))
    key = next(iter(by_model(library)))
    (name,) = (one.id for one in library.catalogue.papers.get([key]))
    with pytest.raises(BadRequest, match="no topic"):
        decide(library, Decision.ACCEPT, name)
    decide(library, Decision.MOVE, name, "robots")
    assert library.paper(name).placements[0] == Placement("robots", PlacedBy.PERSON, "review")


def test_lists_of_topics_that_the_taxonomy_lacks_place_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(OWN, encoding="utf-8")
    lists = load_lists(Taxonomy.load(path))
    assert list(lists) == list(load_lists(Taxonomy.load(BUILT_IN)))
    assert all(rule.topic is None for one in lists.values() for rule in one.rules)
    assert lists["learn-from-model"].topic_of(["Prompt Tuning"]) == "weights/prompts"


@pytest.mark.slow
def test_a_bad_file_stops_the_refresh_with_its_line(
    field: Field, tmp_path: Path, opened: Callable
) -> None:
    library = opened(library_of(tmp_path, OWN.replace("weights/prompts", "nowhere/prompts")))
    with pytest.raises(BadTaxonomy, match=r"mine\.yaml:4: "):
        refreshed(library, field)
