"""Other languages: what a model of English can use of a question, and English left alone."""

import pytest

from search.understanding.languages import in_english

KNOWN = {"LoRA", "MAML", "Distillation", "distillation", "modèles", "模型", "CLIP", "T5"}


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("如何用 LoRA 进行微调", "LoRA"),
        ("如何用LoRA进行微调？", "LoRA"),
        ("知识蒸馏", ""),
        ("模型 合并", "模型"),
        ("Как работает LoRA?", "LoRA"),
        ("매개변수 효율적 미세조정 T5", "T5"),
        ("كيف تعمل CLIP", "CLIP"),
        ("Wie funktioniert LoRA?", "LoRA"),
        ("Welche Rolle spielt die Distillation für MAML?", "Distillation MAML"),
        ("Comment fusionner des modèles sans données ?", "modèles"),
        ("¿Cómo funciona la destilación?", ""),
        ("Quali sono i limiti di LoRA", "LoRA"),
        ("Como é a destilação com LoRA", "LoRA"),
    ],
)
def test_words_that_papers_have_are_used(question: str, rest: str) -> None:
    found = in_english(question, KNOWN.__contains__)
    assert found is not None
    assert " ".join(found.replace("？", "").replace("?", "").split()) == rest


@pytest.mark.parametrize(
    "question",
    [
        "How can models be merged without any training data?",
        "LoRA vs. de novo design",
        "What is the role of β-VAE and ε-greedy in μP?",
        "naïve Bayes",
        "Die and mit licence",
        "in the es la de of an atlas of the world",
        "KL divergence",
        "par",
        "?!",
        "",
    ],
)
def test_english_is_left_alone(question: str) -> None:
    assert in_english(question, KNOWN.__contains__) is None
