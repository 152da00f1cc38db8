"""Cards that people write are compared with the atlas and with abstracts."""

import gzip
import json
from pathlib import Path

import pytest

from ingest.cards.abstracts import Abstracts
from ingest.cards.check import KnownPaper, check
from kg.cards.card import Card, Kind, WrittenFrom
from kg.cards.file import card_lines
from kg.errors import BadSource
from tests.support.factories import card

TITLE = "AddUp: weights of many models in one"
ABSTRACT = (
    r"We propose AddUp, which adds the weights of $\text{T5}$ models and builds on Task-Arithmetic."
    " On GLUE it beats weight  averaging by three points, and it does so without any"
    " further training."
)
TITLES = {"2001.00001": TITLE, "2001.00002": "Another"}
PAPERS = {paper: KnownPaper(paper, title) for paper, title in TITLES.items()}


@pytest.fixture
def abstracts(tmp_path: Path) -> Path:
    path = tmp_path / "abstracts.jsonl"
    record = {"id": "2001.00001", "title": TITLE, "abstract": ABSTRACT}
    path.write_text(json.dumps(record) + "\n")
    return path


def faults(tmp_path: Path, made: Card, abstracts: Path, paper: str = "2001.00001") -> list[str]:
    path = tmp_path / "cards.jsonl"
    path.write_text(card_lines([(paper, made)]))
    found = check(path, PAPERS, [abstracts])
    assert found.cards == 1
    return [str(fault).removeprefix(f"{path}:1: ") for fault in found.faults]


def test_a_card_in_own_words_with_the_abstracts_names_is_right(
    tmp_path: Path, abstracts: Path
) -> None:
    assert faults(tmp_path, card(), abstracts) == []


def test_names_are_those_of_title_or_abstract(tmp_path: Path, abstracts: Path) -> None:
    made = card(models=("t5", "Bert"), compares_with=("Weight-Averaging", "Fisher merging"))
    assert faults(tmp_path, made, abstracts) == [
        "compares_with: 'Fisher merging' is not in the title or abstract",
        "models: 'Bert' is not in the title or abstract",
    ]


def test_no_seven_words_are_shared_but_in_titles_and_names(tmp_path: Path, abstracts: Path) -> None:
    taken = "Adds weights and it does so without any further TRAINING, as seen in several tasks."
    (fault,) = faults(tmp_path, card(summary=taken), abstracts)
    assert fault == 'the summary shares "and it does so without any further" with the abstract'
    titled = f"{TITLE}: adds the parts of models that were trained from one start."
    assert faults(tmp_path, card(summary=titled), abstracts) == []
    long = "the weights of T5 models and builds on"
    named = f"Sums {long} what several tasks need, without any extra training at all."
    assert len(faults(tmp_path, card(summary=named), abstracts)) == 1
    assert faults(tmp_path, card(summary=named, builds_on=(long,)), abstracts) == []


def test_the_problem_is_in_own_words_too(tmp_path: Path, abstracts: Path) -> None:
    made = card(problem="on GLUE it beats weight averaging by three points")
    assert "the problem shares" in faults(tmp_path, made, abstracts)[0]


def test_a_card_by_title_is_compared_with_the_title_alone(tmp_path: Path, abstracts: Path) -> None:
    made = Card(Kind.METHOD, introduces=("AddUp",), models=("T5",), by=WrittenFrom.TITLE)
    assert faults(tmp_path, made, abstracts) == ["models: 'T5' is not in the title"]


def test_a_name_may_be_that_of_an_earlier_title(tmp_path: Path, abstracts: Path) -> None:
    record = {"id": "2001.00002", "title": "SumUp: another title", "abstract": "It sums."}
    with abstracts.open("a") as file:
        file.write(json.dumps(record) + "\n")
    made = Card(Kind.METHOD, introduces=("SumUp",), by=WrittenFrom.TITLE)
    assert faults(tmp_path, made, abstracts, "2001.00002") == []


def test_papers_are_those_of_the_atlas(tmp_path: Path, abstracts: Path) -> None:
    assert faults(tmp_path, card(), abstracts, "2001.99999") == [
        "the atlas has no paper 2001.99999"
    ]


def test_a_paper_may_be_named_by_an_earlier_id_and_has_one_card(
    tmp_path: Path, abstracts: Path
) -> None:
    path = tmp_path / "cards.jsonl"
    path.write_text(card_lines([("2001.00001", card()), ("title:x", card())]))
    papers = {**PAPERS, "title:x": PAPERS["2001.00001"]}
    (fault,) = check(path, papers, [abstracts]).faults
    assert fault.message == f"{path}:2: a second card of 2001.00001, first on line 1"


def test_where_no_abstract_is_at_hand_the_texts_are_not_compared(
    tmp_path: Path, abstracts: Path
) -> None:
    path = tmp_path / "cards.jsonl"
    path.write_text(card_lines([("2001.00001", card()), ("2001.00002", card(models=("X",)))]))
    found = check(path, PAPERS, [abstracts])
    assert (found.cards, found.compared, found.faults) == (2, 1, [])


def test_all_faults_of_a_file_are_found_in_its_order(tmp_path: Path, abstracts: Path) -> None:
    path = tmp_path / "cards.jsonl"
    good = card_lines([("2001.00001", card(models=("Bert",)))])
    path.write_text('{"id": "a"}\n' + good + good + "{\n")
    found = check(path, PAPERS, [abstracts])
    assert [fault.line for fault in found.faults] == [1, 2, 3, 4]
    assert found.cards == 1


def test_abstracts_are_found_by_id_or_title_in_files_and_folders(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    folder.mkdir()
    lines = (
        {"arxiv_id": "2001.00001", "title": "x", "abstract": "One."},
        {"key": None, "title": TITLE.upper(), "abstract": "Two."},
        {"key": "2001.00001", "title": "x", "abstract": "One."},
        {"id": "2001.00002", "title": "Another", "abstract": None},
        {"id": "2001.7", "title": "Another", "abstract": "Of another paper: the title is short."},
    )
    data = "".join(json.dumps(one) + "\n" for one in lines)
    (folder / "a.jsonl.gz").write_bytes(gzip.compress(data.encode()))
    (folder / "notes.txt").write_text("no JSON")
    found = Abstracts(TITLES)
    found.read([folder])
    assert found.found == {"2001.00001": [("x", "One."), (TITLE.upper(), "Two.")]}


def test_a_broken_file_of_abstracts_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "abstracts.jsonl"
    path.write_text('{"id": "a", "abstract": "b"}\n[]\n')
    with pytest.raises(BadSource, match=r"abstracts\.jsonl:2: this is no JSON object"):
        Abstracts(TITLES).read([path])
