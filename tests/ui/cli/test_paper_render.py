"""What `lfm ask` and `lfm paper` print of cards, links and reports."""

from collections.abc import Iterator

import pytest

from search.library import Library
from tests.support.factories import card, paper
from tests.support.graphs.facts import relate
from tests.support.serving import described_library
from ui.cli import answer_render, main, paper_render

ONE, TWO, THREE, FOUR = (paper(number).id for number in range(1, 5))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with described_library(tmp_path_factory.mktemp("atlas")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_a_result_says_what_it_does_is_and_needs(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    answer_render.answer(library.ask("paper number 1", 1))
    title, facts, does, marks, *rest = lines(capsys.readouterr().out)
    assert title == "1. Paper number 1"
    assert facts.startswith("Ada Author1, Bo Writer · 2020")
    assert does == card().summary
    assert marks == (
        "method · no data needed · white-box · no training · text · vision"
        " · code https://github.com/ada/moved · cited 1,234 times"
    )
    assert rest[1] == "“We study subject 1.”"
    assert not any("predicted" in line for line in rest)


def test_what_the_papers_say_comes_before_them(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    relate(library.catalogue, [(1, "introduces", "method/one"), (2, "builds_on", "method/one")])
    answer = library.ask("one", 3)
    answer_render.answer(answer, library.summary(answer))
    out = lines(capsys.readouterr().out)
    defined = next(at for at, line in enumerate(out) if line.startswith("ONE (method): "))
    assert out[defined].endswith("Introduced by Ada Author1 et al., 2020 [1]")
    assert defined < out.index("1. Paper number 1")
    assert out[-1].endswith("`lfm compare -q QUESTION` shows them side by side")


def test_what_is_predicted_is_marked_and_explained(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    answer_render.answer(library.ask("paper number 2", 1))
    out = lines(capsys.readouterr().out)
    assert "method? · labeled data? · cited 7 times" in out
    assert answer_render.PREDICTED in out


def test_a_paper_begins_with_what_it_does(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    paper_render.paper(library.paper(ONE))
    assert lines(capsys.readouterr().out)[:19] == [
        "Paper number 1",
        card().summary,
        "problem one model for several tasks",
        "kind method",
        "needs no data needed",
        "access white-box",
        "training no training",
        "works on text, vision",
        "code https://github.com/ada/code1"
        " (official, moved to https://github.com/ada/moved, from a-list)",
        "https://github.com/ada/code2 (by others, from a-list)",
        "project https://ada.example/page (from comment)",
        "introduces AddUp",
        "builds on task arithmetic",
        "compares with weight averaging",
        "evaluates on GLUE",
        "models T5",
        "citations 1,234 over all papers (semantic-scholar, 2026-08-01)",
        "1,200 over all papers (openalex, 2026-08-01)",
        "open access https://ada.example/free.pdf",
    ]


def test_a_prediction_says_how_sure_it_is_and_a_lost_link_that_it_is(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    paper_render.paper(library.paper(TWO))
    assert "needs labeled data (predicted, 83% sure)" in lines(capsys.readouterr().out)
    paper_render.paper(library.paper(THREE))
    told = "code https://github.com/ada/code3 (gone on 2026-08-01, from a-list)"
    assert told in lines(capsys.readouterr().out)


def test_a_hostile_link_is_not_printed(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    paper_render.paper(library.paper(FOUR))
    out = capsys.readouterr().out
    assert not [one for one in ("javascript", "data:", "127.0.0.1", "\x07") if one in out]


def test_a_topic_shows_what_its_newest_papers_do(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    paper_render.topics(library.topics("model-reuse/model-fusion"))
    out = lines(capsys.readouterr().out)
    assert card().summary in out
    assert "2020 2001.00001 method Paper number 1" in out


@pytest.mark.parametrize(
    ("option", "value", "known"),
    [
        ("--kind", "essay", "survey"),
        ("--data", "nothing", "unlabeled"),
        ("--access", "grey-box", "white-box"),
        ("--training", "much", "light"),
        ("--modality", "smell", "robotics"),
        ("--cited", "many", "int"),
    ],
)
@pytest.mark.parametrize("command", [("ask", "x"), ("similar", "x"), ("export", "csv")])
def test_an_unknown_value_is_refused_with_those_that_are_known(
    command: tuple[str, ...],
    option: str,
    value: str,
    known: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main.main([*command, option, value]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert value in err
    assert known in err
