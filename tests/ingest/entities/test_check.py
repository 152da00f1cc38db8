"""A list of entities is checked against the papers and cards of an atlas."""

import json
from pathlib import Path

import pytest

from ingest.cards.bundled_file import DATA, bundled_papers
from ingest.cards.check import KnownPaper
from ingest.entities.__main__ import main
from ingest.entities.check import check
from kg.cards.card import Card
from kg.cards.file import read_cards
from kg.entities.file import built_in
from kg.snapshot import bundled
from tests.support.factories import card

PAPERS = {f"2001.0000{n}": KnownPaper(f"2001.0000{n}", f"Title {n}") for n in (1, 2)}
LIST = """\
- id: method/addup
  name: AddUp
  about: Adds the weights of models.
  introduced_by: "2001.00001"
"""
NO_NAMES = card(introduces=(), builds_on=(), compares_with=(), evaluates_on=(), models=())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "list.yaml"
    path.write_text(LIST)
    return path


def faults(path: Path, text: str = LIST, abstract: str = "", **cards: Card) -> list[str]:
    """Return the faults of a list, where the cards are those of `first` and `second`."""
    path.write_text(text)
    known = dict(zip(PAPERS, (cards.get("first"), cards.get("second")), strict=True))
    abstracts = path.with_name("abstracts.jsonl")
    abstracts.write_text(json.dumps({"id": "2001.00002", "title": "Two", "abstract": abstract}))
    found = check(path, PAPERS, {paper: one for paper, one in known.items() if one}, [abstracts])
    return [str(fault).removeprefix(f"{path}:") for fault in found.faults]


def test_a_list_that_says_what_the_cards_say_is_right(path: Path) -> None:
    assert faults(path, first=card(introduces=("add-up",)), second=NO_NAMES) == []


def test_an_introducing_paper_is_of_the_atlas(path: Path) -> None:
    (fault,) = faults(path, LIST.replace('"2001.00001"', '["2001.00001", "1901.00009"]'))
    assert fault.startswith("4: method/addup is introduced by 1901.00009, not in the atlas")


def test_a_card_that_introduces_what_the_list_gives_to_another_paper_is_a_fault(
    path: Path,
) -> None:
    second = card(introduces=("Addup",))
    (fault,) = faults(path, second=second)
    assert fault.startswith(
        "1: method/addup is introduced by 2001.00001, but the card of 2001.00002 introduces 'Addup'"
    )
    both = LIST.replace('"2001.00001"', '["2001.00001", "2001.00002"]')
    assert faults(path, both, second=second) == []
    own = LIST.replace("  about", "  shared: [AddUp]\n  about")
    other = own.replace("/addup", "/addup-2").replace("2001.00001", "2001.00002")
    assert faults(path, own + other, second=second) == []


def test_a_card_that_only_uses_what_its_paper_introduces_by_the_list_is_a_fault(
    path: Path,
) -> None:
    used = card(introduces=(), builds_on=("AddUp",))
    (fault,) = faults(path, first=used)
    assert fault.startswith(
        "4: method/addup is introduced by 2001.00001, whose card has it under builds_on"
    )


def test_an_about_shares_no_seven_words_with_an_abstract(path: Path) -> None:
    about = LIST.replace("Adds the weights of models.", "Adds all weights of many models in one.")
    abstract = "AddUp adds all Weights of many models by some step."
    assert faults(path, about, abstract) == []
    (fault,) = faults(path, about, abstract.replace("by some", "in one"))
    assert fault.startswith(
        '1: the about of method/addup shares "adds all weights of many models in" with an abstract'
    )


def test_every_fault_is_reported_in_the_order_of_lines(path: Path) -> None:
    text = LIST + LIST.replace("/addup", "/subtract") + "- id: model/x\n" + LIST
    assert [fault.partition(": ")[0] for fault in faults(path, text)] == ["6", "9", "10"]


def test_the_packages_own_list_has_no_fault() -> None:
    cards = {line.paper: line.card for line in read_cards(DATA / bundled.CARDS)}
    found = check(built_in(), bundled_papers(), cards)
    assert [str(fault) for fault in found.faults] == []
    assert found.entities > 600


@pytest.mark.slow
def test_the_command_prints_the_faults_and_fails(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(path)]) == 1
    out = capsys.readouterr().out
    assert out.startswith(f"{path}:4: method/addup is introduced by 2001.00001, not in the atlas")
    assert out.endswith("1 entities, 1 faults\n")
