"""Names of methods and topics in questions: which are read, and what only looks like one."""

import pytest

from search.library import Library
from search.understanding import methods, topics
from search.understanding.known import Known
from search.understanding.understand import understand
from search.understanding.words import Words
from tests.support.understanding import TODAY, notes_of, read_by, text_without

FUSION = "model-reuse/model-fusion"


@pytest.mark.parametrize(
    ("question", "entities"),
    [
        ("does MEMIT scale better than ROME?", ["memit", "rome"]),
        ("recent papers on LoRA", ["lora"]),
        ("lora for vision", ["lora"]),
        ("LoRA-based tuning", ["lora"]),
        ("tuning by QLoRAs", ["qlora"]),
        ("low rank adaptation of encoders", ["lora"]),
        ("rome and memit", ["rome", "memit"]),
        ("edits by rank-one model editing", ["rome"]),
        ("model soup of encoders", ["model-soups"]),
        ("kd with one teacher", ["knowledge-distillation"]),
        ("GRACE for lifelong editing", ["grace"]),
        ("what did LoRA's authors do", ["lora"]),
        ("(LoRA) in practice", ["lora"]),
        ("distilling BERT", ["bert"]),
    ],
)
def test_names_are_read_and_stay_a_part_of_the_subject(
    named: Library, question: str, entities: list[str]
) -> None:
    known = Known(named, TODAY)
    read = read_by(methods.spans, known, question)
    assert [one.rpartition("/")[2] for one in read] == entities
    assert all(one.startswith("~about ") for one in read)
    assert text_without(methods.spans, known, question) == question


@pytest.mark.parametrize(
    "question",
    [
        "grace under label noise",
        "GRACE period",
        "non-LoRA tuning of encoders",
        "Grace of movement in ballet",
        "rome was not built in a day",
        "Rome was not built in a day",
        "free lunch for everyone",
        "by any means",
        "how to merge networks",
        "merge networks 44",
        "care for elderly patients",
        "CARE for elderly patients",
        "expert merging of networks",
        "QA-LoRA on devices",
        "LoRA vs Full Fine-tuning: An Illusion of Equivalence",
        "Thin LoRA Adapters Learn Much Less Than They Forget",
    ],
)
def test_what_only_looks_like_a_name_is_none(named: Library, question: str) -> None:
    assert read_by(methods.spans, Known(named, TODAY), question) == []


def test_a_name_of_several_is_the_usual_one_or_told(named: Library) -> None:
    known = Known(named, TODAY)
    assert read_by(methods.spans, known, "DoRA adapts encoders") == ["~about method/dora"]
    assert notes_of(methods.spans, known, "DoRA adapts encoders") == []
    (note,) = notes_of(methods.spans, known, "editing with MEND by gradients")
    assert note == "MEND was read as method/mend; it may also mean method/mend-demonstrations"


def test_a_benchmark_s_name_includes_what_it_is(named: Library) -> None:
    (span,) = methods.spans(Words("tuning on the CoLA benchmark"), Known(named, TODAY))
    assert (span.start, span.end) == (3, 5)


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("recent work on knowledge editing", "model-editing"),
        ("PEFT for code", "model-tuning/weight-engineering"),
        ("peft for code", "model-tuning/weight-engineering"),
        ("prompt-tuning of encoders", "model-tuning/input-engineering/prompt-tuning"),
        ("finetuning", "model-tuning/weight-engineering/fine-tuning"),
        ("data free distillation", "model-distillation/generative-reconstruction"),
        ("surveys of distillation for speech", "model-distillation"),
        ("model merging since 2022", FUSION),
        ("survey of model merging", FUSION),
        ("merging methods", FUSION),
        ("linear mode connectivity", f"{FUSION}/mode-connectivity"),
        ("weight averaging, and editing", f"{FUSION}/weight-interpolation"),
        ("what are task vectors", f"{FUSION}/task-arithmetic"),
        ("multi-teacher distillation", "model-distillation/multi-teacher"),
        ("papers on editing", "model-editing"),
        ("merging models", FUSION),
        ("merging of two fine-tuned language models", FUSION),
        ("on editing large language models", "model-editing"),
        ("distilling models for speech", "model-distillation"),
        ("averaging the weights of encoders", f"{FUSION}/weight-interpolation"),
        ("how to merge models", FUSION),
        ("editing knowledge", "model-editing"),
        ("tuning prompts", "model-tuning/input-engineering/prompt-tuning"),
    ],
)
def test_topics_are_read_by_name_alias_and_term(named: Library, question: str, topic: str) -> None:
    known = Known(named, TODAY)
    assert read_by(topics.spans, known, question)[0] == f"~topic {topic}"
    assert text_without(topics.spans, known, question) == question


@pytest.mark.parametrize("when", ["before 2020", "until 2020", "2023", "in the last two years"])
def test_what_states_a_condition_is_apart_from_a_topic(named: Library, when: str) -> None:
    reading = understand(named, f"facts by editing {when}")
    stated = [one.value for span in reading.spans for one in span.stated]
    assert "model-editing" in stated
    assert len(stated) > 1


@pytest.mark.parametrize(
    "question",
    [
        "image editing with diffusion",
        "distil an ensemble of teachers",
        "editing a photograph",
        "routing protocols for wireless networks",
        "tuning a guitar by ear",
        "distillation of whisky",
        "adapter plugs",
        "text in images",
        "language of bees",
        "rag dolls",
        "merging of two companies",
        "editing images with models",
        "tuning guitars",
        "Deep Model Editing of Very Large Networks",
        "RAG-Fusion: a new take on retrieval-augmented generation",
    ],
)
def test_what_only_looks_like_a_topic_is_none(named: Library, question: str) -> None:
    assert read_by(topics.spans, Known(named, TODAY), question) == []
