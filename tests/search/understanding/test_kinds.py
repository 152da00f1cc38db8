"""Kinds of paper in questions: which are asked for, and which words for one are of a subject."""

import pytest

from search.understanding.kinds import spans
from search.understanding.known import Known
from tests.support.understanding import read_by, text_without


@pytest.mark.parametrize(
    ("question", "kind", "text"),
    [
        ("surveys of distillation", "survey", "of distillation"),
        ("SURVEY OF DISTILLATION", "survey", "OF DISTILLATION"),
        ("a comprehensive survey on editing", "survey", "on editing"),
        ("distillation survey", "survey", "distillation"),
        ("distillation for vision survey", "survey", "distillation for vision"),
        ("survey papers about LoRA", "survey", "about LoRA"),
        ("review of in-context learning", "survey", "of in-context learning"),
        ("literature review on meta-learning", "survey", "on meta-learning"),
        ("are there any overviews of merging?", "survey", "are there of merging?"),
        ("do surveys exist on merging", "survey", "do exist on merging"),
        ("which survey covers merging", "survey", "which covers merging"),
        ("since 2023 surveys of merging", "survey", "since 2023 of merging"),
        ("Ningyu Zhang's surveys", "survey", "Ningyu Zhang's"),
        ("merging, surveys", "survey", "merging"),
        ("surveys: merging", "survey", "merging"),
        ("Survey zu distillation", "survey", "zu distillation"),
        ("Übersichtsartikel über LoRA", "survey", "über LoRA"),
        ("merging 综述 2024年以后", "survey", "merging 2024年以后"),
        ("benchmarks for knowledge editing", "benchmark", "for knowledge editing"),
        ("PEFT benchmarks", "benchmark", "PEFT"),
        ("which datasets measure hallucination", "benchmark", "which measure hallucination"),
        ("instruction tuning data sets 2023", "benchmark", "instruction tuning 2023"),
        ("this year's benchmarks for editing", "benchmark", "this year's for editing"),
        ("papers that introduce a benchmark for RAG", "benchmark", "papers that introduce for RAG"),
        ("a library for merging LLMs", "system", "for merging LLMs"),
        ("python library for prompt tuning", "system", "for prompt tuning"),
        ("software for merging", "system", "for merging"),
        ("empirical study of LoRA", "analysis", "of LoRA"),
        ("analysis of in-context learning", "analysis", "of in-context learning"),
        ("theoretical analysis of LoRA", "theory", "of LoRA"),
        ("theory papers about LoRA", "theory", "about LoRA"),
        ("theory of LoRA", "theory", "of LoRA"),
        ("most cited position papers on RLHF", "position", "most cited on RLHF"),
        ("method papers on merging", "method", "on merging"),
        ("highly cited benchmarks of merging", "benchmark", "highly cited of merging"),
        ("in context learning analysis papers", "analysis", "in context learning"),
        ("which benchmarks have been proposed", "benchmark", "which have been proposed"),
        ("which benchmark should I use", "benchmark", "which should I use"),
    ],
)
def test_a_kind_that_heads_what_is_asked_for_is_hard(
    known: Known, question: str, kind: str, text: str
) -> None:
    assert read_by(spans, known, question) == [f"kind {kind}"]
    assert text_without(spans, known, question) == text


@pytest.mark.parametrize(
    "question",
    [
        "survey propagation",
        "libraries and open access",
        "what benchmarks have others utilized for merging",
        "which paper first construct large corpora for merging",
        "what studies create datasets using templates",
        "datasets or tasks in the brain",
        "papers that have evaluated explanation benchmarks",
        "A Survey on Prompt Tuning",
        "Which One? An Empirical Study of LoRA",
        "PRGB Benchmark: A Robust One for Retrieval",
        "survey data analysis",
        "benchmark contamination",
        "dataset distillation",
        "library learning",
        "library of adapters",
        "skill library",
        "review helpfulness",
        "peer review",
        "code review",
        "sentiment analysis of movie reviews",
        "learning from user surveys",
        "performance on benchmarks",
        "generalization across datasets",
        "fine-tuning on small datasets",
        "small datasets",
        "distilling datasets",
        "characterizing classification datasets",
        "how do benchmarks measure reasoning",
        "are benchmarks saturated",
        "how to build a benchmark",
        "this dataset does not exist",
        "models that survey the landscape",
        "training corpus selection",
        "test set contamination",
        "software engineering",
        "position bias",
        "position encoding",
        "principal component analysis",
        "an analysis of variance",
        "theory of mind in children",
        "theory of everything",
        "methods for merging",
        "merging, except surveys",
        "merging but not a survey",
        "merging papers other than surveys",
        "Knowledge distillation: a survey",
        "Editing Facts for Medicine: A Survey",
        "A Survey of Merging Models in Practice",
    ],
)
def test_a_word_for_a_kind_is_often_another(known: Known, question: str) -> None:
    assert read_by(spans, known, question) == []
    assert text_without(spans, known, question) == question


def test_one_of_two_kinds_is_preferred_only(known: Known) -> None:
    assert read_by(spans, known, "surveys and benchmarks of editing") == [
        "~kind survey",
        "~kind benchmark",
    ]
