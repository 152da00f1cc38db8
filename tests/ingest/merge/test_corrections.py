"""Corrections of what lists say: what they change, and that those of the package are sound."""

from pathlib import Path

import pytest

from ingest.merge.corrections import BUILT_IN, Correction, Corrections, read_corrections
from ingest.merge.merger import CORRECTED, Merger, paper_id
from kg.errors import BadSource
from kg.ids.arxiv_id import parse_arxiv_id
from kg.ids.titles import normalised_title
from kg.records import ListEntry, Paper, PlacedBy
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy

SOUPS, GRUEL = "Model soups: averaging weights", "Of gruel, thin and thick"
SOUPS_ID, GRUEL_ID = "2203.05482", "2203.05483"


def merger(catalogue: Catalogue, *corrections: Correction) -> Merger:
    return Merger(catalogue, corrections=Corrections(corrections))


def test_a_wrong_id_goes_and_the_paper_that_has_it_keeps_it(catalogue: Catalogue) -> None:
    name = paper_id(None, None, GRUEL)
    merging = merger(catalogue, Correction(name, "typo", title=GRUEL, not_ids=(SOUPS_ID,)))
    assert merging.put_entry(ListEntry(GRUEL, arxiv_id=SOUPS_ID), "l", None) == name
    assert merging.put_entry(ListEntry(SOUPS, arxiv_id=SOUPS_ID), "l", None) == SOUPS_ID
    assert catalogue.papers.by("arxiv", SOUPS_ID).title == SOUPS  # type: ignore[union-attr]
    assert catalogue.papers.count() == 2


def test_a_wrong_id_gives_way_to_the_right_one(catalogue: Catalogue) -> None:
    merging = merger(catalogue, Correction(GRUEL_ID, "typo", title=GRUEL, not_ids=(SOUPS_ID,)))
    assert merging.put_entry(ListEntry(GRUEL, arxiv_id=SOUPS_ID), "l", None) == GRUEL_ID


def test_a_wrong_id_that_was_stored_goes(catalogue: Catalogue) -> None:
    entry = ListEntry(GRUEL, arxiv_id=SOUPS_ID)
    assert Merger(catalogue).put_entry(entry, "l", None) == SOUPS_ID
    merging = merger(catalogue, Correction(GRUEL_ID, "typo", title=GRUEL, not_ids=(SOUPS_ID,)))
    assert merging.put_entry(entry, "l", None) == GRUEL_ID
    assert catalogue.papers.count() == 1
    assert catalogue.identifiers.find("arxiv", SOUPS_ID) is None


def test_a_garbled_title_is_put_right_also_where_it_was_stored(catalogue: Catalogue) -> None:
    authors = ListEntry("Ada Author, Ben Writer", arxiv_id=SOUPS_ID)
    Merger(catalogue).put_entry(authors, "l", None)
    right = Correction(SOUPS_ID, "authors", title=SOUPS, called=(authors.title,))
    merger(catalogue, right).put_entry(authors, "l", None)
    (paper,) = catalogue.papers.get(catalogue.papers.keys())
    assert (paper.id, paper.title) == (SOUPS_ID, SOUPS)


def test_two_papers_that_are_one_are_joined(catalogue: Catalogue) -> None:
    entries = [ListEntry(SOUPS, arxiv_id=SOUPS_ID), ListEntry("Soups of models")]
    for one in entries:
        Merger(catalogue).put_entry(one, "l", None)
    assert catalogue.papers.count() == 2
    called = (entries[1].title,)
    merging = merger(catalogue, Correction(SOUPS_ID, "same", title=SOUPS, called=called))
    assert [merging.put_entry(one, "l", None) for one in entries] == [SOUPS_ID] * 2
    assert catalogue.papers.count() == 1
    assert catalogue.identifiers.find("id", paper_id(None, None, entries[1].title)) == SOUPS_ID


@pytest.mark.parametrize("right", ["model-reuse", None])
def test_a_wrong_topic_is_overruled_and_stays_so(catalogue: Catalogue, right: str | None) -> None:
    entry = ListEntry(SOUPS, arxiv_id=SOUPS_ID)
    Merger(catalogue).put_entry(entry, "l", "meta-learning")
    merging = merger(catalogue, Correction(SOUPS_ID, "of merging", topics={"meta-learning": right}))
    for _ in range(2):
        merging.put_entry(entry, "l", "meta-learning")
    merging.put_entry(entry, "other", "model-tuning")
    (key,) = catalogue.papers.keys()
    found = {(p.topic, p.placed_by, p.source) for p in catalogue.placements.get([key])[key]}
    placed = {("model-tuning", PlacedBy.LIST, "other")}
    assert found == placed | ({(right, PlacedBy.PERSON, CORRECTED)} if right else set())


def test_a_wrong_topic_is_overruled_whatever_the_paper_was_called_at_first(
    catalogue: Catalogue,
) -> None:
    merging = merger(catalogue, Correction(SOUPS_ID, "of merging", topics={"meta-learning": None}))
    merging.put_entry(ListEntry(SOUPS), "l", "meta-learning")
    assert merging.put_entry(ListEntry(SOUPS, arxiv_id=SOUPS_ID), "m", "model-reuse") == SOUPS_ID
    (key,) = catalogue.papers.keys()
    assert [p.topic for p in catalogue.placements.get([key])[key]] == ["model-reuse"]


def test_what_is_no_paper_is_told_apart() -> None:
    corrections = Corrections([Correction(None, "a note", called=("Some rows come from",))])
    assert not corrections.is_paper(ListEntry("Some rows come from", arxiv_id=SOUPS_ID))
    assert corrections.is_paper(ListEntry(SOUPS, arxiv_id=SOUPS_ID))


def test_a_candidate_of_another_title_is_a_duplicate() -> None:
    right = Correction(SOUPS_ID, "same", title=SOUPS, called=("Soups of models",))
    corrections = Corrections([right, Correction(None, "a note", called=("Dataset",))])
    assert corrections.is_duplicate(Paper("title:0", "Soups of Models"))
    assert corrections.is_duplicate(Paper("title:1", "Dataset"))
    assert not corrections.is_duplicate(Paper(SOUPS_ID, SOUPS, arxiv_id=SOUPS_ID))
    assert not corrections.is_duplicate(Paper(GRUEL_ID, "Soups of models", arxiv_id=GRUEL_ID))


def test_an_id_that_is_corrected_in_other_ways_is_still_checked(catalogue: Catalogue) -> None:
    merging = merger(catalogue, Correction(SOUPS_ID, "of merging", topics={"model-tuning": None}))
    merging.put_entry(ListEntry(SOUPS, arxiv_id=SOUPS_ID), "l", None)
    merging.put_entry(ListEntry(GRUEL, arxiv_id=SOUPS_ID), "l", None)
    assert catalogue.papers.count() == 2
    assert catalogue.identifiers.has_conflict("arxiv", SOUPS_ID, GRUEL)


def test_another_paper_of_the_title_is_left_alone() -> None:
    corrections = Corrections([Correction(SOUPS_ID, "same", title=SOUPS)])
    entry = ListEntry(SOUPS, arxiv_id=GRUEL_ID)
    assert corrections.of_entry(entry) == (entry, None)


def test_those_of_the_package_are_sound() -> None:
    found, taxonomy = read_corrections(BUILT_IN), Taxonomy.load()
    titles = [normalised_title(t) for one in found for t in {one.title, *one.called} if t]
    assert len(set(titles)) == len(titles)
    for one in found:
        if one.paper and one.paper.startswith("title:"):
            assert one.title is None or one.paper == paper_id(None, None, one.title)
        assert one.paper not in one.not_ids
        assert all(parse_arxiv_id(number) == number for number in one.not_ids)
        for topic in {*one.topics, *one.topics.values()} - {None}:
            assert topic in taxonomy


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- {paper: null, reason: b}", "changes nothing"),
        ("- {paper: a, reason: b}", "changes nothing"),
        ("- {paper: a, title: b}", "no reason"),
        ("- {paper: a, reason: b, topic: c}", "unknown key 'topic'"),
        ("- {paper: a, reason: b, called: c}", "called must be a list"),
        ("- {paper: a, reason: b, topics: [c]}", "topics must be a mapping"),
        ("- {paper: a, reason: b, title: c}\n- {paper: a, reason: b, title: d}", ":2: .*twice"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "corrections.yaml"
    path.write_text(text)
    with pytest.raises(BadSource, match=says):
        read_corrections(path)
