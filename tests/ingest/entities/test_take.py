"""Entities that a list or papers bring."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.entities.take import ordinary_words, take_introduced, take_list, title_name
from kg.cards.card import Kind
from kg.entities.entity import EntityType, Recognised, Relation, Source
from kg.entities.file import ListedEntity
from kg.errors import BadSource
from kg.store.catalogue import Catalogue
from tests.support.entities import entity
from tests.support.factories import card, paper, put_all

FILE = Path("list.yaml")


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "atlas.sqlite") as opened:
        put_all(opened, *(paper(number) for number in range(1, 5)))
        yield opened


def listed(ident: str, *names: str, by: tuple[int, ...] = ()) -> ListedEntity:
    papers = tuple(paper(number).id for number in by)
    return ListedEntity(entity(ident, *names), 1, papers, lines=dict.fromkeys(papers, 2))


def key(catalogue: Catalogue, number: int) -> int:
    return catalogue.identifiers.key(paper(number).id)


def introduced(catalogue: Catalogue) -> set[tuple[str, int, str]]:
    """Return (id of an entity, number of the paper that introduces it, who says so)."""
    numbers = {key(catalogue, number): number for number in range(1, 5)}
    ids = {one: found.id for one, found in catalogue.entities.all().items()}
    return {
        (ids[one.entity], numbers[one.paper], str(source))
        for one in catalogue.relations.all()
        for source in one.sources
        if one.relation is Relation.INTRODUCES
    }


def take(
    catalogue: Catalogue,
    introduces: dict[int, tuple[str, ...]],
    titles: dict[int, str] | None = None,
) -> None:
    cards = {key(catalogue, n): card(introduces=names) for n, names in introduces.items()}
    take_introduced(catalogue, cards, {key(catalogue, n): t for n, t in (titles or {}).items()})


# -- what cards introduce ----------------------------------------------------------------------


def test_a_card_introduces_what_the_list_does_not_have(catalogue: Catalogue) -> None:
    take(catalogue, {1: ("AddUp",), 2: ("Add-Down",)})
    assert introduced(catalogue) == {
        ("method/addup", 1, "card"),
        ("method/add-down", 2, "card"),
    }


def test_what_the_list_has_is_no_second_entity(catalogue: Catalogue) -> None:
    take_list(catalogue, FILE, [listed("method/addup", "AddUp", "Adding-Up", by=(1,))])
    take(catalogue, {1: ("adding up",), 2: ("AddUp",)})
    assert introduced(catalogue) == {("method/addup", 1, "list")}


def test_what_the_list_knows_no_paper_of_is_introduced_by_cards(catalogue: Catalogue) -> None:
    take_list(catalogue, FILE, [listed("method/addup", "AddUp")])
    take(catalogue, {1: ("AddUp",), 2: ("AddUp",)})
    assert introduced(catalogue) == {("method/addup", 1, "card"), ("method/addup", 2, "card")}


def test_by_another_name_of_what_has_no_paper_a_card_introduces_something_else(
    catalogue: Catalogue,
) -> None:
    take_list(catalogue, FILE, [listed("method/masked-model", "Masked Model", "MM")])
    take(catalogue, {1: ("MM",)})
    assert introduced(catalogue) == {("method/mm", 1, "card")}
    where = {
        (key, name.recognised) for key, name in catalogue.entities.names() if name.text == "MM"
    }
    keys = catalogue.entities.keys()
    assert where == {
        (keys["method/masked-model"], Recognised.ANY),
        (keys["method/mm"], Recognised.ASKED),
    }


def test_of_two_entities_of_a_name_no_card_is_taken_for_the_paper(catalogue: Catalogue) -> None:
    two = [listed("method/addup-a", "AddUp", by=(1,)), listed("method/addup-b", "AddUp")]
    take_list(catalogue, FILE, two)
    take(catalogue, {2: ("AddUp",)})
    assert introduced(catalogue) == {("method/addup-a", 1, "list")}


def test_a_name_that_two_cards_claim_is_two_entities(catalogue: Catalogue) -> None:
    take(catalogue, {1: ("AddUp",), 2: ("ADD-UP",)})
    assert len(catalogue.entities.owners("addup")) == 2
    assert {number for _, number, _ in introduced(catalogue)} == {1, 2}


def test_what_no_card_introduces_any_more_goes(catalogue: Catalogue) -> None:
    take(catalogue, {1: ("AddUp",), 2: ("AddDown",)})
    take(catalogue, {1: ("AddUp",)})
    assert introduced(catalogue) == {("method/addup", 1, "card")}
    assert not catalogue.entities.owners("AddDown")


def test_taking_the_same_again_changes_nothing(catalogue: Catalogue) -> None:
    take(catalogue, {1: ("AddUp",)}, {2: "FooNet"})
    revision = catalogue.revision
    take(catalogue, {1: ("AddUp",)}, {2: "FooNet"})
    assert catalogue.revision == revision


def test_a_name_without_letters_is_left_out(catalogue: Catalogue) -> None:
    take(catalogue, {1: ("∑", "—", "")})
    assert introduced(catalogue) == set()


def test_the_entity_of_an_earlier_list_goes(catalogue: Catalogue) -> None:
    take_list(catalogue, FILE, [listed("method/a", "A"), listed("method/b", "B", by=(1,))])
    take_list(catalogue, FILE, [listed("method/b", "B", by=(2,))])
    assert list(catalogue.entities.keys()) == ["method/b"]
    assert introduced(catalogue) == {("method/b", 2, "list")}


def test_a_list_that_names_a_paper_that_is_not_there_is_refused_whole(catalogue: Catalogue) -> None:
    with pytest.raises(BadSource, match=r"list\.yaml:2.*not in the atlas"):
        take_list(catalogue, FILE, [listed("method/a", "A"), listed("method/b", "B", by=(99,))])
    assert catalogue.entities.count() == 0


# -- what titles introduce ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "abstract", "name"),
    [
        ("FooLoRA: low rank for all", "We present FooLoRA. FooLoRA is good.", "FooLoRA"),
        ("FooLoRA : low rank", "FooLoRA (FooLoRA)", "FooLoRA"),
        ("D²LoRA: two", "D$^2$LoRA and D$^2$LoRA", "D²LoRA"),
        # Once may be by chance; another name that has it is no second time.
        ("FooLoRA: low rank", "We present FooLoRA.", None),
        ("FooLoRA: low rank", "FooLoRA and FooLoRAX", None),
        ("FooLoRA: low rank", None, None),
        # A topic, a question, a ratio, no colon.
        ("Transformers: a survey", "Transformers, Transformers", None),
        ("Model merging: a survey", "Model merging, Model merging", None),
        ("FooLoRA low rank", "FooLoRA FooLoRA", None),
        ("FooLoRA:", "FooLoRA FooLoRA", None),
        ("", "", None),
    ],
)
def test_the_name_before_the_colon_of_a_title(
    title: str, abstract: str | None, name: str | None
) -> None:
    assert title_name(paper(1, title=title, abstract=abstract)) == name


def test_a_paper_without_a_card_introduces_the_name_in_its_title(catalogue: Catalogue) -> None:
    take(catalogue, {1: ("AddUp",)}, {2: "FooNet"})
    assert introduced(catalogue) == {("method/addup", 1, "card"), ("method/foonet", 2, "match")}
    found = catalogue.entities.get(catalogue.entities.owners("FooNet"))[0]
    assert (found.source, found.about) == (Source.MATCH, None)


def test_a_name_in_a_title_that_others_have_is_none(catalogue: Catalogue) -> None:
    take_list(catalogue, FILE, [listed("method/barnet", "BarNet", by=(4,))])
    take(catalogue, {1: ("FooNet",)}, {2: "FooNet", 3: "Bar-Net"})
    assert introduced(catalogue) == {
        ("method/barnet", 4, "list"),
        ("method/foonet", 1, "card"),
    }


def test_a_card_takes_the_place_of_the_title(catalogue: Catalogue) -> None:
    take(catalogue, {}, {2: "FooNet"})
    before = catalogue.entities.keys()
    take(catalogue, {2: ("FooNet", "BarNet")})
    assert introduced(catalogue) == {
        ("method/foonet", 2, "card"),
        ("method/barnet", 2, "card"),
    }
    assert catalogue.entities.keys().items() >= before.items()


# -- types -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "also", "expected"),
    [
        ("AddUp", Kind.METHOD, (), EntityType.METHOD),
        ("AddBench", Kind.METHOD, (), EntityType.BENCHMARK),
        ("Add Benchmark", Kind.ANALYSIS, (), EntityType.BENCHMARK),
        ("Bench-RAG", Kind.METHOD, (), EntityType.BENCHMARK),
        ("ToolEval", Kind.METHOD, (), EntityType.BENCHMARK),
        ("eval-anything", Kind.METHOD, (), EntityType.BENCHMARK),
        ("Retrieval-Augmented Planning", Kind.METHOD, (), EntityType.METHOD),
        ("Dataset Distillation by Sums", Kind.METHOD, (), EntityType.METHOD),
        ("Sum Dataset", Kind.METHOD, (), EntityType.BENCHMARK),
        ("Interactive-KBQA", Kind.METHOD, (), EntityType.METHOD),
        ("RuleQA", Kind.METHOD, (Kind.BENCHMARK,), EntityType.BENCHMARK),
        ("Chart-150K", Kind.METHOD, (Kind.BENCHMARK,), EntityType.BENCHMARK),
        ("Adder", Kind.BENCHMARK, (), EntityType.BENCHMARK),
        ("AddLM-7B", Kind.METHOD, (), EntityType.MODEL),
        ("AddGPT", Kind.SYSTEM, (), EntityType.MODEL),
        ("AddGPT", Kind.METHOD, (), EntityType.METHOD),
        ("AddServe", Kind.SYSTEM, (), EntityType.METHOD),
    ],
)
def test_the_type_of_what_a_card_introduces(
    catalogue: Catalogue, name: str, kind: Kind, also: tuple[Kind, ...], expected: EntityType
) -> None:
    made = card(kind=kind, also_kind=also, introduces=(name,))
    take_introduced(catalogue, {key(catalogue, 1): made}, {})
    (found,) = catalogue.entities.get(catalogue.entities.owners(name))
    assert found.type is expected


def test_what_cards_use_as_a_model_or_benchmark_is_one(catalogue: Catalogue) -> None:
    cards = {
        key(catalogue, 1): card(introduces=("AddUp", "SubDown")),
        key(catalogue, 2): card(introduces=(), models=("AddUp",), evaluates_on=("Sub-Down",)),
    }
    take_introduced(catalogue, cards, {})
    assert set(catalogue.entities.keys()) == {"model/addup", "benchmark/subdown"}


# -- ordinary words ----------------------------------------------------------------------------


def test_words_of_several_summaries_are_ordinary() -> None:
    words = ordinary_words(["Merges experts by GAN.", "The experts of (experts)"] + ["GAN"] * 9)
    assert all(one in words for one in ("experts", "GAN", "LLM"))
    assert "Merges" not in words
    assert "merges" not in words


def test_ordinary_words_are_no_names_in_running_text(catalogue: Catalogue) -> None:
    summary = "Many experts are merged by a router that was trained before, for all of the tasks."
    cards = {
        key(catalogue, n): card(introduces=names, summary=summary)
        for n, names in ((1, ("Experts",)), (2, ("Router",)), (3, ("Router-X",)))
    }
    take_introduced(catalogue, cards, {})
    where = {name.text: name.recognised for _, name in catalogue.entities.names()}
    assert where == {
        "Experts": Recognised.ASKED,
        "Router": Recognised.ASKED,
        "Router-X": Recognised.EXACT,
    }
