"""What the forms of the reading lists do: bringing papers along and taking them away."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import bibtexparser
import pytest

from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all
from ui.forms import actions
from ui.page.address import Address
from ui.page.visit import Visit

SOUPS = paper(1, title="Model soups: averaging weights of models")
EDITING = paper(2, title="Editing Models with Task Arithmetic")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    settings = Settings(tmp_path_factory.mktemp("atlas"))
    with Catalogue(settings.catalogue) as catalogue:
        put_all(catalogue, SOUPS, EDITING)
        with Library(settings, HashedWords()) as opened:
            yield opened


def act(library: Library, action: str, **fields: Any) -> dict[str, Any]:
    visit = Visit(library, Address.parse("?view=lists&show=import"))
    done = actions.act(visit, {"action": action, "fields": fields})
    json.dumps(done).encode()
    return done


def words(done: dict[str, Any]) -> str:
    return " ".join(unescape(re.sub("<[^>]*>", " ", done["html"])).split())


def test_what_is_found_is_returned_and_what_is_not_is_told(library: Library) -> None:
    done = act(
        library,
        "import_papers",
        list="Mine",
        text="@misc{a, eprint={2001.00001}}\n@misc{twice, eprint={2001.00001v2}}\n"
        "@misc{near, title={Editing model with task arithmetics}}\n"
        "@misc{no, title={Galaxies <b>and</b> dust}, doi={10.1000/stars}}\n@misc{cut, title={",
    )
    assert (done["done"], done["found"], done["of"]) == (True, [SOUPS.id], 4)
    told = words(done)
    assert "2 of 4 papers found" in told
    assert "1 entry names a paper that another names too" in told
    assert "Galaxies <b>and</b> dust doi:10.1000/stars" in told
    assert "1 entry could not be read Line 5: @misc{cut, title={" in told
    assert f'data-keep="{EDITING.id}"' in done["html"]
    assert 'data-list="Mine"' in done["html"]
    assert "<b>" not in done["html"]


def test_when_all_is_found_nothing_else_is_said(library: Library) -> None:
    done = act(library, "import_papers", text="2001.00002\n2001.00001")
    assert done["found"] == [EDITING.id, SOUPS.id]
    assert "2 of 2 papers found" in words(done)
    for absent in ("not found", "Did you mean", "could not be read"):
        assert absent not in words(done)


@pytest.mark.parametrize("text", ["", None, 7, ["x"], "%PDF", "x" * 1_000_001, {"a": 1}])
def test_what_cannot_be_read_is_one_line(library: Library, text: object) -> None:
    done = act(library, "import_papers", text=text)
    assert done["done"] is False
    assert "\n" not in done["message"]
    assert "log" not in done["message"]


def test_half_a_surrogate_pair_is_no_obstacle(library: Library) -> None:
    assert act(library, "import_papers", text="2001.00001\nx\udcffy", list="\ud800")["done"]
    assert act(library, "export_papers", format="csv", ids=["\udcff", SOUPS.id])["absent"] == 1


@pytest.mark.parametrize(
    ("name", "ending"), [("bibtex", "bib"), ("ris", "ris"), ("csl-json", "json"), ("csv", "csv")]
)
def test_papers_are_taken_away_in_their_order(library: Library, name: str, ending: str) -> None:
    ids = [EDITING.id, "2199.99999", SOUPS.id, EDITING.id]
    done = act(library, "export_papers", format=name, ids=ids)
    assert (done["done"], done["ending"], done["absent"]) == (True, ending, 1)
    assert 0 < done["text"].index(EDITING.title) < done["text"].index("Model soups")
    assert done["text"].count(EDITING.title) == 1


def test_a_whole_list_is_taken_away_and_brought_back(library: Library) -> None:
    text = act(library, "export_papers", format="bibtex", ids=[SOUPS.id, EDITING.id])["text"]
    assert len(bibtexparser.parse_string(text).entries) == 2
    assert act(library, "import_papers", text=text)["found"] == [SOUPS.id, EDITING.id]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"format": "docx", "ids": [SOUPS.id]}, "unknown format"),
        ({"ids": [SOUPS.id]}, "unknown format"),
        ({"format": "csv"}, "none of these papers"),
        ({"format": "csv", "ids": "2001.00001"}, "none of these papers"),
        ({"format": "csv", "ids": [None, 3, {}]}, "none of these papers"),
        ({"format": "csv", "ids": ["x"] * 1_001}, "1,001 papers are too many"),
    ],
)
def test_impossible_exports_are_refused(library: Library, fields: dict, told: str) -> None:
    done = act(library, "export_papers", **fields)
    assert done["done"] is False
    assert told in done["message"]
