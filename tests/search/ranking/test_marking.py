"""The question's words in a text: all of them, whole formulas, and no letter lost."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.ranking.marking import MAX_TEXT_CHARS, marked_spans
from tests.support.factories import TEXT

LATEX = st.text(st.sampled_from("merge model $\\(){}[]~-`'\"éa\0\x02\ud800"), max_size=60)


def marked(question: str, text: str) -> list[str]:
    (cut,) = marked_spans(question, [text])
    return [part.text for part in cut if part.marked]


@given(st.lists(TEXT | LATEX | st.text(), max_size=4), TEXT | LATEX)
@example(["", "$"], "")
@example(["Merging $merging$ \\emph{merging} merges."], "merge")
def test_the_parts_joined_are_the_text(texts: list[str], question: str) -> None:
    found = marked_spans(question, texts)
    assert ["".join(part.text for part in cut) for cut in found] == texts
    assert all(part.text for cut in found for part in cut)


@pytest.mark.parametrize(
    ("question", "text", "wanted"),
    [
        ("merged models", "Merging many a model.", ["Merging", "model"]),
        ("model merging", "We study model merging here.", ["model merging"]),
        ("low-rank", "A low-rank update of low cost", ["low-rank", "low"]),
        ("how is the data?", "How is it? The data.", ["data"]),
        ("naïve", "A naive and a nai\u0308ve one.", ["naive", "nai\u0308ve"]),
        ("zebra", "No such animal.", []),
        ("", "Nothing asked.", []),
        ("?!", "Nothing asked.", []),
    ],
)
def test_words_are_marked_in_any_form(question: str, text: str, wanted: list[str]) -> None:
    assert marked(question, text) == wanted


@pytest.mark.parametrize(
    "piece",
    [
        "$model$",
        "$$x + model$$",
        r"\(model\)",
        r"\[model\]",
        r"\begin{model}model\end{model}",
        r"\emph{model}",
        r"\textbf\{model\}",
        r"\frac{model}{model}",
        r"{\em model}",
        r"\model",
        "``model''",
        "a~model",
        "model--model",
    ],
)
def test_what_latex_makes_one_piece_of_is_not_cut(piece: str) -> None:
    (cut,) = marked_spans("model", [f"A model of {piece} and a model."])
    assert [part.text for part in cut if part.marked] == ["model", "model"]
    assert [part.text for part in cut if piece in part.text] == [f" of {piece} and a "]


def test_a_dollar_alone_hides_nothing() -> None:
    assert marked("model", "It costs 5$ a model.") == ["model"]


def test_what_nobody_reads_is_not_looked_into() -> None:
    assert marked("model", "model " * MAX_TEXT_CHARS) == []
    assert marked("model", "model " * 10) == [" ".join(["model"] * 10)]
