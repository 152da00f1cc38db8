"""The bundled snapshot: what it promises, and that it is made of the lists."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.bundle.lists import read_lists
from ingest.entities.update import update
from ingest.merge.corrections import BUILT_IN, read_corrections
from ingest.sources.lists.followed import load_lists
from kg.cards.card import record_of
from kg.cards.file import read_cards
from kg.entities.entity import Relation
from kg.snapshot import bundled as snapshot
from kg.store.catalogue import Catalogue
from kg.store.copy import copy_to
from kg.taxonomy.taxonomy import Taxonomy

pytestmark = pytest.mark.slow

FOLDER = Path(snapshot.__file__).parent / "data"
MAX_BYTES = 12_000_000


@pytest.fixture(scope="module")
def bundled(unpacked_snapshot: Path) -> Iterator[Catalogue]:
    with Catalogue(unpacked_snapshot) as catalogue:
        yield catalogue


def test_it_keeps_its_promises(bundled: Catalogue) -> None:
    stated = json.loads((FOLDER / "manifest.json").read_text())["counts"]
    assert stated["papers"] >= 4_500
    assert stated["abstracts"] >= 3_300
    assert stated["categories"] >= 2_200
    assert stated["citations"] >= 5_000
    assert stated["months"] >= stated["arxiv_ids"]
    counts = bundled.counts()
    assert counts["papers"] == counts["placed"] == stated["papers"]
    assert counts["citations"] == stated["citations"]
    assert counts["with_abstract"] == 0
    assert list(bundled.vectors.missing("all-MiniLM-L6-v2")) == []
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < MAX_BYTES


def test_every_list_that_places_papers_is_there(bundled: Catalogue) -> None:
    named = {name for name, *_ in bundled.lists.entries()}
    places = {
        name
        for name, source in load_lists(Taxonomy.load()).items()
        if source.default or source.taxonomy or any(rule.topic for rule in source.rules)
    }
    assert named == places


def test_its_entities_are_those_of_the_list_and_the_cards(
    bundled: Catalogue, tmp_path: Path
) -> None:
    assert not bundled.reads.unread()
    copy_to(bundled.database, tmp_path / "atlas.sqlite")
    with Catalogue(tmp_path / "atlas.sqlite") as again:
        assert update(again) == 0
        assert again.revision == bundled.revision
        # As if nothing had been read.
        for table in ("entity_reads", "entity_names_read"):
            again.database.execute(f"DELETE FROM {table}")
        again.journal.set_cursor("entities", "list", None)
        update(again)
        mend = "run `python -m ingest.entities rebuild`"
        assert again.entities.all() == bundled.entities.all(), mend
        stored, read = set(bundled.relations.all()), set(again.relations.all())
        assert not stored - read, mend
        # Where an abstract says what an abbreviation stands for, its title alone does not.
        assert {one.relation for one in read - stored} <= {Relation.MENTIONS}, mend
        assert len(read - stored) < len(stored) / 1000, mend


def test_cards_are_stored_as_they_are_when_they_are_read(bundled: Catalogue) -> None:
    stored = bundled.cards.all()
    keys = bundled.identifiers.keys([one.paper for one in read_cards(FOLDER / snapshot.CARDS)])
    read = {
        keys[one.paper]: one.card
        for one in reversed(read_cards(FOLDER / snapshot.CARDS))
        if one.paper in keys
    }
    assert {key: record_of(card) for key, card in stored.items()} == {
        key: record_of(card) for key, card in read.items()
    }
    key, card = next(iter(stored.items()))
    (paper,) = bundled.papers.get([key])
    assert bundled.cards.put(paper.id, card, snapshot.CARD_SOURCE) is False


def test_every_placement_is_under_a_topic_that_exists(bundled: Catalogue) -> None:
    taxonomy = Taxonomy.load()
    used = {topic for topic, _ in bundled.placements.topic_papers()}
    assert all(topic in taxonomy for topic in used)
    empty = [t.id for t in taxonomy if not any(u == t.id or u.startswith(f"{t.id}/") for u in used)]
    assert empty == []


def test_the_lists_conflicts_are_kept_apart(bundled: Catalogue) -> None:
    conflicts = {value for _, value, _, source in bundled.identifiers.conflicts() if source}
    assert {"2202.10054", "2302.14771"} <= conflicts
    for title in (
        "On the effectiveness of parameter-efficient fine-tuning",
        "Fine-tuning can distort pretrained features and underperform out-of-distribution",
    ):
        assert bundled.identifiers.key(title)


@pytest.mark.shared
def test_the_lists_give_the_papers(shared: Path, bundled: Catalogue) -> None:
    missing = {
        entry.arxiv_id
        for entry, _, _ in read_lists(shared, Taxonomy.load()).placed
        if entry.arxiv_id and not bundled.identifiers.find("arxiv", entry.arxiv_id)
    }
    wrong = {value for _, value, _, _ in bundled.identifiers.conflicts()}
    # Of no topic any more, or of another paper.
    corrections = read_corrections(BUILT_IN)
    corrected = {number for one in corrections for number in (*one.not_ids, one.paper)}
    assert missing <= wrong | corrected
