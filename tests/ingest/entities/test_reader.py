"""What a paper relates to, by its card and by the names in its texts."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ingest.entities.reader import Reader
from kg.cards.card import Card
from kg.entities.entity import Entity, EntityType, Name, Recognised, Source
from kg.records import Citation, PlacedBy, Placement
from kg.store.catalogue import Catalogue
from tests.support.factories import card, paper, put_all

EXACT, ASKED = Recognised.EXACT, Recognised.ASKED


def entity(ident: str, *names: str | Name, source: str = Source.LIST) -> Entity:
    kind = EntityType(ident.partition("/")[0])
    made = tuple(one if isinstance(one, Name) else Name(one) for one in names)
    return Entity(ident, kind, made, None, source)


ENTITIES = {
    entity("method/lora", "LoRA", "Low-Rank Adaptation"): (1,),
    entity("method/knowledge-distillation", "Knowledge distillation", "KD"): (),
    entity("model/sam", Name("SAM", EXACT), "Segment Anything Model"): (2,),
    entity("method/sam", Name("SAM", EXACT), "Sharpness-Aware Minimization"): (3,),
    entity("method/dora", Name("DoRA", EXACT), "Weight-Decomposed Low-Rank Adaptation"): (4,),
    entity("method/dora-dynamic", Name("DoRA", ASKED), "Dynamic Rank Allocation"): (5,),
    entity("benchmark/cifar-10", "CIFAR-10", "CIFAR-10/100"): (),
    entity("benchmark/cifar-100", "CIFAR-100", "CIFAR-10/100"): (),
    entity("method/apt-a", Name("APT", EXACT), "Adaptive Prompt Tuning"): (6,),
    entity("method/apt-b", Name("APT", EXACT), "Acoustic Prompt Tuning"): (7,),
    # What only cards name.
    entity("method/valley", Name("Valley", EXACT), source=Source.CARD): (8,),
    entity("method/zap", Name("ZAP", EXACT), source=Source.CARD): (8,),
    entity("method/soft-sums", Name("Soft Sums", EXACT), source=Source.CARD): (8,),
    entity("method/zapnet", Name("ZapNet", EXACT), source=Source.CARD): (8,),
}
YEARS = {2: 2023, 4: 2024, 8: 2022}


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """Eight papers that introduce entities."""
    with Catalogue(tmp_path / "atlas.sqlite") as opened:
        put_all(opened, *(paper(n, year=YEARS.get(n, 2021)) for n in range(1, 9)))
        keys = opened.entities.put_all(ENTITIES)
        for source in (Source.LIST, Source.CARD):
            pairs = [
                (keys[one.id], opened.identifiers.key(paper(number).id))
                for one, papers in ENTITIES.items()
                for number in papers
                if one.source == source
            ]
            opened.relations.replace_introductions(source, keys.values(), pairs)
        yield opened


def named(catalogue: Catalogue, title: str, abstract: str | None = None, **facts: Any) -> set[str]:
    """Return the ids of what a paper's texts name."""
    facts = {"year": 2024, **facts}
    one = paper(20, title=title, abstract=abstract, **facts)
    (key,) = put_all(catalogue, one)
    found = Reader(catalogue).named(key, one, None)
    return set(catalogue.entities.ids(list(found)).values())


def related(catalogue: Catalogue, known: Card, **facts: Any) -> set[tuple[str, str, str]]:
    """Return (relation, id, source) of what a paper with a card relates to."""
    one = paper(20, **{"year": 2024, "title": "T", "abstract": None, **facts})
    (key,) = put_all(catalogue, one)
    rows = Reader(catalogue).rows(key, one, known)
    ids = {k: e.id for k, e in catalogue.entities.all().items()}
    return {(str(relation), ids[entity], str(source)) for entity, relation, _, source in rows}


def test_titles_and_abstracts_are_read(catalogue: Catalogue) -> None:
    assert named(catalogue, "On LoRA", "We use KD.") == {
        "method/lora",
        "method/knowledge-distillation",
    }


def test_latex_is_decoded(catalogue: Catalogue) -> None:
    assert named(catalogue, "T", r"We use \textsc{LoRA} on \textbf{CIFAR-10}.") == {
        "method/lora",
        "benchmark/cifar-10",
    }


def test_capitals_of_a_title_in_capitals_say_nothing(catalogue: Catalogue) -> None:
    assert named(catalogue, "KNOWLEDGE DISTILLATION OF THE VALLEY") == {
        "method/knowledge-distillation"
    }


# -- names of ordinary words that nobody ruled on ----------------------------------------------


@pytest.mark.parametrize(
    ("title", "abstract", "found"),
    [
        ("T", "We compare with Valley and with Soft Sums.", {"method/valley", "method/soft-sums"}),
        ("The Valley of Code and Soft Sums", None, set()),
        ("T", "It works. Valley bottoms are low.", set()),
        ("T", "Our Dynamic Soft Sums and Soft Sums Plus work.", set()),
        ("ZapNet of the Valley", None, {"method/zapnet"}),
    ],
)
def test_capitals_of_ordinary_words(
    catalogue: Catalogue, title: str, abstract: str | None, found: set[str]
) -> None:
    assert named(catalogue, title, abstract) == found


def test_a_short_abbreviation_that_only_a_card_has_needs_a_citation(catalogue: Catalogue) -> None:
    assert named(catalogue, "T", "The ZAP of cells.") == set()
    catalogue.citations.add([Citation(paper(20).id, paper(8).id, "s")])
    assert named(catalogue, "T", "The ZAP of cells.") == {"method/zap"}


# -- two owners --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("abstract", "found"),
    [
        ("We use SAM.", set()),
        ("The Segment Anything Model (SAM). SAM is large.", {"model/sam"}),
        ("By sharpness-aware minimisation (SAM), flat. SAM!", {"method/sam"}),
        ("The Segment Anything Model is large. We tune SAM.", {"model/sam"}),
        ("A Spatial Attention Module (SAM) is added. SAM!", set()),
        (
            "Both the Segment Anything Model and Sharpness-Aware Minimization: SAM",
            {
                "model/sam",
                "method/sam",
            },
        ),
    ],
)
def test_a_name_of_two_is_what_the_text_writes_out(
    catalogue: Catalogue, abstract: str, found: set[str]
) -> None:
    assert named(catalogue, "T", abstract) == found


def test_a_name_of_two_is_what_the_paper_cites(catalogue: Catalogue) -> None:
    assert named(catalogue, "Tuning SAM") == set()
    catalogue.citations.add([Citation(paper(20).id, paper(3).id, "s")])
    assert named(catalogue, "Tuning SAM") == {"method/sam"}


def test_a_name_of_two_is_what_the_paper_introduces(catalogue: Catalogue) -> None:
    (key,) = catalogue.identifiers.keys([paper(3).id]).values()
    own = paper(3, title="SAM: flat", abstract="We present SAM.")
    found = list(Reader(catalogue).named(key, own, None))
    assert set(catalogue.entities.ids(found).values()) == {"method/sam"}


def test_the_usual_owner_is_meant_in_texts(catalogue: Catalogue) -> None:
    assert named(catalogue, "T", "We compare LoRA with DoRA.") == {"method/lora", "method/dora"}


def test_a_paper_means_its_own_even_where_another_is_usual(catalogue: Catalogue) -> None:
    (key,) = catalogue.identifiers.keys([paper(5).id]).values()
    own = paper(5, title="DoRA: ranks", abstract="We present dynamic rank allocation (DoRA).")
    found = list(Reader(catalogue).named(key, own, None))
    assert set(catalogue.entities.ids(found).values()) == {"method/dora-dynamic"}


def test_an_abbreviation_that_several_have_is_of_a_phrase_that_one_has(
    catalogue: Catalogue,
) -> None:
    assert named(catalogue, "T", "Doubled low-rank adaptation (DoRA). DoRA!") == {"method/lora"}
    assert named(catalogue, "T", "Low-rank approximation (LoRA). LoRA!") == {"method/lora"}


def test_an_abbreviation_of_something_else_is_no_name(catalogue: Catalogue) -> None:
    assert named(catalogue, "T", "Kernel density (KD) is estimated. KD is smooth.") == set()
    assert named(catalogue, "T", "Low-rank adapters (LoRA) are small.") == {"method/lora"}


def test_what_a_method_does_is_a_name_beside_the_abbreviation(catalogue: Catalogue) -> None:
    text = "We propose an adaptive prompt tuning module"
    assert named(catalogue, "T", f"{text}.") == set()
    assert named(catalogue, "T", f"{text} like APT.") == {"method/apt-a"}


def test_a_name_with_a_slash_means_both(catalogue: Catalogue) -> None:
    assert named(catalogue, "T", "On CIFAR-10/100.") == {
        "benchmark/cifar-10",
        "benchmark/cifar-100",
    }


# -- dates -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "found"),
    [(2021, set()), (2022, {"model/sam"}), (2024, {"model/sam"}), (None, {"model/sam"})],
)
def test_what_came_a_year_later_is_not_meant(
    catalogue: Catalogue, year: int | None, found: set[str]
) -> None:
    text = "The Segment Anything Model is large."
    assert named(catalogue, "T", text, year=year, arxiv_id=None) == found


def test_what_the_list_knows_no_paper_of_is_older_than_those_that_claim_it(
    catalogue: Catalogue,
) -> None:
    key = catalogue.entities.key("KD")
    late = catalogue.identifiers.key(paper(4).id)
    catalogue.relations.replace_introductions(Source.CARD, [key], [(key, late)])
    assert named(catalogue, "T", "We use KD.", year=2015, arxiv_id=None) == {
        "method/knowledge-distillation"
    }


# -- cards -------------------------------------------------------------------------------------


def test_a_card_says_how_and_texts_only_what_it_does_not(catalogue: Catalogue) -> None:
    known = card(
        introduces=(),
        builds_on=("LoRA",),
        compares_with=(),
        evaluates_on=("CIFAR10",),
        models=("Segment Anything Model",),
        summary="Uses LoRA and knowledge distillation to make a small model of a large one.",
        problem=None,
    )
    assert related(catalogue, known, abstract="LoRA on CIFAR-10 by KD.") == {
        ("builds_on", "method/lora", "card"),
        ("evaluates_on", "benchmark/cifar-10", "card"),
        ("works_on", "model/sam", "card"),
        ("mentions", "method/knowledge-distillation", "match"),
    }


def names_alone(*names: str) -> Card:
    empty: dict[str, Sequence[str]] = dict.fromkeys(
        ("introduces", "compares_with", "evaluates_on", "models"), ()
    )
    return card(builds_on=names, summary=None, problem=None, **empty)


def test_of_two_owners_a_card_means_the_one_of_the_papers_topic(catalogue: Catalogue) -> None:
    put_all(catalogue, paper(20))
    assert related(catalogue, names_alone("SAM")) == set()
    for number in (3, 20):
        catalogue.placements.add(paper(number).id, [Placement("a/b", PlacedBy.LIST, "l")])
    assert related(catalogue, names_alone("SAM")) == {("builds_on", "method/sam", "card")}


def test_what_nobody_knows_is_no_relation(catalogue: Catalogue) -> None:
    assert related(catalogue, names_alone("Unheard-of", "—")) == set()
