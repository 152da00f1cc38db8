"""Files of cards: all of a file or nothing, with the line of what is wrong."""

import gzip
import tracemalloc
from pathlib import Path

import pytest

from kg.cards.card import Kind, WrittenFrom
from kg.cards.file import MAX_FILE_BYTES, card_lines, each_card, is_card_file, read_cards
from kg.errors import BadSource
from tests.support.factories import card
from tests.support.hostile.cards import HOSTILE, bomb, line


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cards.jsonl"


def test_cards_are_read_with_their_lines(path: Path) -> None:
    path.write_bytes(b"\n" + line() + b"\n" + line(id="doi:10.1/x", kind="survey"))
    first, second = read_cards(path)
    assert (first.paper, first.line, first.card.kind) == ("2001.00001", 2, Kind.METHOD)
    assert (second.paper, second.line, second.card.by) == ("doi:10.1/x", 4, WrittenFrom.ABSTRACT)
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert read_cards(path) == [first, second]


def test_what_is_written_is_read_again_in_order_of_ids(path: Path) -> None:
    path.write_text(card_lines([("b", card()), ("a", card(problem=None))]))
    assert [(one.paper, one.card) for one in read_cards(path)] == [
        ("a", card(problem=None)),
        ("b", card()),
    ]


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_in_one_line_with_its_place(path: Path, what: str) -> None:
    data, message = HOSTILE[what]
    good = b"" if data[:2] == b"\x1f\x8b" else line(id="2001.00002")
    path.write_bytes(good + data)
    with pytest.raises(BadSource) as caught:
        read_cards(path)
    told = str(caught.value)
    assert message in told
    assert caught.value.line == (2 if good else caught.value.line)
    assert len(told) < 500
    assert "\n" not in told
    told.encode()


def test_two_cards_of_one_id_are_refused(path: Path) -> None:
    path.write_bytes(line() + line(id="x") + line(kind="theory"))
    with pytest.raises(BadSource, match=r":3: a second card of 2001\.00001, first on line 1"):
        read_cards(path)


def test_the_others_of_a_file_are_read_on_by_who_asks_for_each(path: Path) -> None:
    path.write_bytes(line(id="a") + line(id="b", kind="poem") + line(id="c"))
    first, second, third = each_card(path)
    assert not isinstance(first, BadSource)
    assert isinstance(second, BadSource)
    assert second.line == 2
    assert not isinstance(third, BadSource)


@pytest.mark.parametrize("unit", [b"\n", b" " * 9_999 + b"\n"])
def test_a_file_that_unpacks_without_end_is_refused_in_little_memory(
    path: Path, unit: bytes
) -> None:
    path.write_bytes(bomb(unit, 300))
    assert path.stat().st_size < 1_000_000
    tracemalloc.start()
    with pytest.raises(BadSource, match="more than 64 MB or 500,000 lines"):
        read_cards(path)
    assert tracemalloc.get_traced_memory()[1] < MAX_FILE_BYTES / 10
    tracemalloc.stop()


def test_a_card_file_is_known_by_its_cards_whole_or_broken(path: Path) -> None:
    for data in (
        line(),
        gzip.compress(line()),
        b"\n\n" + line(),
        b"{broken\n" + line(),
        line(kind=None),
        line(by=None, summary=None),
    ):
        path.write_bytes(data)
        assert is_card_file(path)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"# A list\n",
        b'{"id": "2203.05482", "title": "Model soups", "summary": "We average."}\n',
        b'{"id": "2203.05482", "abstract": "We average."}\n',
        b'{"type": "book", "id": 1}\n',
        b"[1, 2]\n",
        b"\x1f\x8bno gzip",
    ],
)
def test_other_files_are_not_taken_for_cards(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    assert not is_card_file(path)


def test_a_file_that_is_not_there_or_a_folder_is_no_card_file(tmp_path: Path) -> None:
    assert not is_card_file(tmp_path)
    assert not is_card_file(tmp_path / "absent")
    with pytest.raises(BadSource, match="cannot be read"):
        read_cards(tmp_path / "absent")
