"""Relations of papers to entities follow what changes in an atlas."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ingest.entities import relate
from ingest.entities.update import update
from kg.entities.entity import PERSON, Entity, EntityType, Name
from kg.entities.file import built_in_digest
from kg.graph.rows import paper_ids
from kg.records import Citation, Paper
from kg.snapshot import file as snapshot_file
from kg.snapshot.archive import pack
from kg.store.catalogue import Catalogue
from kg.store.database import Database, own_migrations
from kg.store.papers import PaperStore
from kg.store.reads import ReadStore
from tests.support.factories import card, paper, put_all

ONE = paper(1, title="AddUp: adding weights")
TWO = paper(2, title="Better sums", abstract="We improve on AddUp by a scale.")
THREE = paper(3, title="Nothing of note")


@pytest.fixture(params=[False, True], ids=["small", "large"])
def catalogue(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Catalogue]:
    """Three papers, of which the first is read; also as if they were many."""
    if request.param:
        monkeypatch.setattr(relate, "_MAX_PAPERS", 0)
    with Catalogue(tmp_path / "atlas.sqlite") as opened:
        put_all(opened, ONE, TWO, THREE)
        opened.cards.put(ONE.id, card(), "a.jsonl")
        yield opened


def related(catalogue: Catalogue, paper_id: str) -> set[tuple[str, str]]:
    """Return (relation, name of an entity) of a paper."""
    found = catalogue.relations.of_papers([catalogue.identifiers.key(paper_id)])
    return {(one.relation, catalogue.entities.get([one.entity])[0].name) for one in found}


def test_papers_are_related_to_what_their_cards_and_texts_name(catalogue: Catalogue) -> None:
    assert update(catalogue) == 2
    assert related(catalogue, ONE.id) == {
        ("introduces", "AddUp"),
        ("compares_with", "Weight averaging"),
        ("evaluates_on", "GLUE"),
    }
    assert related(catalogue, TWO.id) == {("mentions", "AddUp")}
    assert related(catalogue, THREE.id) == set()


def test_what_did_not_change_is_not_read_again(catalogue: Catalogue) -> None:
    update(catalogue)
    revision = catalogue.revision
    assert not catalogue.reads.unread()
    assert update(catalogue) == 0
    assert catalogue.revision == revision


def test_what_is_forgotten_is_read_again(catalogue: Catalogue) -> None:
    update(catalogue)
    before = set(catalogue.relations.all())
    with catalogue.writing():
        catalogue.relations.replace(catalogue.papers.keys(), ())
        assert update(catalogue) == 0
        catalogue.reads.forget()
    assert update(catalogue) == 2
    assert set(catalogue.relations.all()) == before


def test_a_new_paper_alone_is_read(catalogue: Catalogue) -> None:
    update(catalogue)
    put_all(catalogue, paper(4, abstract="Compared with AddUp on GLUE."))
    unread = catalogue.reads.unread()
    assert (len(unread.papers), unread.names, unread.cards) == (1, {}, None)
    assert update(catalogue) == 1
    assert related(catalogue, paper(4).id) == {("mentions", "AddUp"), ("mentions", "GLUE")}


def test_a_new_abstract_title_or_year_is_read(catalogue: Catalogue) -> None:
    update(catalogue)
    put_all(catalogue, paper(3, title="Nothing of note", abstract="Unlike AddUp."))
    assert update(catalogue) == 1
    assert related(catalogue, THREE.id) == {("mentions", "AddUp")}
    put_all(catalogue, paper(3, title="Nothing of note", abstract="Unlike AddUp.", year=1999))
    assert update(catalogue) == 1  # Before there was any AddUp.
    assert related(catalogue, THREE.id) == set()


def test_a_name_that_becomes_known_is_found_in_the_papers_that_were_there(
    catalogue: Catalogue,
) -> None:
    put_all(catalogue, paper(4, abstract="The tool FooTune is used."))
    update(catalogue)
    assert related(catalogue, paper(4).id) == set()
    catalogue.cards.put(THREE.id, card(introduces=("FooTune",)), "a.jsonl")
    assert update(catalogue) == 2
    assert related(catalogue, paper(4).id) == {("mentions", "FooTune")}
    catalogue.cards.remove(THREE.id)
    assert update(catalogue) == 2
    assert related(catalogue, paper(4).id) == set()
    assert not catalogue.entities.owners("FooTune")


def test_when_a_longer_name_goes_the_shorter_one_in_it_is_found(catalogue: Catalogue) -> None:
    put_all(catalogue, paper(4, abstract="We study AddUp Merging."))
    longer = Entity("method/addup-merging", EntityType.METHOD, (Name("AddUp Merging"),), "x", "f")
    key = catalogue.entities.put(longer)
    update(catalogue)
    assert related(catalogue, paper(4).id) == {("mentions", "AddUp Merging")}
    catalogue.entities.remove([key])
    assert update(catalogue) == 1
    assert related(catalogue, paper(4).id) == {("mentions", "AddUp")}


def test_reading_a_few_papers_gives_what_reading_all_does(catalogue: Catalogue) -> None:
    update(catalogue)
    catalogue.cards.put(TWO.id, card(introduces=("Scaled AddUp",)), "a.jsonl")
    put_all(catalogue, paper(4, abstract="Neither AddUp nor Scaled AddUp. GLUE is used."))
    update(catalogue)
    found = catalogue.relations.all()
    catalogue.reads.forget()
    assert update(catalogue) == 0
    assert catalogue.relations.all() == found


@pytest.mark.parametrize("loaded", [False, True])
def test_an_atlas_of_an_earlier_version_gets_its_entities(tmp_path: Path, loaded: bool) -> None:
    path = tmp_path / "atlas.sqlite"
    with Database(path, own_migrations()[:8]) as earlier:
        earlier.execute(
            "INSERT INTO papers (key, id, title, abstract, text_hash, year, withdrawn)"
            " VALUES (7, '2106.09685', 'Low-Rank Adaptation', 'We propose LoRA.', 'h', 2021, 0)"
        )
        earlier.execute(
            "INSERT INTO identifiers (scheme, value, paper) VALUES ('arxiv', '2106.09685', 7)"
        )
        record = json.dumps({"kind": "method", "compares_with": ["Adam"], "by": "abstract"})
        earlier.execute("INSERT INTO cards VALUES (7, NULL, ?, 'snapshot')", (record,))
        earlier.execute("INSERT INTO card_values VALUES (7, 'kind', 'method')")
        earlier.checkpoint()
    if loaded:
        saved = tmp_path / "atlas.lfm"
        pack(path, {"identity": "x", "revision": 1, "counts": {"papers": 1}}, saved)
        path = tmp_path / "home" / "atlas.sqlite"
        snapshot_file.load(saved, path)
    with Catalogue(path) as catalogue:
        assert catalogue.entities.count() == 0
        assert update(catalogue) == 1
        found = related(catalogue, "2106.09685")
        assert {("introduces", "LoRA"), ("compares_with", "Adam")} <= found


@pytest.mark.parametrize("step", ["mark_papers", "mark"])
def test_an_update_that_was_killed_goes_on(catalogue: Catalogue, step: str) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    reads = catalogue.reads
    catalogue.reads = type("Killed", (ReadStore,), {step: killed})(catalogue.database)
    with pytest.raises(KeyboardInterrupt):
        update(catalogue)
    catalogue.reads = reads
    assert catalogue.reads.unread()
    update(catalogue)
    assert not catalogue.reads.unread()
    assert catalogue.relations.all()
    catalogue.reads.forget()
    assert update(catalogue) == 0


def test_a_paper_that_the_list_names_brings_its_entity_when_it_comes(catalogue: Catalogue) -> None:
    update(catalogue)
    assert not catalogue.entities.owners("method/maml")
    maml = paper(5, id="1703.03400", arxiv_id="1703.03400", title="Fast adaptation", year=2017)
    put_all(catalogue, maml, paper(6, abstract="MAML is compared."))
    assert update(catalogue) == 2
    assert ("introduces", "MAML") in related(catalogue, maml.id)
    assert related(catalogue, paper(6).id) == {("mentions", "MAML")}


def test_a_newer_list_of_the_package_is_taken_but_what_a_file_says_stays(
    catalogue: Catalogue,
) -> None:
    update(catalogue)
    glue = catalogue.entities.get([catalogue.entities.key("GLUE")])[0]
    names = (Name("GLUE"), Name("Our GLUE"))
    own = Entity(glue.id, glue.type, names, "Tests of ours.", "own.yaml")
    gone = Entity("model/of-before", EntityType.MODEL, (Name("OfBefore"),), "Was.", glue.source)
    accepted = Entity("model/of-a-person", EntityType.MODEL, (Name("OfPerson"),), None, PERSON)
    catalogue.entities.put_all([own, gone, accepted])
    catalogue.journal.set_cursor("entities", "list", '{"digest": "another", "lacking": []}')
    update(catalogue)
    assert catalogue.entities.get([catalogue.entities.key("Our GLUE")]) == [own]
    assert catalogue.entities.owners("OfPerson")
    assert not catalogue.entities.owners("OfBefore")
    cursor = json.loads(catalogue.journal.cursor("entities", "list") or "")
    assert cursor["digest"] == built_in_digest()


# -- papers that become one, go, or get another id ---------------------------------------------


def test_a_paper_that_goes_takes_its_relations_and_what_it_alone_introduced(
    catalogue: Catalogue,
) -> None:
    update(catalogue)
    catalogue.papers.remove(ONE.id)
    assert update(catalogue) == 1
    assert not catalogue.entities.owners("AddUp")
    assert related(catalogue, TWO.id) == set()


def test_two_papers_that_become_one_have_the_relations_of_the_card_that_stays(
    catalogue: Catalogue,
) -> None:
    catalogue.cards.put(THREE.id, card(introduces=(), compares_with=("Adam",)), "a.jsonl")
    update(catalogue)
    catalogue.papers.rename(ONE.id, THREE.id)
    update(catalogue)
    assert related(catalogue, THREE.id) == {
        ("compares_with", "Adam"),
        ("evaluates_on", "GLUE"),
    }
    assert not catalogue.entities.owners("AddUp")


def test_what_a_paper_without_a_card_gets_by_merging_stays_its_own(catalogue: Catalogue) -> None:
    update(catalogue)
    before = related(catalogue, ONE.id)
    catalogue.papers.rename(ONE.id, THREE.id)
    assert related(catalogue, THREE.id) == before  # Even before the next update.
    update(catalogue)
    assert related(catalogue, THREE.id) == before
    assert related(catalogue, TWO.id) == {("mentions", "AddUp")}


def test_a_paper_under_another_id_keeps_its_relations(catalogue: Catalogue) -> None:
    update(catalogue)
    before = related(catalogue, ONE.id)
    catalogue.papers.rename(ONE.id, "doi:10.5555/one")
    update(catalogue)
    assert related(catalogue, "doi:10.5555/one") == before


# -- what is new is read, and no more ----------------------------------------------------------


def test_only_papers_that_changed_are_looked_at(catalogue: Catalogue) -> None:
    update(catalogue)
    catalogue.database.execute("DELETE FROM entity_reads")  # No change of any paper.
    assert not catalogue.reads.unread()
    put_all(catalogue, paper(3, title="Nothing of note", abstract="Unlike AddUp."))
    assert list(catalogue.reads.unread().papers) == [catalogue.identifiers.key(THREE.id)]


def test_after_new_papers_no_other_one_is_read(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    update(catalogue)
    put_all(catalogue, paper(4, abstract="Compared with AddUp on GLUE."))
    got: set[int] = set()
    own = PaperStore.get

    def get(self: PaperStore, keys: Sequence[int]) -> list[Paper]:
        got.update(keys)
        return own(self, keys)

    monkeypatch.setattr(PaperStore, "get", get)
    assert update(catalogue) == 1
    introducing = catalogue.identifiers.key(ONE.id)
    assert got == {catalogue.identifiers.key(paper(4).id), introducing}
    got.clear()
    assert update(catalogue) == 0
    assert got == set()


def test_a_citation_has_the_citing_paper_read(catalogue: Catalogue) -> None:
    update(catalogue)
    catalogue.citations.add([Citation(TWO.id, ONE.id, "s")])
    two = catalogue.identifiers.key(TWO.id)
    assert list(catalogue.reads.unread().papers) == [two]
    update(catalogue)
    catalogue.papers.rename(ONE.id, THREE.id)
    assert two in catalogue.reads.unread().papers
    update(catalogue)
    catalogue.papers.remove(THREE.id)
    assert two in catalogue.reads.unread().papers


TITLED = "{0} is a sum. We call it {0}."


def test_names_in_titles_that_come_one_by_one_are_as_all_at_once(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    made = [
        paper(number, title=f"{name}: {number}", abstract=TITLED.format(name))
        for number, name in enumerate(("FooTune", "BarNet", "FooTune", "AddUp", "GLUE"), 10)
    ]
    users = [paper(30, abstract="FooTune and Bar-Net are used."), paper(31, abstract="BarNet.")]
    renamed = paper(11, title="BazNet: 11", abstract=TITLED.format("BazNet"))
    put_all(catalogue, *users)
    for one in (*made, renamed):
        update(catalogue)
        put_all(catalogue, one)
    update(catalogue)
    with Catalogue(tmp_path / "other.sqlite") as other:
        put_all(other, *catalogue.papers.get(sorted(catalogue.papers.keys())))
        other.cards.put(ONE.id, card(), "a.jsonl")
        update(other)
        assert states(catalogue) == states(other)
    assert catalogue.entities.owners("BazNet")
    assert not catalogue.entities.owners("BarNet")
    assert len(catalogue.entities.owners("FooTune")) == 2


def states(catalogue: Catalogue) -> set[tuple[str, str, str, str]]:
    """Return all relations by ids, with who says so."""
    entities = catalogue.entities.all()
    return {
        (
            entities[one.entity].id,
            one.relation,
            paper_ids(catalogue.database, [one.paper])[one.paper],
            ",".join(sorted(one.sources)),
        )
        for one in catalogue.relations.all()
    }
