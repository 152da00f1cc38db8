"""Operators of a question: what is one, what only looks like one, and what is said of it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kg.records import Field, Term
from search.understanding.operators import MAX_WORDS, Question, understand
from tests.support.factories import TEXT


def test_a_question_without_operators_is_what_it_is() -> None:
    for question in (
        "How can models be merged without data?",
        "data-free low-rank T5-small",
        "model merging - a survey",
        "low-rank -- adaptation --flag -1 -0.5 -",
        "-log p(x) of a model",
        'an unclosed "quotation mark',
        "“also this one",
        '5" and 6" screens',
        '"" is nothing, "?!" neither',
        "LoRA: Low-Rank Adaptation of Large Language Models",
        "LoRA:Low-Rank",
        "see http://example.org/title:x and std::vector at 10:30",
        "title:",
        "author: ?",
        "a  text \n with  spaces",
        "C++ (MAML) [sic] {x}",
        "TO BE OR NOT TO BE",
    ):
        assert understand(question).text == question
        assert understand(question).terms == ()


@pytest.mark.parametrize(
    ("question", "text", "terms"),
    [
        ("merging -distillation", "merging", [Term("distillation", excluded=True)]),
        ("merging -low-rank,", "merging", [Term("low-rank", excluded=True)]),
        ("merging -3D", "merging", [Term("3D", excluded=True)]),
        ('-"model soups" merging', "merging", [Term("model soups", exact=True, excluded=True)]),
        ('is "task arithmetic"?', "is task arithmetic", [Term("task arithmetic", exact=True)]),
        ("“task arithmetic” x", "task arithmetic x", [Term("task arithmetic", exact=True)]),
        ("title:merging x", "merging x", [Term("merging", Field.TITLE)]),
        ('TI:"a b", x', "a b x", [Term("a b", Field.TITLE, exact=True)]),
        ("-title:survey merging", "merging", [Term("survey", Field.TITLE, excluded=True)]),
        ('ti:"editing models" au:Ilharco', "editing models", [
            Term("editing models", Field.TITLE, exact=True), Term("Ilharco", Field.AUTHOR)]),
        ("author:Li x", "x", [Term("Li", Field.AUTHOR)]),
        ("abs:data x", "data x", [Term("data", Field.ABSTRACT)]),
        ("x category:stat", "x", [Term("stat", Field.CATEGORY)]),
        ("x year:2023", "x", [Term("2023", Field.YEAR)]),
        ("x year:2022-2024", "x", [Term("2022..2024", Field.YEAR)]),
        ("x year:2022-05..2023", "x", [Term("2022-05..2023", Field.YEAR)]),
        ("x -year:2024-05", "x", [Term("2024-05", Field.YEAR, excluded=True)]),
        ('title:"unclosed x', "unclosed x", [Term("unclosed", Field.TITLE)]),
        ("-distillation", "", [Term("distillation", excluded=True)]),
    ],
)  # fmt: skip
def test_operators_mean_what_people_expect(question: str, text: str, terms: list[Term]) -> None:
    found = understand(question)
    assert (found.text, list(found.terms), found.notes) == (text, terms, ())


def test_what_was_understood_is_told_with_its_words() -> None:
    found = understand('tuning -vision ti:"model soups" au:Li year:2023 -abs:data "a b" cat:cs.CL')
    assert [(one.words, one.filter, one.value, one.hard) for one in found.understood] == [
        ("-vision", "not", "vision", True),
        ('ti:"model soups"', "title", "“model soups”", True),
        ("au:Li", "author", "Li", True),
        ("year:2023", "since", "2023", True),
        ("year:2023", "until", "2023", True),
        ("-abs:data", "not", "abstract:data", True),
        ('"a b"', "phrase", "a b", True),
        ("cat:cs.CL", "category", "cs.CL", True),
    ]


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("foo:bar merging", "foo: is no field here"),
        ("merging AND soups", "AND, OR and NOT were taken for words"),
        ("merging NOT soups", "put - before a word"),
        ("NOT merging", "AND, OR and NOT"),
        ("author: Ilharco", "write author:Ilharco, without a space"),
        ("merg* models", "all their forms"),
        ("year:soon x", "write year:2024"),
        ("year:2024-13 x", "'2024-13' is in no calendar"),
    ],
)
def test_what_looks_like_an_operator_and_is_none_is_told(question: str, note: str) -> None:
    found = understand(question)
    assert found.text == question
    (line,) = found.notes
    assert note in line
    assert "\n" not in line


@pytest.mark.parametrize(
    "question",
    [
        "2203.05482",
        "2203.05482v3",
        "arXiv:2203.05482",
        "ARXIV: 2203.05482v1",
        "https://arxiv.org/abs/2203.05482",
        "http://arxiv.org/pdf/2203.05482v2.pdf",
        "10.48550/arXiv.2203.05482",
        "https://doi.org/10.48550/arxiv.2203.05482",
        "https://huggingface.co/papers/2203.05482",
        "what cites 2203.05482?",
        "papers like (arXiv:2203.05482), please",
        "<https://arxiv.org/abs/2203.05482>.",
    ],
)
def test_an_id_is_found_in_every_form(question: str) -> None:
    assert [found for _, found in understand(question).papers] == ["2203.05482"]


def test_other_ids_and_several() -> None:
    assert understand("cs/0112017v1").papers == (("cs/0112017v1", "cs/0112017"),)
    found = understand("compare 10.1145/3560815 with 2203.05482 and 2203.05482v2")
    assert [one for _, one in found.papers] == ["10.1145/3560815", "2203.05482"]
    assert found.text == "compare with and"
    assert understand("version 2.0 of 12345.67890, github.com/a/2203.05482").papers == ()


def test_a_long_text_has_no_operators() -> None:
    text = " ".join(["the so-called", '"lottery ticket"', "-x", "title:y"] * MAX_WORDS)
    assert understand(text) == Question(text)


PIECES = st.lists(
    st.sampled_from('- -- " “ ” „ title: au: year: x a-b -x 2203.05482 foo:bar ( ) : NOT'.split())
    | TEXT,
    max_size=9,
)  # fmt: skip


@given(st.builds(" ".join, PIECES) | st.builds("".join, PIECES))
@example('title:"')
@example("-title:-x")
@example("“-x”")
def test_any_text_is_understood_and_every_term_has_something_to_look_for(text: str) -> None:
    found = understand(text)
    assert all(any(c.isalnum() for c in term.words) for term in found.terms)
    assert all(one.words in text and one.value for one in found.understood)
    assert all(note and "\n" not in note for note in found.notes)
    if not found.terms and not found.papers:
        assert found.text == text
