"""What questions compare, ask for the like of, and exclude."""

import pytest

from search.library import Library
from search.understanding import comparisons, exclusions, likeness
from search.understanding.known import Known
from tests.support.understanding import TODAY, read_by, text_without

EDITING = "model-editing"


@pytest.mark.parametrize(
    ("question", "compared", "text"),
    [
        ("ROME vs MEMIT", ["rome", "memit"], "ROME MEMIT"),
        ("ROME vs. MEMIT for facts", ["rome", "memit"], "ROME MEMIT for facts"),
        ("rome versus memit", ["rome", "memit"], "rome memit"),
        ("LoRA or QLoRA?", ["lora", "qlora"], "LoRA QLoRA?"),
        ("what's the difference between ROME and MEMIT", ["rome", "memit"], "ROME MEMIT"),
        ("compare LoRA with QLoRA and ROME", ["lora", "qlora", "rome"], "LoRA QLoRA ROME"),
        ("LoRA compared to QLoRA", ["lora", "qlora"], "LoRA QLoRA"),
        ("how does LoRA differ from QLoRA", ["lora", "qlora"], "LoRA QLoRA"),
        ("is LoRA better than QLoRA", ["lora", "qlora"], "LoRA QLoRA"),
        ("how do LoRA and QLoRA compare", ["lora", "qlora"], "LoRA QLoRA"),
        ("LoRA or model editing?", ["lora", EDITING], "LoRA model editing?"),
        ("grace vs mend", ["grace", "mend"], "grace mend"),
        ("Unterschied zwischen ROME und MEMIT", ["rome", "memit"], "ROME MEMIT"),
    ],
)
def test_what_is_compared_is_read_and_the_words_for_it_leave(
    named: Library, question: str, compared: list[str], text: str
) -> None:
    known = Known(named, TODAY)
    read = [one.removeprefix("~compare ") for one in read_by(comparisons.spans, known, question)]
    assert [one.removeprefix("method/") for one in read] == compared
    assert text_without(comparisons.spans, known, question) == text


@pytest.mark.parametrize(
    "question",
    [
        "LoRA vs Full Fine-tuning: An Illusion of Equivalence",
        "papers about LoRA or QLoRA",
        "LoRA and QLoRA on devices",
        "difference-in-differences estimators",
        "is coffee better than tea",
        "LoRA vs chalk",
        "ROME versus rome",
        "care or merge",
    ],
)
def test_what_only_looks_like_a_comparison_is_none(named: Library, question: str) -> None:
    assert read_by(comparisons.spans, Known(named, TODAY), question) == []


@pytest.mark.parametrize(
    ("question", "entity", "text"),
    [
        ("similar to LoRA", "lora", "LoRA"),
        ("papers like LoRA", "lora", "LoRA"),
        ("methods similar to LoRA for text", "lora", "LoRA for text"),
        ("something like model soups, but for text", "model-soups", "model soups, but for text"),
        ("methods resembling ROME", "rome", "ROME"),
        ("alternatives to MEMIT", "memit", "MEMIT"),
        ("work in the spirit of MEMIT", "memit", "MEMIT"),
        ("LoRA alternatives", "lora", "LoRA"),
        ("LoRA-like tuning", "lora", "LoRA-like tuning"),
    ],
)
def test_what_is_asked_for_the_like_of_is_read(
    named: Library, question: str, entity: str, text: str
) -> None:
    known = Known(named, TODAY)
    assert read_by(likeness.spans, known, question) == [f"~like method/{entity}"]
    assert text_without(likeness.spans, known, question) == text


def test_two_things_may_be_asked_for_the_like_of(named: Library) -> None:
    known = Known(named, TODAY)
    question = "something in the spirit of LoRA, but similar to ROME in cost"
    read = ["~like method/lora", "~like method/rome"]
    assert read_by(likeness.spans, known, question) == read
    assert text_without(likeness.spans, known, question) == "LoRA, but ROME in cost"


@pytest.mark.parametrize(
    "question",
    [
        "how do methods like LoRA forget",
        "models like BERT",
        "similar to a cat",
        "I like LoRA a lot",
    ],
)
def test_an_example_is_no_likeness(named: Library, question: str) -> None:
    assert read_by(likeness.spans, Known(named, TODAY), question) == []


@pytest.mark.parametrize(
    ("question", "excluded", "text"),
    [
        ("tuning not for vision", ["vision"], "tuning"),
        ("tuning, but not for vision or speech", ["vision", "speech"], "tuning"),
        ("tuning other than LoRA", ["method/lora"], "tuning"),
        (
            "tuning other than LoRA, QLoRA and ROME on devices",
            ["method/lora", "method/qlora", "method/rome"],
            "tuning on devices",
        ),
        ("tuning except surveys", ["survey"], "tuning"),
        ("tuning, no surveys", ["survey"], "tuning"),
        ("tuning that is not LoRA", ["method/lora"], "tuning"),
        ("tuning but not LoRA", ["method/lora"], "tuning"),
        ("distillation excluding GANs", ["method/gan"], "distillation"),
        ("distillation without using GANs", ["method/gan"], "distillation"),
        ("tuning that does not use LoRA", ["method/lora"], "tuning"),
        ("tuning methods that don’t use LoRA", ["method/lora"], "tuning methods"),
        ("tuning apart from model editing", [EDITING], "tuning"),
        ("excluding benchmarks, model editing", ["benchmark"], "model editing"),
        ("tuning excluding transformers", ["transformers"], "tuning"),
    ],
)
def test_what_is_excluded_is_read_and_leaves(
    named: Library, question: str, excluded: list[str], text: str
) -> None:
    known = Known(named, TODAY)
    assert read_by(exclusions.spans, known, question) == [f"not {one}" for one in excluded]
    assert text_without(exclusions.spans, known, question) == text


@pytest.mark.parametrize(
    "question",
    [
        "sampling without replacement",
        "not for the faint of heart",
        "objectives other than accuracy",
        "why not LoRA",
        "not only for vision",
        "distillation not just for vision",
        "no free lunch",
        "all but one",
        "without model editing",
        "methods that don't require model editing",
        "except when data is scarce",
        "Deep Networks Trained Without Any LoRA But Not For Vision",
    ],
)
def test_what_only_looks_like_an_exclusion_is_none(named: Library, question: str) -> None:
    assert read_by(exclusions.spans, Known(named, TODAY), question) == []
