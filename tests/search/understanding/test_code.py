"""Questions for papers with code."""

import pytest

from search.understanding.code import spans
from search.understanding.known import Known
from tests.support.understanding import read_by, text_without


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("merging with code", "merging"),
        ("reproducible code for merging", "reproducible merging"),
        ("merging, with code please", "merging, please"),
        ("merging with publicly available code", "merging"),
        ("merging, code available", "merging"),
        ("merging whose code is released", "merging"),
        ("merging with source code on GitHub", "merging"),
        ("LoRA papers that are open source", "LoRA papers"),
        ("open source implementation of AdaMerging", "AdaMerging"),
        ("official code of ROME", "ROME"),
        ("is there an implementation of ROME", "is there an ROME"),
        ("AdaMerging implementation", "AdaMerging"),
        ("code for LoRA", "LoRA"),
        ("LoRA github", "LoRA"),
        ("merging mit Code", "merging"),
    ],
)
def test_code_is_a_condition(known: Known, question: str, text: str) -> None:
    assert read_by(spans, known, question) == ["code yes"]
    assert text_without(spans, known, question) == text


@pytest.mark.parametrize(
    "question",
    [
        "code-switching between languages",
        "works that investigate the implementation of gradient descent",
        "Scattered Experts Implementation",
        "source code summarization",
        "reasoning with code",
        "pre-training with code",
        "merging with code generation models",
        "open-source LLMs",
        "hardware implementation of attention",
        "Python code translation",
        "without code",
        "error-correcting codes",
    ],
)
def test_code_as_a_subject_is_none(known: Known, question: str) -> None:
    assert read_by(spans, known, question) == []
    assert text_without(spans, known, question) == question
