"""Entities in a catalogue: their names, owners and what they extend."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.entities.entity import Entity, EntityType, Name, Recognised, Relation, Source
from kg.entities.names import folded_name
from kg.errors import NotFound, SeveralOwners
from kg.store.catalogue import Catalogue
from tests.support.entities import ENTITIES, entity, relate
from tests.support.factories import FEW_EXAMPLES, TEXT, paper, put_all


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """Two papers, and entities of which COLA and CoLA share a name."""
    with Catalogue(tmp_path / "atlas.sqlite") as opened:
        put_all(opened, paper(1), paper(2))
        opened.entities.put_all(ENTITIES)
        yield opened


def ids(catalogue: Catalogue, name: str) -> list[str]:
    return [one.id for one in catalogue.entities.get(catalogue.entities.owners(name))]


@given(
    st.lists(TEXT.filter(folded_name), min_size=1, max_size=5, unique_by=folded_name),
    st.sampled_from(list(Recognised)),
    st.none() | TEXT,
    st.sampled_from(list(EntityType)),
)
@FEW_EXAMPLES
def test_an_entity_is_as_it_was_put(
    shelf: Catalogue, names: list[str], where: Recognised, about: str | None, kind: EntityType
) -> None:
    made = Entity(f"{kind}/x", kind, tuple(Name(one, where) for one in names), about, "a-file")
    key = shelf.entities.put(made)
    (found,) = shelf.entities.get([key])
    assert (found.id, found.type, found.about, found.source) == (made.id, kind, about, "a-file")
    assert found.name == names[0]
    assert set(found.names) == set(made.names)
    assert all(key in shelf.entities.owners(one) for one in names)
    shelf.entities.remove([key])


def test_putting_the_same_changes_nothing(catalogue: Catalogue) -> None:
    revision = catalogue.revision
    before = catalogue.entities.keys()
    assert catalogue.entities.put_all(ENTITIES) == before
    assert catalogue.revision == revision


def test_another_form_of_an_entity_takes_its_place(catalogue: Catalogue) -> None:
    before = catalogue.entities.key("AddUp")
    key = catalogue.entities.put(entity("method/addup", "AddUp2", "Sum", about="Sums."))
    assert key == before
    assert ids(catalogue, "sum") == ids(catalogue, "add up 2") == ["method/addup"]
    assert not catalogue.entities.owners("Adding-Up")
    assert catalogue.entities.get([key])[0].about == "Sums."


@pytest.mark.parametrize("name", ["AddUp", "addup", "ADD-UP", "adding up", "method/addup"])
def test_a_name_in_any_spelling_or_an_id_has_its_owner(catalogue: Catalogue, name: str) -> None:
    assert catalogue.entities.ids([catalogue.entities.key(name)]).popitem()[1] == "method/addup"


def test_of_several_owners_the_most_used_is_first(catalogue: Catalogue) -> None:
    assert set(ids(catalogue, "cola")) == {"benchmark/cola", "method/cola"}
    keys = catalogue.entities.keys()
    for ident in ("method/cola", "benchmark/cola"):
        papers = [catalogue.identifiers.key(paper(1).id)]
        catalogue.relations.replace(
            papers, [(keys[ident], Relation.MENTIONS, papers[0], Source.MATCH)]
        )
        assert ids(catalogue, "cola")[0] == ident
    with pytest.raises(SeveralOwners):
        catalogue.entities.key("CoLA")


def test_an_unknown_name_brings_the_nearest(catalogue: Catalogue) -> None:
    with pytest.raises(NotFound, match="AddUp More"):
        catalogue.entities.key("addup moore")
    with pytest.raises(NotFound):
        catalogue.entities.key("")


def test_what_is_removed_takes_names_relations_and_extensions(catalogue: Catalogue) -> None:
    keys = catalogue.entities.keys()
    (one, two) = (catalogue.identifiers.key(paper(n).id) for n in (1, 2))
    addup = keys["method/addup"]
    catalogue.relations.replace([one], [(addup, Relation.BUILDS_ON, one, Source.CARD)])
    catalogue.relations.replace([two], [(keys["model/t5"], Relation.MENTIONS, two, Source.MATCH)])
    catalogue.entities.set_extends([(addup, keys["method/task-arithmetic"])])
    assert catalogue.entities.remove([addup]) == {one}
    assert "method/addup" not in set(catalogue.entities.keys())
    assert not catalogue.entities.owners("Adding-Up")
    assert [rel.paper for rel in catalogue.relations.all()] == [two]
    assert catalogue.entities.extends() == []


def test_extensions_are_stated_anew(catalogue: Catalogue) -> None:
    a, b, c = (catalogue.entities.key(one) for one in ("AddUp", "AddUp More", "task arithmetic"))
    catalogue.entities.set_extends([(b, a), (a, c)])
    catalogue.entities.set_extends([(a, c), (b, c)])
    assert catalogue.entities.extends() == sorted([(a, c), (b, c)])
    revision = catalogue.revision
    catalogue.entities.set_extends([(b, c), (a, c)])
    assert catalogue.revision == revision


def test_entities_are_counted_by_type(catalogue: Catalogue) -> None:
    assert catalogue.entities.type_counts() == {"benchmark": 2, "method": 5, "model": 1}
    assert catalogue.entities.count() == len(ENTITIES)
    methods = catalogue.entities.of_type(EntityType.METHOD)
    assert len(methods) == 5
    t5 = catalogue.entities.key("T5")
    assert catalogue.entities.of_type(EntityType.METHOD, [t5, methods[0]]) == [methods[0]]


def test_names_come_with_their_entities(catalogue: Catalogue) -> None:
    names = {(key, name.text) for key, name in catalogue.entities.names()}
    assert (catalogue.entities.key("AddUp"), "Adding-Up") in names
    assert len(names) == sum(len(one.names) for one in ENTITIES)


@pytest.mark.parametrize(
    ("first", "second", "meant"),
    [
        (8, 2, ["method/cola"]),
        (7, 1, ["method/cola", "benchmark/cola"]),  # Too few to be usual.
        (8, 3, ["method/cola", "benchmark/cola"]),
        (2, 9, ["benchmark/cola"]),
    ],
)
def test_a_name_of_several_means_the_usual_one(
    catalogue: Catalogue, first: int, second: int, meant: list[str]
) -> None:
    put_all(catalogue, *(paper(number) for number in range(3, 12)))
    pairs = [("method/cola", n) for n in range(1, first + 1)]
    pairs += [("benchmark/cola", n) for n in range(1, second + 1)]
    relate(catalogue, *((i, Relation.MENTIONS, n) for i, n in pairs), source=Source.MATCH)
    assert ids(catalogue, "cola") == meant
    key = catalogue.entities.key(meant[0])
    assert len(catalogue.entities.sharing_names(key)) == 1


@pytest.mark.parametrize(
    ("taken", "meant"),
    [("method/sums-of-others", ["method/addup"]), ("method/adding-up", None)],
)
def test_another_name_of_the_usual_one_means_it_unless_it_is_the_id_of_another(
    catalogue: Catalogue, taken: str, meant: list[str] | None
) -> None:
    catalogue.entities.put(entity(taken, "Sums", "Adding-Up"))
    put_all(catalogue, *(paper(number) for number in range(3, 9)))
    relate(catalogue, ("method/addup", Relation.MENTIONS, range(1, 9)), source=Source.MATCH)
    assert ids(catalogue, "adding up") == (meant or ["method/addup", taken])


def test_of_names_alike_the_most_used_is_nearest(catalogue: Catalogue) -> None:
    catalogue.entities.put_all([entity("method/mend", "MEND"), entity("method/mund", "MUND")])
    put_all(catalogue, *(paper(number) for number in range(3, 9)))
    for ident, best in (("method/mend", ["MEND", "MUND"]), ("method/mund", ["MUND", "MEND"])):
        relate(catalogue, (ident, Relation.MENTIONS, range(1, 9)), source=Source.MATCH)
        assert catalogue.entities.near("MOND")[:2] == best


def test_a_name_among_the_words_is_near_and_each_entity_once(catalogue: Catalogue) -> None:
    assert catalogue.entities.near("what is GLUE")[0] == "GLUE"
    assert catalogue.entities.near("the task arithmetic of Adding Up, please") == [
        *["Adding-Up", "task arithmetic"]
    ]
    assert catalogue.entities.near("a " * 5_000) == []


def test_an_atlas_without_entities_says_how_it_gets_them(tmp_path: Path) -> None:
    with (
        Catalogue(tmp_path / "old.sqlite") as old,
        pytest.raises(NotFound, match="run `lfm refresh`"),
    ):
        old.entities.key("LoRA")


def test_a_long_name_is_repeated_in_part(catalogue: Catalogue) -> None:
    with pytest.raises(NotFound) as raised:
        catalogue.entities.key("x" * 10_000)
    assert len(str(raised.value)) < 200
    assert raised.value.name == "x" * 10_000
