"""Papers that may have a name are found by words, however it is written there."""

from pathlib import Path

import pytest

from ingest.entities.naming import papers_naming
from kg.entities.entity import Entity, EntityType, Name, Relation, Source
from kg.entities.names import folded_name
from kg.store.catalogue import Catalogue
from tests.support.factories import card, paper, put_all


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("FooTune", "We use FooTune."),
        ("FooTune", "FOO-TUNE, as it were."),
        ("FooTune", "the foo tune"),
        ("FooTune", "footune-based"),
        ("Footune", "Foo-tune and others"),
        ("CIFAR-10", "on CIFAR10."),
        ("CIFAR10", "on CIFAR 10."),
        ("task vector", "Task vectors are added."),
        ("task vectors", "a task-vector"),
        ("model optimization", "of model optimisation"),
        ("Low-Rank Adaptation", "low rank adaptations"),
        ("Foo Bar Baz Qux Quux Corge Grault Garply", "foo-bar-baz qux quux corge grault garply"),
        ("μKE", r"We call it $\mu$KE."),
        ("Žižka", "after Zizka"),
        ("LoRA+", "with LoRA+."),
        ('"Quoted" NEAR', "a quoted near"),
    ],
)
def test_a_name_is_found_as_it_may_be_written(tmp_path: Path, name: str, text: str) -> None:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        put_all(catalogue, paper(1, abstract=text), paper(2, abstract="Of other things."))
        catalogue.entities.put(Entity("method/x", EntityType.METHOD, (Name(name),), None, "f"))
        assert papers_naming(catalogue, {folded_name(name)}) == {1}


@pytest.mark.parametrize("text", ["FooTune2", "foo-tune2", "FooTune-2"])
def test_a_name_that_nobody_has_any_more_is_found(tmp_path: Path, text: str) -> None:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        put_all(catalogue, paper(1, abstract=text), paper(2, abstract="Of other things."))
        assert papers_naming(catalogue, {"footune2"}) == {1}


def test_what_relates_to_a_name_or_was_read_is_searched_as_well(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        put_all(catalogue, paper(1), paper(2), paper(3), paper(4))
        catalogue.cards.put(paper(2).id, card(), "a.jsonl")
        key = catalogue.entities.put(
            Entity("method/x", EntityType.METHOD, (Name("FooTune"),), None, "f")
        )
        catalogue.relations.replace([3], [(key, Relation.MENTIONS, 3, Source.MATCH)])
        assert papers_naming(catalogue, {"footune"}) == {2, 3}
