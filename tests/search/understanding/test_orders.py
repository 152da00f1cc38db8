"""Orders in questions, and what only sounds like one."""

import pytest

from search.understanding.known import Known
from search.understanding.orders import spans
from search.understanding.reading import chosen
from search.understanding.words import Words
from tests.support.understanding import read_by, text_without


@pytest.mark.parametrize(
    ("question", "order"),
    [
        ("newest papers on merging", "order newest"),
        ("latest work on merging", "order newest"),
        ("most recent papers by Tao", "order newest"),
        ("what is the latest in merging", "order newest"),
        ("cs.CV prompt tuning newest first", "order newest"),
        ("merging sorted by date", "order newest"),
        ("merging, newest", "order newest"),
        ("neueste Arbeiten zu LoRA", "order newest"),
        ("最新 merging", "order newest"),
        ("recent work on prompt tuning", "~order newest"),
        ("recent surveys of merging", "~order newest"),
        ("model merging recent", "~order newest"),
        ("merging in recent years", "~order newest"),
        ("what's new in merging", "~order newest"),
        ("new work on merging", "~order newest"),
        ("Recent Work On Model Merging", "~order newest"),
        ("aktuelle Arbeiten zu merging", "~order newest"),
        ("articles récents sur LoRA", "~order newest"),
        ("trabajos recientes sobre RAG", "~order newest"),
        ("earliest paper on distillation", "order oldest"),
        ("the oldest theory papers on merging", "order oldest"),
        ("merging, oldest first", "order oldest"),
        ("who was the first to propose model soups?", "~order oldest"),
        ("first paper to propose distillation", "~order oldest"),
        ("the first paper on distillation", "~order oldest"),
        ("who first proposed prompt tuning", "~order oldest"),
        ("who came up with LoRA", "~order oldest"),
        ("when was LoRA first introduced", "~order oldest"),
        ("the original paper on dropout", "~order oldest"),
        ("the first survey of merging", "~order oldest"),
        ("most cited papers on merging", "order cited"),
        ("merging sort by citations", "order cited"),
        ("die meistzitierten Arbeiten", "order cited"),
        ("highly cited papers on merging", "~order cited"),
        ("most influential meta learning for robotics", "~order cited"),
        ("seminal papers on merging", "~order cited"),
        ("classic papers on transfer learning", "~order cited"),
        ("most popular PEFT methods", "~order cited"),
    ],
)
def test_orders_are_read(known: Known, question: str, order: str) -> None:
    assert read_by(spans, known, question) == [order]
    words = Words(question)
    assert chosen(words, spans(words, known)).order == order.split()[1]


@pytest.mark.parametrize(
    "question",
    [
        "first-order MAML",
        "caches of the most recently used items",
        "papers that say that models have recently advanced",
        "first language acquisition",
        "first come, first served scheduling",
        "first token attention sink",
        "at first sight",
        "last layer retraining",
        "learning new classes",
        "a new method for editing",
        "attend to the recent past",
        "recent layers",
        "attention to recent tokens",
        "the most recent tokens of a cache",
        "averaging the latest checkpoints",
        "latest checkpoint averaging",
        "using recent LLMs as teachers",
        "influence functions",
        "influential instances",
        "most influential training examples",
        "most important weights for pruning",
        "facial landmark detection",
        "generating text with citations",
        "low-rank order",
        "Recent Advances in Merging of Models",
        "Saving Days of Training with Latest Weight Averaging",
    ],
)
def test_what_is_said_of_parts_of_methods_is_no_order(known: Known, question: str) -> None:
    assert read_by(spans, known, question) == []
    assert text_without(spans, known, question) == question


def test_an_order_is_no_subject(known: Known) -> None:
    assert text_without(spans, known, "recent work on merging") == "on merging"
    assert text_without(spans, known, "who first proposed prompt tuning?") == "prompt tuning?"
