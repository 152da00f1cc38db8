"""Cards, links, reports and filters by them, as programs have them."""

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter

from kg.cards.card import CHOICES
from kg.errors import BadRequest, NotFound
from search.library import Library
from tests.support.factories import card, paper
from tests.support.graphs.facts import relate
from tests.support.serving import described_library
from ui.api import documents
from ui.api.tools import Tools

ONE, TWO, THREE, FOUR, FIVE = (paper(number).id for number in range(1, 6))
FILTERED = ("ask", "similar", "export")
"""Tools that take filters."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with described_library(tmp_path_factory.mktemp("atlas")) as opened:
        yield opened


@pytest.fixture
def tools(library: Library) -> Tools:
    return Tools(library)


def result(tools: Tools, number: int) -> dict[str, Any]:
    (found,) = tools.ask(f"paper number {number}", k=1)["results"]
    return dict(found)


def test_a_result_has_card_links_and_reports(tools: Tools) -> None:
    found = result(tools, 1)
    assert found["id"] == ONE
    assert found["summary"] == card().summary
    assert found["card"] == {
        "kind": "method",
        "summary": card().summary,
        "problem": "one model for several tasks",
        "introduces": ["AddUp"],
        "builds_on": ["task arithmetic"],
        "compares_with": ["weight averaging"],
        "evaluates_on": ["GLUE"],
        "models": ["T5"],
        "data": "none",
        "access": "white-box",
        "training": "none",
        "modality": ["text", "vision"],
        "by": "abstract",
    }
    assert found["links"] == [
        {
            "kind": "code",
            "url": "https://github.com/ada/code1",
            "source": "a-list",
            "official": True,
            "state": "moved",
            "moved_to": "https://github.com/ada/moved",
            "checked": "2026-08-01",
        },
        {
            "kind": "code",
            "url": "https://github.com/ada/code2",
            "source": "a-list",
            "official": False,
        },
        {"kind": "project", "url": "https://ada.example/page", "source": "comment"},
    ]
    assert found["reports"] == [
        {
            "source": "semantic-scholar",
            "reported": "2026-08-01",
            "citations": 1234,
            "open_access": "https://ada.example/free.pdf",
            "venue": "ICML",
        },
        {"source": "openalex", "reported": "2026-08-01", "citations": 1200},
    ]
    assert {"score", "evidence", "why", "cites", "topics"} <= found.keys()


def test_what_is_unknown_is_null_or_empty_and_what_is_predicted_says_so(tools: Tools) -> None:
    found = result(tools, 5)
    assert (found["summary"], found["card"], found["links"], found["reports"]) == (
        None,
        None,
        [],
        [],
    )
    predicted = result(tools, 2)
    assert predicted["card"]["confidence"] == {"kind": 0.91, "data": 0.83}
    assert predicted["card"]["by"] == "model"


def test_other_answers_have_them_too(library: Library, tools: Tools) -> None:
    own = {name: result(tools, 1)[name] for name in ("summary", "card", "links", "reports")}

    def known(found: dict[str, Any]) -> dict[str, Any]:
        return {name: found[name] for name in own}

    assert known(tools.paper(ONE)) == own
    topic = tools.topics("model-reuse/model-fusion")
    for papers in (topic["papers"], topic["newest"]):
        assert known(next(one for one in papers if one["id"] == ONE)) == own
    similar = tools.similar(TWO)["results"]
    assert known(next(one for one in similar if one["id"] == ONE)) == own
    related = tools.related([FOUR])["related"]
    assert known(next(one for one in related if one["paper"]["id"] == ONE)) == own
    assert documents.plain(library.listed([ONE]))[0]["summary"] == own["summary"]


def test_no_hostile_link_is_passed_on(tools: Tools) -> None:
    found = tools.paper(FOUR)
    assert found["links"] == []
    assert "open_access" not in found["reports"][0]


@pytest.mark.parametrize(
    ("chosen", "wanted"),
    [
        ({"kind": "method"}, {ONE, TWO}),
        ({"data": "none"}, {ONE}),
        ({"access": "white-box"}, {ONE}),
        ({"training": "none"}, {ONE}),
        ({"modality": "vision"}, {ONE}),
        ({"code": True}, {ONE, FOUR}),
        ({"cited": 1200}, {ONE}),
        ({"cited": 5, "data": "labeled"}, {TWO}),
        ({"kind": "survey"}, set()),
    ],
)
def test_filters_by_cards_links_and_reports(
    chosen: dict[str, Any], wanted: set[str], tools: Tools
) -> None:
    assert {one["id"] for one in tools.ask("paper", **chosen)["results"]} == wanted
    found = tools.similar(text="paper", **chosen)["results"]
    assert {one["id"] for one in found} == wanted
    lines = str(tools.export("csv", **chosen)).splitlines()[1:]
    assert {line.partition(",")[0] for line in lines} == wanted


def test_a_filter_by_entity_takes_its_name_or_id(library: Library, tools: Tools) -> None:
    relate(library.catalogue, [(1, "introduces", "method/one"), (2, "mentions", "method/one")])
    for name in ("method/one", library.catalogue.entities.all().popitem()[1].name):
        assert {one["id"] for one in tools.ask("paper", about=name)["results"]} == {ONE, TWO}
        assert {one["id"] for one in tools.similar(THREE, about=name)["results"]} == {ONE, TWO}
        lines = str(tools.export("csv", about=name)).splitlines()[1:]
        assert {line.partition(",")[0] for line in lines} == {ONE, TWO}
    with pytest.raises(NotFound, match="no method, benchmark or model"):
        tools.ask("paper", about="nosuch")


@pytest.mark.parametrize("name", FILTERED)
def test_the_values_of_a_filter_are_enumerated(name: str, tools: Tools) -> None:
    tool: Any = tools.all()[name]
    schema = TypeAdapter(tool).json_schema()["properties"]
    for field, values in CHOICES.items():
        assert schema[field]["anyOf"][0]["enum"] == [str(value) for value in values]
    assert inspect.signature(tool).parameters["code"].default is False


@pytest.mark.parametrize(
    ("chosen", "line"),
    [
        ({"data": "nothing"}, "there is no data 'nothing': use labeled, few, unlabeled,"),
        ({"cited": -1}, "no paper is cited -1 times: use 0 to 10,000,000"),
        ({"cited": 1 << 70}, "no paper is cited"),
    ],
)
def test_a_wrong_value_is_refused_in_one_line(
    chosen: dict[str, Any], line: str, tools: Tools
) -> None:
    with pytest.raises(BadRequest) as told:
        tools.ask("paper", **chosen)
    assert str(told.value).startswith(line)
    assert "\n" not in str(told.value)
