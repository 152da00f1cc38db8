"""The bundled file of cards, and the command of those who write them."""

import shutil
from pathlib import Path

import pytest

from ingest.cards.__main__ import main
from ingest.cards.bundled_file import DATA, bundled_papers, merge
from kg.cards.file import card_lines, read_cards
from kg.errors import BadSource
from kg.snapshot.bundled import CARDS
from tests.support.factories import card


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(DATA / CARDS, tmp_path / CARDS)
    return tmp_path


def test_the_bundled_cards_are_as_merge_writes_them(folder: Path) -> None:
    before = (folder / CARDS).read_bytes()
    assert merge(folder, []) == (0, 0)
    assert (folder / CARDS).read_bytes() == before


def test_cards_are_added_and_replaced_whole(folder: Path) -> None:
    own = folder / "own.jsonl"
    first = read_cards(folder / CARDS)[0].paper
    own.write_text(card_lines([("zzzz.00001", card()), (first, card())]))
    count = len(read_cards(folder / CARDS))
    assert merge(folder, [own]) == (1, 1)
    cards = read_cards(folder / CARDS)
    assert len(cards) == count + 1
    assert {one.card for one in (cards[0], cards[-1])} == {card()}
    assert [one.paper for one in cards] == sorted(one.paper for one in cards)
    assert merge(folder, [own]) == (0, 0)


def test_a_broken_file_changes_nothing(folder: Path) -> None:
    before = (folder / CARDS).read_bytes()
    broken = folder / "own.jsonl"
    broken.write_text(card_lines([("a", card())]) + "{}\n")
    with pytest.raises(BadSource, match=r"own\.jsonl:2: there is no id"):
        merge(folder, [broken])
    assert (folder / CARDS).read_bytes() == before


def test_check_names_each_fault_and_counts_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paper = next(iter(bundled_papers()))
    path = tmp_path / "cards.jsonl"
    path.write_text(card_lines([(paper, card())]))
    assert main(["check", str(path)]) == 0
    assert "1 cards, 0 faults; 0 compared with their abstract" in capsys.readouterr().out
    path.write_text(card_lines([(paper, card()), ("2001.99999", card())]))
    assert main(["check", str(path)]) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[-1].startswith("2 cards, 1 faults")
    # In the order of ids: that of the atlas may be the first line or the second.
    assert [f"{path}:{line}: the atlas has no paper 2001.99999" for line in (1, 2)].count(out[0])


def test_merge_refuses_what_check_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cards.jsonl"
    path.write_text(card_lines([("2001.99999", card())]))
    before = (DATA / CARDS).read_bytes()
    assert main(["merge", str(path)]) == 1
    captured = capsys.readouterr()
    assert "the atlas has no paper 2001.99999" in captured.out
    assert "nothing was merged" in captured.err
    assert (DATA / CARDS).read_bytes() == before


def test_agreement_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = tmp_path / "one.jsonl", tmp_path / "other.jsonl"
    one.write_text(card_lines([("a", card()), ("b", card())]))
    other.write_text(card_lines([("a", card()), ("b", card(data=None))]))
    assert main(["agreement", str(one), str(other)]) == 0
    out = capsys.readouterr().out
    assert "2 papers read twice" in out
    assert "| `data` | 0.50 | 0.00 | absent 0.00 (0), none 0.67 (2) |" in out
    assert main(["agreement", str(one), str(tmp_path / "absent")]) == 1
    assert "cannot be read" in capsys.readouterr().err
