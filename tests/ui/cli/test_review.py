"""Names that wait for a decision, on the command line: shown, accepted, rejected."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.entities.entity import EntityType
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from tests.support.factories import paper, put_all
from ui.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def lfm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command on an atlas with two proposed names: (status, stdout, stderr)."""
    monkeypatch.setenv("LFM_HOME", str(tmp_path))
    with Catalogue(Settings(tmp_path).catalogue) as catalogue:
        put_all(catalogue, *(paper(n, abstract="FooTune [bold] helps.") for n in (1, 2, 3, 4)))
        ids = [paper(n).id for n in (1, 2, 3, 4)]
        catalogue.proposals.add("FooTune", EntityType.METHOD, ids)
        catalogue.proposals.add("[red]Net", EntityType.MODEL, [*ids[:2], "of-before"])

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main.main(arguments)
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_names_are_shown_with_their_papers(lfm: Run) -> None:
    status, out, _ = lfm("review")
    assert status == 0
    assert "FooTune: a method, by 4 papers" in out
    assert "[red]Net: a model, by 2 papers" in out
    assert "2001.00001 Paper number 1" in out
    assert "2001.00004" not in out
    assert "2 names that nobody knows; lfm review accept|reject NAME [TYPE]" in out
    found = json.loads(lfm("review", "--json")[1])
    assert found["waiting"] == []
    assert [(one["name"], one["type"]) for one in found["names"]] == [
        ("FooTune", "method"),
        ("[red]Net", "model"),
    ]
    assert [one["id"] for one in found["names"][1]["papers"]] == [paper(1).id, paper(2).id]


def test_a_name_is_accepted_or_rejected(lfm: Run) -> None:
    assert lfm("review", "accept", "FooTune", "benchmark")[:2] == (
        0,
        "FooTune: benchmark/footune, 4 papers\n",
    )
    status, out, _ = lfm("review", "reject", "[red]Net", "--json")
    assert (status, json.loads(out)["entity"]) == (0, None)
    assert lfm("review")[1] == "Nothing waits for a decision.\n"


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("accept", "FooTune", "tool"), 2, "there is no type 'tool' of names: one of method, "),
        (("accept", "FooTunes", "method"), 1, "no proposed name 'FooTunes'"),
        (("move", "FooTune", "method"), 2, "a name is accepted or rejected"),
        (("reject", "FooTune", "method"), 2, "a rejected name"),
    ],
)
def test_a_decision_that_means_nothing_is_one_line(
    lfm: Run, arguments: tuple[str, ...], status: int, told: str
) -> None:
    found, _, error = lfm("review", *arguments)
    assert found == status
    assert told in error
    assert error.count("\n") == 1
    assert "FooTune: a method" in lfm("review")[1]
