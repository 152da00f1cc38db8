"""The view of a comparison, as HTML, and its downloads."""

from collections.abc import Iterator
from urllib.parse import urlencode

import lxml.html
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from kg.entities.entity import Entity, EntityType, Name, Relation, Source
from kg.records import PlacedBy, Placement
from search.library import Library
from search.pages.comparison.formats import FORMATS, MENU
from tests.support.factories import card, describe, paper
from tests.support.serving import described_library
from ui.page.address import Address
from ui.page.visit import Visit
from ui.views import registry
from ui.web.downloads import routes

ONE, TWO, THREE = (paper(number).id for number in (1, 2, 3))
ADD_UP = "method/addup"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with described_library(tmp_path_factory.mktemp("atlas")) as made:
        catalogue = made.catalogue
        describe(catalogue, THREE, card(summary=None, introduces=(), builds_on=("AddUp",)))
        # By a taxonomy that this one is not.
        catalogue.placements.add(ONE, [Placement("gone/deep", PlacedBy.LIST, "a list")])
        keys = [catalogue.identifiers.key(one) for one in (ONE, THREE)]
        names = (Name("AddUp"), Name("Twin"))
        add_up = catalogue.entities.put(Entity(ADD_UP, EntityType.METHOD, names, "Adds <up>."))
        catalogue.entities.put(Entity("method/twin", EntityType.METHOD, (Name("Twin"),)))
        catalogue.relations.replace(
            dict.fromkeys(keys, ""),
            [
                (add_up, Relation.INTRODUCES, keys[0], Source.LIST),
                (add_up, Relation.BUILDS_ON, keys[1], Source.CARD),
            ],
        )
        yield made


def shown(library: Library, **params: object) -> lxml.html.HtmlElement:
    address = "?" + urlencode({"view": "compare", **params}, doseq=True)
    return lxml.html.fromstring(registry.show(Visit(library, Address.parse(address))).body)


def lines(found: lxml.html.HtmlElement) -> dict[str, list[lxml.html.HtmlElement]]:
    return {row.findtext("th"): row.findall("td") for row in found.iterfind(".//tbody/tr")}


def words(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_papers_and_methods_stand_side_by_side(library: Library) -> None:
    found = shown(library, id=["AddUp", THREE, TWO])
    heads = [words(one) for one in found.iterfind(".//thead//th")]
    assert [head.split(" Remove")[0] for head in heads] == [
        *("AddUp", "Paper number 3", "Paper number 2"),
    ]
    told = lines(found)
    assert words(told["What it is"][0]) == "Adds <up>."
    assert [words(one) for one in told["Data needed"]] == [
        *("no data needed", "no data needed", "labeled data? (predicted)"),
    ]
    assert words(told["Evaluates on"][2]) == "–not known"
    assert "Predicted" not in told


def test_a_name_leads_to_its_entity_and_an_id_to_its_paper(library: Library) -> None:
    told = lines(shown(library, id=["AddUp", THREE]))
    (name,) = told["Builds on"][1].iterfind(".//a")
    assert (name.text_content(), name.get("href")) == ("AddUp", f"?view=entity&id={ADD_UP}")
    assert told["Builds on"][0].find(".//a") is None
    (introducing,) = told["Paper"][0].iterfind(".//a")
    assert introducing.get("href") == f"?view=paper&paper={ONE}"


def test_a_topic_that_the_taxonomy_lacks_is_left_out(library: Library) -> None:
    told = lines(shown(library, id=[ONE, TWO]))
    assert words(told["Topics"][0]) == "● Model Reuse / Model Fusion"


def test_one_of_several_can_be_removed(library: Library) -> None:
    found = shown(library, id=[ONE, TWO, THREE])
    links = [one.get("href") for one in found.find_class("remove")]
    assert links[1] == f"?view=compare&id={ONE}&id={THREE}"
    assert not shown(library, id=[ONE, TWO]).find_class("remove")


def test_another_can_be_added(library: Library) -> None:
    (form,) = shown(library, q="We study subject 2", k=3).find_class("add")
    assert form.fields["view"] == "compare"
    kept = [one.value for one in form.iterfind(".//input[@type='hidden']")][1:]
    assert kept == [hit.paper.id for hit in library.ask("We study subject 2", 3).hits]


def test_a_question_is_answered_side_by_side(library: Library) -> None:
    found = shown(library, q="We study subject 2", k=3, kind="method")
    assert words(found.find(".//h1")) == "Compared: We study subject 2"
    kinds = sorted(words(one) for one in lines(found)["Kind"])
    assert kinds == ["method", "method", "method? (predicted)"]
    back = [one.get("href") for one in found.iterfind(".//a") if words(one) == "Back to the answer"]
    assert back == ["?q=We+study+subject+2&k=3&kind=method"]
    none = shown(library, q="We study subject 2", since=2100)
    assert "nothing to compare" in words(none.find_class("notice")[-1])


def test_without_a_name_there_is_a_form_for_two(library: Library) -> None:
    found = shown(library)
    assert len(found.findall(".//form//input[@name='id']")) == 2
    alone = shown(library, id="AddUp")
    assert words(alone.find_class("notice")[0]) == "Name another to compare it with."
    assert [one.value for one in alone.iterfind(".//form//input[@name='id']")] == ["AddUp", None]


def test_a_wrong_name_is_told_with_what_it_may_have_meant(library: Library) -> None:
    found = shown(library, id=[ONE, "Add-Upp"])
    assert "'Add-Upp'" in words(found.find_class("notice")[0])
    offered = {words(one): one.get("href") for one in found.iterfind("./p/a")}
    assert offered["AddUp"] == f"?view=compare&id={ONE}&id=AddUp"
    twins = shown(library, id=["Twin", ONE])
    offered = {words(one): one.get("href") for one in twins.iterfind("./p/a")}
    assert offered["method/twin"] == f"?view=compare&id=method/twin&id={ONE}"


def test_a_wrong_address_is_told_in_a_line(library: Library) -> None:
    for wrong in ({"k": 1000}, {"k": "x"}, {"mode": "x"}, {"kind": "x"}):
        found = shown(library, q="subject", **wrong)
        (notice,) = found.find_class("notice")
        assert 10 < len(words(notice)) < 300


def test_an_answer_and_a_paper_lead_to_it(library: Library) -> None:
    def to_compare(**params: object) -> list[str]:
        address = Address.parse("?" + urlencode(params, doseq=True))
        found = lxml.html.fromstring(registry.show(Visit(library, address)).body)
        links = (one.get("href") for one in found.iterfind(".//a"))
        return [link for link in links if link.startswith("?view=compare")]

    assert to_compare(q="subject", k=10, kind="method", sort="newest") == [
        "?view=compare&q=subject&k=10&kind=method"
    ]
    (alike,) = to_compare(like=ONE)
    assert alike.startswith("?view=compare&id=2001.")
    (similar,) = to_compare(paper=ONE)
    assert similar.startswith(f"?view=compare&id={ONE}&id=2001.")


@pytest.mark.parametrize("name", FORMATS)
def test_it_can_be_taken_away(library: Library, name: str) -> None:
    with TestClient(Starlette(routes=routes(library))) as client:
        answer = client.get(f"/compare/{name}?id={ONE}&id=AddUp")
        refused = client.get(f"/compare/{name}?id={ONE}")
        unknown = client.get(f"/compare/pdf?id={ONE}&id=AddUp")
    assert answer.headers["content-type"] == FORMATS[name].media_type
    file = f"lfm-atlas-compared.{FORMATS[name].suffixes[0]}"
    assert answer.headers["content-disposition"] == f'attachment; filename="{file}"'
    assert "AddUp" in answer.text
    assert (refused.status_code, unknown.status_code) == (400, 400)
    assert len(refused.text.splitlines()) == 1


def test_each_download_is_of_the_same_comparison(library: Library) -> None:
    found = shown(library, id=[ONE, ADD_UP])
    links = [one.get("href") for one in found.iterfind(".//a") if one.get("download") is not None]
    assert links == [f"compare/{name}?view=compare&id={ONE}&id={ADD_UP}" for name in MENU]
