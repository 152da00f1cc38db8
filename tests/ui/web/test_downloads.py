"""Files to take away: their names, types and order, and one line for what cannot be given."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
import rispy
from starlette.applications import Starlette
from starlette.testclient import TestClient

from kg.export.formats import MENU, PAPER_FORMATS
from kg.records import PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all
from ui.page.downloads import MAX_PAPERS
from ui.web.downloads import routes

FUSION = "model-reuse/model-fusion"
IDS = ["2001.00003", "2001.00001", "doi:10.1/x&y"]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(tmp_path_factory.mktemp("atlas"))
    with Catalogue(settings.catalogue) as catalogue:
        odd = paper(4, id="doi:10.1/x&y", doi="10.1/x&y", arxiv_id=None, title="Überblick")
        put_all(catalogue, paper(1), paper(2, year=2022), paper(3, categories=("cs.CV",)), odd)
        catalogue.placements.add("2001.00002", [Placement(FUSION, PlacedBy.LIST, "a list")])
        with (
            Library(settings, HashedWords()) as library,
            TestClient(Starlette(routes=routes(library))) as opened,
        ):
            yield opened


def ask(client: TestClient, name: str, *ids: str, **filters: str) -> object:
    return client.get(f"/export/{name}?{urlencode([*(('id', i) for i in ids), *filters.items()])}")


def test_every_format_of_papers_is_a_file(client: TestClient) -> None:
    for name in PAPER_FORMATS:
        assert ask(client, name, *IDS).status_code == 200
    assert MENU.keys() <= PAPER_FORMATS.keys()


@pytest.mark.parametrize("name", PAPER_FORMATS)
def test_a_file_has_a_type_and_a_name(client: TestClient, name: str) -> None:
    answer = ask(client, name, *IDS)
    form = PAPER_FORMATS[name]
    assert answer.status_code == 200
    assert answer.headers["content-type"] == form.media_type
    said = f'attachment; filename="lfm-atlas.{form.suffix}"'
    assert answer.headers["content-disposition"] == said
    assert "Überblick" in answer.content.decode()


def test_papers_stand_in_the_order_in_which_they_were_named_each_once(client: TestClient) -> None:
    named = [IDS[0], *IDS, IDS[1]]
    rows = list(csv.DictReader(io.StringIO(ask(client, "csv", *named).text)))
    assert [row["id"] for row in rows] == IDS
    items = json.loads(ask(client, "csl-json", *named).text)
    assert [item["title"] for item in items] == ["Paper number 3", "Paper number 1", "Überblick"]
    entries = rispy.loads(ask(client, "ris", *named).text)
    assert len(entries) == 3


def test_filters_choose_papers_where_none_is_named(client: TestClient) -> None:
    def ids(**filters: str) -> list[str]:
        answer = ask(client, "csv", **filters)
        return [row["id"] for row in csv.DictReader(io.StringIO(answer.text))]

    assert ids(topic="model-reuse") == ["2001.00002"]
    assert ids(category="cs.CV") == ["2001.00003"]
    assert ids(since="2021") == ["2001.00002"]
    assert ids(since="2021-05") == ["2001.00002"]
    assert "2001.00001" not in ids(since="2020-02")
    assert ids(until="2021") == ["2001.00001", "2001.00003", "doi:10.1/x&y"]
    named = ask(client, "bibtex", topic=FUSION).headers["content-disposition"]
    assert named == 'attachment; filename="lfm-atlas-model-reuse-model-fusion.bib"'


@pytest.mark.parametrize(
    ("address", "status", "told"),
    [
        ("bibtex", 400, "no paper is named"),
        ("bibtex?id=", 400, "no paper is named"),
        ("docx?id=2001.00001", 400, "use bibtex, ris"),
        ("graphml?id=2001.00001", 400, "unknown format"),
        ("bibtex?id=2001.00009", 404, "2001.0000"),
        ("bibtex?since=soon", 400, "must be a year"),
        ("bibtex?since=2024&until=2020", 400, "swap them"),
        ("bibtex?since=2024-02-30", 400, "a day 2023-05-17"),
        ("bibtex?topic=nowhere", 400, "no topic"),
        ("bibtex?" + "id=2001.00001&" * (MAX_PAPERS + 1), 400, "1,000 at most"),
        ("bibtex?id=" + "x" * 30_000, 400, "too long"),
        ("bibtex?id=%0d%0aSet-Cookie:x&id=%00%ff", 404, "no paper"),
    ],
)
def test_what_cannot_be_given_is_told_in_one_plain_line(
    client: TestClient, address: str, status: int, told: str
) -> None:
    answer = client.get(f"/export/{address}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert told in answer.text
    assert answer.text.count("\n") == 1
    assert "set-cookie" not in answer.headers


def test_the_most_papers_are_given(client: TestClient) -> None:
    assert ask(client, "csv", *["2001.00001"] * MAX_PAPERS).status_code == 200


@pytest.mark.slow
def test_a_failure_names_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library = Library(Settings(tmp_path), HashedWords())
    library.catalogue.close()
    library.catalogue.path.write_bytes(b"no catalogue " * 1000)
    with TestClient(Starlette(routes=routes(library))) as client:
        answer = ask(client, "csv", "2001.00001")
    assert (answer.status_code, answer.text.count("\n")) == (500, 1)
    assert str(tmp_path) not in answer.text
    assert "Traceback" in capsys.readouterr().err
