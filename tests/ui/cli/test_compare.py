"""The command `lfm compare`: what it takes, what it prints and writes."""

import csv
import json
from pathlib import Path

import pytest

from tests.support.factories import card, paper
from tests.support.serving import described_library
from ui.cli import main

ONE, TWO = paper(1).id, paper(2).id


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with described_library(tmp_path / "home"):
        monkeypatch.setenv("LFM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")


def test_it_prints_a_table_or_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["compare", ONE, TWO]) == 0
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    assert "Data needed" in printed
    assert main.main(["compare", ONE, TWO, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["rows"][0]["summary"] == card().summary
    assert list(found) == ["columns", "rows"]


def test_it_writes_a_file_in_the_format_of_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, begins in {
        "a.tex": "\\begingroup",
        "a.md": "What is predicted",
        "a.csv": "id,title",
    }.items():
        assert main.main(["compare", ONE, TWO, "-o", str(tmp_path / name)]) == 0
        assert (tmp_path / name).read_text("utf-8").startswith(begins)
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 2
    assert main.main(["compare", ONE, TWO, "--json", "-o", str(tmp_path / "a.json")]) == 0
    assert json.loads((tmp_path / "a.json").read_text())["columns"][0] == "id"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([], 2, "give two names at least, or a question"),
        ([ONE, "-q", "x"], 2, "give two names at least, or a question"),
        ([ONE], 2, "one alone cannot be compared"),
        ([ONE, f"arxiv.org/abs/{ONE}v3"], 2, "these are all the same"),
        ([ONE, "2001.0002"], 1, "did you mean 2001.00002"),
        ([ONE, TWO, "-o", "a.pdf"], 2, "the name a.pdf says no format"),
        (["-q", "x", "-k", "51"], 2, "51 are too many to compare"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(
    arguments: list[str], status: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.main(["compare", *arguments]) == status
    told = capsys.readouterr()
    assert told.out == ""
    assert message in told.err
    assert told.err.count("\n") == 1
