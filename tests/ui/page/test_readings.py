"""Chips of what was understood: what they say, where they lead, how they are taken off."""

from collections.abc import Iterator

import pytest

from kg.entities.entity import Entity, EntityType, Name
from kg.records import Filters
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.text.partial_date import PartialDate
from search.library import Library
from search.ranking.answers import Answer
from search.understanding.operators import Understood
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all
from ui.page.address import Address
from ui.page.readings import Chip, Readings, readings

FUSION = "model-reuse/model-fusion"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    settings = Settings(tmp_path_factory.mktemp("atlas"))
    with Catalogue(settings.catalogue) as catalogue, Library(settings, HashedWords()) as opened:
        put_all(catalogue, paper(1))
        for name in ("LoRA", "DoRA"):
            entity = Entity(f"method/{name.lower()}", EntityType.METHOD, (Name(name),), None)
            catalogue.entities.put(entity)
        yield opened


def read(
    library: Library, *stated: str, query: str = "q=some words", own: Filters | None = None
) -> Readings:
    """Return how a question is shown that states these, each ``filter value``; ``~`` is soft."""
    understood = []
    for one in stated:
        name, _, value = one.removeprefix("~").partition(" ")
        understood.append(Understood("some words", name, value, not one.startswith("~")))
    answer = Answer("some words", 0.0, (), "", understood=tuple(understood))
    return readings(library, Address.parse(query), answer, own)


def chip(library: Library, *stated: str) -> Chip:
    (found,) = read(library, *stated, own=Filters()).chips
    return found


@pytest.mark.parametrize(
    ("stated", "heading", "value", "leads_to", "change"),
    [
        (["author Tao"], "Author", "Tao", "?view=paper&author=Tao", "author=Tao"),
        (["since 2023"], "Date", "from 2023 on", None, "since=2023"),
        (["since 2023", "until 2023"], "Date", "in 2023", None, "since=2023&until=2023"),
        (["kind survey"], "Kind", "survey", None, "kind=survey"),
        (["~data none"], "Needs", "no data", None, "data=none"),
        (["~modality rl"], "Works on", "reinforcement learning", None, "modality=rl"),
        (["category cs.CV"], "Category", "cs.CV", None, "category=cs.CV"),
        (
            ["venue ICLR", "since 2024", "until 2024"],
            *("Venue", "ICLR, in 2024", None, "venue=ICLR&since=2024&until=2024"),
        ),
        (
            [f"~topic {FUSION}"],
            *("Topic", "Model Fusion", f"?view=topics&topic={FUSION}", f"topic={FUSION}"),
        ),
        (
            ["~about method/lora"],
            *("About", "LoRA", "?view=entity&id=method/lora", "about=method/lora"),
        ),
        (["code yes"], "With", "code", None, "code=1"),
        (["order cited"], "Order", "most cited first", None, None),
        (["not method/dora"], "Without", "DoRA", None, None),
        (["~typo forgetting"], "Spelling", "forgetting", None, None),
        (["~like method/lora"], "Like", "LoRA", "?view=entity&id=method/lora", None),
        (
            ["~compare method/lora", "~compare method/dora"],
            *("Compare", "LoRA and DoRA", "?view=compare&id=method/lora&id=method/dora", None),
        ),
    ],
)
def test_a_chip_says_what_it_is_and_leads_there(
    library: Library,
    stated: list[str],
    heading: str,
    value: str,
    leads_to: str | None,
    change: str | None,
) -> None:
    found = chip(library, *stated)
    assert (found.heading, found.value) == (heading, value)
    assert (str(found.leads_to) if found.leads_to else None) == leads_to
    assert (str(found.change) if found.change else None) == (change and f"?q=some+words&{change}")
    names = [one.removeprefix("~").replace(" ", ":", 1) for one in stated]
    assert found.off is not None
    assert list(found.off.all("off")) == names


def test_what_the_form_has_already_is_no_chip_of_its_own(library: Library) -> None:
    stated = ["since 2023", "category cs.CV", "code yes"]
    own = Filters(since=PartialDate(2023), categories=("cs.LG", "cs.CV"), code=True)
    assert read(library, *stated, own=own).chips == ()
    assert len(read(library, *stated, own=Filters(since=PartialDate(2022))).chips) == 1


def test_a_view_without_a_form_offers_no_change(library: Library) -> None:
    (found,) = read(library, "since 2023", query="view=map&q=some words").chips
    assert found.change is None
    assert str(found.off) == "?view=map&q=some+words&off=since:2023"


def test_a_category_is_added_to_those_of_the_form(library: Library) -> None:
    query = "q=some words&category=cs.LG"
    (found,) = read(
        library, "category cs.CV", query=query, own=Filters(categories=("cs.LG",))
    ).chips
    assert str(found.change) == "?q=some+words&category=cs.LG&category=cs.CV"


def test_an_entity_that_has_gone_keeps_its_id(library: Library) -> None:
    assert chip(library, "~about method/gone").value == "method/gone"
