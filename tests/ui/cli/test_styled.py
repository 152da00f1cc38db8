"""Styled text is wrapped as rich wraps it, and written in the styles that stdout takes."""

import io
import random
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from ui.cli.styled import Printer, Styled, columns

WORDS = st.lists(
    st.sampled_from(["a", "of", "merging", "merging,", "模型合并", "é", "x" * 30, "  ", "\n"]),
    max_size=30,
)


def plain(text: Styled) -> str:
    return text.written(styles=False, colours=False)


def by_rich(text: str, width: int) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width, highlight=False, emoji=False).print(Text(text))
    return [line.rstrip() for line in out.getvalue().split("\n")[:-1]]


@given(WORDS, st.integers(20, 60))
def test_lines_are_those_of_rich(words: list[str], width: int) -> None:
    text = " ".join(words)
    ours = [plain(line).rstrip() for line in Styled(text).lines(width)]
    assert all(columns(line) <= width for line in ours)
    assert ours == by_rich(text, width)


@given(WORDS, st.integers(2, 60))
def test_nothing_is_lost_between_lines(words: list[str], width: int) -> None:
    lines = [plain(line) for line in Styled(" ".join(words)).lines(width)]
    assert "".join("".join(lines).split()) == "".join(" ".join(words).split())


def test_a_style_goes_on_in_the_next_line() -> None:
    text = Styled("one two", "bold").append(" three", "cyan")
    lines = [line.written(styles=True, colours=True) for line in text.lines(8)]
    assert lines == ["\x1b[1mone two\x1b[0m", "\x1b[36mthree\x1b[0m"]


def test_styles_are_written_as_far_as_they_are_taken() -> None:
    text = Styled("gone", "bold red").append(" and", "green").append(" plain")
    assert text.written(styles=True, colours=True) == (
        "\x1b[1;31mgone\x1b[0m\x1b[32m and\x1b[0m plain"
    )
    assert text.written(styles=True, colours=False) == "\x1b[1mgone\x1b[0m and plain"
    assert plain(text) == "gone and plain"


def test_text_cannot_steer_the_terminal() -> None:
    assert plain(Styled("model\x1b[31m \u202esoups\x07").append("\x9b31m", "bold")) == (
        "model[31m soups31m"
    )


def test_a_label_stands_beside_all_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    Printer().print(Styled("one two three four\nfive"), label=Styled(" 1.", "dim"))
    Printer().print("one two three four", indent=2)
    Printer().print()
    assert capsys.readouterr().out.splitlines() == [
        *(" 1. one two three", "    four", "    five"),
        *("  one two three four", ""),
    ]


@pytest.mark.parametrize(
    ("set_to", "terminal", "written"),
    [
        ({}, True, "\x1b[32mgreen\x1b[0m\x1b[1m bold\x1b[0m\n"),
        ({}, False, "green bold\n"),
        ({"NO_COLOR": "1"}, True, "green\x1b[1m bold\x1b[0m\n"),
        ({"TERM": "dumb"}, True, "green bold\n"),
        ({"FORCE_COLOR": "1"}, False, "\x1b[32mgreen\x1b[0m\x1b[1m bold\x1b[0m\n"),
        ({"FORCE_COLOR": ""}, True, "green bold\n"),
    ],
)
def test_stdout_gets_the_styles_that_it_takes(
    set_to: dict[str, str], terminal: bool, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm", **set_to}.items():
        monkeypatch.setenv(name, value)
    out = io.StringIO()
    monkeypatch.setattr(out, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stdout", out)
    Printer().print(Styled("green", "green").append(" bold", "bold"))
    assert out.getvalue() == written


@pytest.mark.parametrize(("said", "width"), [("7", 20), ("20", 20), ("132", 132)])
def test_the_width_is_what_is_said(said: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", said)
    assert Printer().width == width


def test_columns_are_those_of_rich() -> None:
    from rich.cells import cell_len

    chance = random.Random(3)
    signs = "aé模ｆ한カ🙂–“\u0301\u200b"
    for _ in range(300):
        text = "".join(chance.choice(signs) for _ in range(9))
        assert columns(text) == cell_len(text), text
