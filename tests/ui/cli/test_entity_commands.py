"""What `lfm about`, `lfm methods` and `lfm influential --methods` print."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.cards.card import Access, Data
from kg.entities.entity import Entity, EntityType, Name
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from tests.support.factories import card, code_link, describe, predicted_card
from tests.support.graphs.facts import Facts, fill
from ui.cli import main

TOPIC = "model-reuse/model-fusion"
FACTS = Facts(
    papers=6,
    same_authors=True,
    topics=[(1, TOPIC), (2, TOPIC)],
    relations=[
        *[(1, "introduces", "method/soup"), (1, "evaluates_on", "benchmark/glue")],
        *[(2, "introduces", "method/greedy-soup"), (2, "builds_on", "method/soup")],
        *[(3, "compares_with", "method/soup"), (3, "introduces", "method/ties")],
        *[(4, "works_on", "model/clip"), (5, "mentions", "method/soup")],
    ],
    extends=[("method/soup", "method/averaging")],
)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def lfm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    with Catalogue(Settings(tmp_path).catalogue) as catalogue:
        fill(catalogue, FACTS)
        described = card(data=Data.FEW, access=Access.BLACK_BOX)
        describe(catalogue, "2001.00001", described, code_link(1))
        describe(catalogue, "2001.00002", predicted_card())
        names = (Name("Pot"), Name("Soup"))
        catalogue.entities.put(Entity("model/pot", EntityType.MODEL, names, "A pot."))
    monkeypatch.setenv("LFM_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "150")

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main.main(arguments)
        out, err = capsys.readouterr()
        return status, out, err

    return run


def document(lfm: Run, *arguments: str) -> dict[str, object]:
    status, out, err = lfm(*arguments, "--json")
    assert (status, err) == (0, "")
    made: dict[str, object] = json.loads(out)
    return made


def test_about_as_json_has_the_parts_of_the_contract_first(lfm: Run) -> None:
    made = document(lfm, "about", "method/soup")
    assert dict(list(made.items())[:10]) == {
        "id": "method/soup",
        "name": "SOUP",
        "type": "method",
        "about": "What soup is.",
        "introduced_by": ["2001.00001"],
        "builds_on": ["method/averaging"],
        "built_on_by": ["method/greedy-soup"],
        "used_by": ["2001.00002", "2001.00003", "2001.00005"],
        "evaluated_by": [],
        "years": {"2020": 4},
    }
    assert made["compared_with"] == ["method/ties"]
    assert made["measured_on"] == ["benchmark/glue"]
    assert made["code"] == "https://github.com/ada/code1"
    assert made["topics"] == [TOPIC]
    assert made["others"] == [{"id": "model/pot", "about": "A pot."}]
    assert made["family"] == {
        "root": "method/soup",
        "members": [
            {
                **{"id": "method/soup", "name": "SOUP", "year": 2020, "papers": 3},
                **{"steps": 0, "near": None, "source": None, "left_out": 0},
            },
            {
                **{"id": "method/averaging", "name": "AVERAGING", "year": None, "papers": 0},
                **{"steps": -1, "near": "method/soup", "source": "list", "left_out": 0},
            },
            {
                **{"id": "method/greedy-soup", "name": "GREEDY-SOUP", "year": 2020, "papers": 0},
                **{"steps": 1, "near": "method/soup", "source": "card", "left_out": 0},
            },
        ],
        "lines": [
            {"child": "method/greedy-soup", "parent": "method/soup", "source": "card"},
            {"child": "method/soup", "parent": "method/averaging", "source": "list"},
        ],
        "left_out_before": 0,
    }


def test_about_says_what_it_is_and_draws_the_family(lfm: Run) -> None:
    status, out, err = lfm("about", "method/soup")
    assert (status, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[:4] == [
        "SOUP method/soup",
        "What soup is.",
        "introduced by Paper number 1",
        "Ada Author1, Bo Writer · 2020 · 2001.00001",
    ]
    for line in (
        "builds on AVERAGING",
        "compared with TIES",
        "evaluated on GLUE (1)",
        "used by 3 papers: 1 builds on it, 1 compares with it, 1 mentions it",
        "code https://github.com/ada/code1",
        "called the same model/pot",
        "extends AVERAGING",
        "└── ~ GREEDY-SOUP (2020)",
    ):
        assert line in lines
    assert lines[lines.index("papers by year") + 1] == f"2020 {'█' * 30} 4"


def test_a_name_of_several_and_one_of_nobody_end_in_a_line(lfm: Run) -> None:
    status, out, err = lfm("about", "Soup")
    assert (status, out) == (1, "")
    assert err == (
        "lfm: 'Soup' may be any of 2 methods, benchmarks or models: method/soup (What soup is.);"
        " model/pot (A pot.): name one by its id, such as method/soup\n"
    )
    status, out, err = lfm("about", "gredy-soup")
    assert (status, out) == (1, "")
    assert "did you mean GREEDY-SOUP" in err
    assert err.count("\n") == 1


def test_methods_are_a_table(lfm: Run) -> None:
    status, out, err = lfm("methods", "--topic", TOPIC)
    assert (status, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "SOUP 2020 few examples black-box no training ada/code1 3" in lines
    assert "GREEDY-SOUP 2020 labeled data?" in lines
    assert f"2 of 2 methods that papers of {TOPIC} introduce, the most used first" in lines
    assert any("predicted" in line for line in lines)


def test_methods_as_json(lfm: Run) -> None:
    made = document(lfm, "methods", "--topic", TOPIC, "-k", "1")
    assert made == {
        "topic": TOPIC,
        "total": 2,
        "methods": [
            {
                **{"id": "method/soup", "name": "SOUP", "type": "method", "year": 2020},
                **{"data": "few", "access": "black-box", "training": "none"},
                **{"code": "https://github.com/ada/code1", "used_by": 3},
                **{"introduced_by": ["2001.00001"], "about": "What soup is.", "predicted": []},
            }
        ],
    }
    rows = document(lfm, "methods")["methods"]
    assert isinstance(rows, list)
    assert [row["id"] for row in rows] == [
        *["method/soup", "method/greedy-soup", "method/ties", "method/averaging"]
    ]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("methods", "-k", "0"), 2, "cannot show 0 methods"),
        (("methods", "--topic", "nix"), 1, "no topic 'nix'"),
        (("about", ""), 1, "no method, benchmark or model ''"),
        (("influential", "--methods", "--topic", "nix"), 1, "no topic 'nix'"),
    ],
)
def test_what_cannot_be_is_one_line(
    lfm: Run, arguments: tuple[str, ...], status: int, said: str
) -> None:
    found, out, err = lfm(*arguments)
    assert (found, out) == (status, "")
    assert said in err
    assert err.count("\n") == 1


def test_influential_methods(lfm: Run) -> None:
    status, out, err = lfm("influential", "--methods")
    assert (status, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "1 SOUP 2020 method/soup 3 1 1" in lines
    rows = document(lfm, "influential", "--methods", "--topic", TOPIC)["methods"]
    assert isinstance(rows, list)
    assert [(row["entity"]["id"], row["used_by"]) for row in rows] == [("method/soup", 1)]
