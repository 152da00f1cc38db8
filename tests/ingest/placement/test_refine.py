"""Leaves for papers that lists place coarsely: beside what lists say, and never in its place."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.embedding import embed_missing
from ingest.placement.examples import REFINED
from ingest.placement.readings import BUILT_IN, read_readings
from ingest.placement.refine import refine
from kg.cards.card import Card, Data, Kind
from kg.errors import BadSource
from kg.records import PlacedBy, Placement
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy
from tests.support.embedders import HashedWords
from tests.support.factories import paper

TAXONOMY = Taxonomy.load()
FUSION = "model-reuse/model-fusion"
ARITHMETIC, SOUPS = f"{FUSION}/task-arithmetic", f"{FUSION}/weight-interpolation"
NOISE, GENERATED = (
    f"model-distillation/{leaf}" for leaf in ("noise-optimization", "generative-reconstruction")
)
WORDS = {
    ARITHMETIC: "adding sparse task vectors",
    SOUPS: "averaged soups of checkpoints",
    NOISE: "inverting a teacher into images",
    GENERATED: "a generator of the lost data",
}


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """An atlas in which a list places some papers of each leaf well."""
    with Catalogue(tmp_path / "atlas.sqlite") as opened:
        for place, (topic, words) in enumerate(WORDS.items()):
            for number in range(10):
                add(opened, 100 * place + number, f"{words} number {number}", topic)
        yield opened


def add(catalogue: Catalogue, number: int, title: str, *topics: str) -> str:
    one = paper(number, title=title, abstract=None)
    catalogue.papers.put(one)
    catalogue.placements.add(one.id, [Placement(t, PlacedBy.LIST, "a list") for t in topics])
    return one.id


def refined(catalogue: Catalogue, *names: str, **given: object) -> list[dict[str, float]]:
    """Refine and return the placements by the model of these papers."""
    embed_missing(catalogue, HashedWords())
    refine(catalogue, TAXONOMY, HashedWords(), **{"cards": {}, "readings": {}, **given})  # type: ignore[arg-type]
    keys = [catalogue.identifiers.key(name) for name in names]
    placed = catalogue.placements.get(keys)
    return [
        {p.topic: p.confidence for p in placed.get(key, []) if p.placed_by is PlacedBy.MODEL}
        for key in keys
    ]


def test_a_coarse_placement_gets_a_leaf_beside_it(catalogue: Catalogue) -> None:
    names = [
        add(catalogue, 900, "adding task vectors", FUSION),
        add(catalogue, 901, "averaged soups", "model-reuse"),
        add(catalogue, 902, "inverting a teacher", "model-distillation"),
    ]
    leaves = (ARITHMETIC, SOUPS, NOISE)
    for name, found, leaf in zip(names, refined(catalogue, *names), leaves, strict=True):
        ((topic, sure),) = found.items()
        assert topic == leaf
        assert 0.2 <= sure <= 1
        placed = catalogue.placements.get([catalogue.identifiers.key(name)])
        (listed,) = (p for some in placed.values() for p in some if p.placed_by is PlacedBy.LIST)
        assert (listed.topic, listed.confidence) != (leaf, sure)
        (one,) = placed.values()
        assert TAXONOMY.topic_ids(one)[0] == leaf


def test_a_leaf_of_a_list_stays_alone_where_the_model_agrees(catalogue: Catalogue) -> None:
    name = add(catalogue, 900, "averaged soups of checkpoints once more", SOUPS)
    assert refined(catalogue, name) == [{}]


def test_a_paper_that_a_list_has_elsewhere_is_placed_where_it_belongs_too(
    catalogue: Catalogue,
) -> None:
    name = add(catalogue, 900, "adding sparse task vectors number 7", SOUPS)
    (found,) = refined(catalogue, name)
    assert list(found) == [ARITHMETIC]


def test_of_several_leaves_of_lists_the_likeliest_is_told(catalogue: Catalogue) -> None:
    name = add(catalogue, 900, "averaged soups of checkpoints", ARITHMETIC, SOUPS)
    (found,) = refined(catalogue, name)
    assert list(found) == [SOUPS]
    (placed,) = catalogue.placements.get([catalogue.identifiers.key(name)]).values()
    assert TAXONOMY.topic_ids(placed) == (SOUPS, ARITHMETIC)


def test_a_reading_comes_first_and_teaches(catalogue: Catalogue) -> None:
    read = {}
    for number in range(8):
        name = add(catalogue, 900 + number, f"frozen lake ice {number}", "model-distillation")
        read[name] = [NOISE, GENERATED]
    other = add(catalogue, 950, "ice of a frozen lake", "model-distillation")
    found = refined(catalogue, *read, other, readings=read)
    for one in found[:-1]:
        assert list(one) == [NOISE, GENERATED]
        assert one[NOISE] > one[GENERATED]
    assert NOISE in found[-1] or GENERATED in found[-1]


def test_a_reading_is_found_by_the_id_that_a_title_gives(catalogue: Catalogue) -> None:
    from ingest.merge.merger import paper_id

    name = add(catalogue, 900, "Frozen lake ice", "model-distillation")
    (found,) = refined(catalogue, name, readings={paper_id(None, None, "Frozen Lake Ice"): [NOISE]})
    assert list(found) == [NOISE]


def test_a_card_tells_what_a_title_does_not(catalogue: Catalogue) -> None:
    cards = {}
    for number in range(10):
        for start, data in ((200, Data.NONE), (300, Data.SYNTHETIC)):
            key = catalogue.identifiers.key(paper(start + number).id)
            cards[key] = Card(Kind.METHOD, data=data)
    shares = []
    for data in (Data.NONE, Data.SYNTHETIC):
        name = add(catalogue, 900, "a teacher and the lost images", "model-distillation")
        own = {catalogue.identifiers.key(name): Card(Kind.METHOD, data=data)}
        (found,) = refined(catalogue, name, cards=cards | own)
        shares.append(found.get(NOISE, 0.0))
    assert shares[0] > shares[1]


def test_refining_again_changes_nothing(catalogue: Catalogue) -> None:
    name = add(catalogue, 900, "adding task vectors", FUSION)
    before = refined(catalogue, name)
    assert refined(catalogue, name) == before
    catalogue.placements.remove(name, PlacedBy.LIST)
    catalogue.placements.add(name, [Placement(ARITHMETIC, PlacedBy.LIST, "a list")])
    assert refined(catalogue, name) == [{}]


def test_what_the_model_placed_by_itself_stays(catalogue: Catalogue) -> None:
    name = add(catalogue, 900, "adding task vectors")
    catalogue.placements.add(name, [Placement("meta-learning", PlacedBy.MODEL, "placer", 0.7)])
    assert refined(catalogue, name) == [{"meta-learning": 0.7}]
    (found,) = refined(catalogue, name, readings={name: [SOUPS]})
    assert list(found) == [SOUPS]


def test_the_readings_of_the_package_name_topics_that_there_are() -> None:
    found = read_readings(TAXONOMY)
    assert len(found) > 1000
    assert all(len(set(topics)) == len(topics) <= 5 for topics in found.values())


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("2001.00001\tmodel-reuse/of-nothing", "no topic 'model-reuse/of-nothing'"),
        ("2001.00001", "no topic"),
        ("2001.00001\tmodel-reuse\n2001.00001\tmodel-reuse", "comes twice"),
    ],
)
def test_a_reading_with_a_mistake_is_refused(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / BUILT_IN.name
    path.write_text(f"# Readings.\n{line}\n", encoding="utf-8")
    with pytest.raises(BadSource, match=message) as caught:
        read_readings(TAXONOMY, path)
    assert caught.value.line == 2 + line.count("\n")


def test_refined_placements_are_named_so(catalogue: Catalogue) -> None:
    name = add(catalogue, 900, "adding task vectors", FUSION)
    refined(catalogue, name)
    (placed,) = catalogue.placements.get([catalogue.identifiers.key(name)]).values()
    assert {p.source for p in placed if p.placed_by is PlacedBy.MODEL} == {REFINED}
