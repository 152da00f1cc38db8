"""Methods, benchmarks and models in the view graph: as a start, switched on, and in paths."""

import re
from collections.abc import Iterator

import pytest

from kg.errors import NotFound
from search.library import Library
from tests.support.graphs.atlas import atlas
from tests.support.graphs.facts import TOPICS, Facts, name, node
from tests.support.graphs.pages import Drawing, text_of
from ui.page.address import Address
from ui.page.visit import Page, Visit
from ui.views.graph import view
from ui.web.previews import preview

LORA, DORA, GLUE = "method/lora", "method/dora", "benchmark/glue"
MADE = Facts(
    papers=4,
    cites=[(2, 1)],
    topics=[(1, TOPICS[1])],
    relations=[
        (1, "introduces", LORA),
        (1, "evaluates_on", GLUE),
        (2, "introduces", DORA),
        (2, "builds_on", LORA),
        (3, "mentions", LORA),
        (4, "introduces", "method/grace"),
        (4, "builds_on", "benchmark/grace"),
    ],
)


@pytest.fixture(scope="module")
def library() -> Iterator[Library]:
    with atlas(MADE) as made:
        yield made


def at(library: Library, address: str) -> Page:
    return view(Visit(library, Address.parse(address)))


def joined(page: Page) -> set[tuple[str, str, str]]:
    """Return the lines by the names of their ends."""
    found = Drawing(page.body)
    names = [one.partition(":")[2] for one in found.nodes]
    return {(names[int(a)], names[int(b)], kind) for a, b, kind in found.lines}


def test_a_method_is_drawn_with_its_papers_and_family(library: Library) -> None:
    page = at(library, f"?view=graph&entity={LORA}")
    assert page.title == "LORA: graph"
    assert joined(page) == {
        (name(2), name(1), "cites"),
        (name(1), LORA, "introduces"),
        (name(2), LORA, "builds_on"),
        (name(2), DORA, "introduces"),
        (DORA, LORA, "extends"),
    }
    lora = Drawing(page.body).nodes[f"entity:{LORA}"]
    assert lora["href"] == f"?view=entity&id={LORA}"
    assert lora["aria-label"] == "LORA: the method LORA"
    words = text_of(page)
    assert "The method in the middle." in words
    assert "What lora is." in words
    assert "Introduces LORA." in words
    assert "Extends LORA." in words
    assert "Citations: arrows lead to what is cited" in words
    assert "Extends: arrows lead to what is extended" in words


def test_around_a_paper_they_are_switched_on(library: Library) -> None:
    page = at(library, f"?view=graph&paper={name(1)}")
    assert joined(page) == {(name(2), name(1), "cites")}
    counts = dict(re.findall(r'name="kind" value="(\w+)".*?count">([\d,]+)', page.body))
    assert (counts["entities"], counts["mentions"], counts["in_topic"]) == ("2", "0", "1")
    page = at(library, f"?view=graph&paper={name(1)}&kind=entities")
    assert joined(page) == {(name(1), LORA, "introduces"), (name(1), GLUE, "evaluates_on")}
    page = at(library, f"?view=graph&paper={name(3)}&kind=mentions")
    assert joined(page) == {(name(3), LORA, "mentions")}


def test_choices_keep_the_start(library: Library) -> None:
    page = at(library, f"?view=graph&entity={LORA}&kind=in_topic&layout=time")
    assert f'<input type="hidden" name="entity" value="{LORA}">' in page.body
    assert joined(page) == {(LORA, TOPICS[1], "belongs_to")}
    counts = dict(re.findall(r'name="kind" value="(\w+)".*?count">([\d,]+)', page.body))
    assert (counts["entities"], counts["mentions"], counts["in_topic"]) == ("3", "1", "1")


def test_an_entity_of_a_topic_joins_its_papers() -> None:
    made = MADE._replace(topics=[(1, TOPICS[1]), (2, TOPICS[1])])
    with atlas(made) as library:
        page = at(library, f"?view=graph&topic={TOPICS[1]}&kind=entities")
    assert joined(page) == {(name(1), LORA, "introduces"), (name(2), LORA, "builds_on")}


def test_a_name_offers_what_it_may_mean(library: Library) -> None:
    page = at(library, "?view=graph&find=grace")
    for one in ("method/grace", "benchmark/grace"):
        assert f'href="?view=graph&amp;entity={one}"' in page.body
    assert f'href="?view=graph&amp;entity={DORA}"' in at(library, "?view=graph&find=dorra").body
    with pytest.raises(NotFound):
        at(library, "?view=graph&entity=method/none")


def test_a_path_leads_through_methods(library: Library) -> None:
    page = at(library, f"?view=graph&from=DORA&to={name(1)}")
    assert (DORA, LORA, "extends") in joined(page)
    assert f'<a href="?view=entity&amp;id={DORA}"><bdi>DORA</bdi></a> extends' in page.body
    page = at(library, f"?view=graph&from={name(2)}&to=GLUE")
    step = "“Paper number 1” is measured on GLUE"
    assert step in text_of(page)
    assert f"entity:{GLUE}" in Drawing(page.body).nodes


def test_an_end_of_several_owners_is_chosen(library: Library) -> None:
    page = at(library, f"?view=graph&from=Grace&to={name(1)}")
    assert "Several methods, benchmarks or models are called Grace." in text_of(page)
    assert f'href="?view=graph&amp;to={name(1)}&amp;from=entity:method/grace"' in page.body


def test_a_preview_names_the_method(library: Library) -> None:
    found = preview(library, f"view=graph&entity={LORA}")
    assert found.title == "Around LORA"
    assert "What lora is." in found.description
    assert node(1) not in found.description
