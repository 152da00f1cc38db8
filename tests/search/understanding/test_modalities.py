"""What experiments take as input, by questions."""

import pytest

from search.understanding.known import Known
from search.understanding.modalities import spans
from tests.support.understanding import read_by, text_without


@pytest.mark.parametrize(
    ("question", "modality"),
    [
        ("distillation for vision", "vision"),
        ("editing on images", "vision"),
        ("image classification with adapters", "vision"),
        ("merging vision transformers", "vision"),
        ("distillation in speech", "speech"),
        ("LoRA for speech recognition", "speech"),
        ("audio models", "speech"),
        ("multimodal RAG", "multimodal"),
        ("prompting of vision-language models", "multimodal"),
        ("graph neural network distillation", "graph"),
        ("prompt tuning on graphs", "graph"),
        ("meta-learning for reinforcement learning", "rl"),
        ("offline RL adapters", "rl"),
        ("LoRA for code generation", "code"),
        ("meta-learning for robotics", "robotics"),
        ("distillation in NLP", "text"),
        ("the field of computer vision", "vision"),
        ("recognition of speech", "speech"),
        ("body language of robots", "robotics"),
    ],
)
def test_a_modality_is_preferred_and_stays_subject(
    known: Known, question: str, modality: str
) -> None:
    assert read_by(spans, known, question) == [f"~modality {modality}"]
    assert text_without(spans, known, question) == question


@pytest.mark.parametrize(
    "question",
    [
        "not for vision",
        "distillation other than for speech",
        "hate speech detection",
        "knowledge graph learning",
        "reinforcement learning from human feedback",
        "merging with code",
        "code-switching between languages",
        "large language models",
        "a vision of the future",
        "parts of speech",
        "freedom of speech and filters",
        "a figure of speech",
        "limits to free speech",
        "computer vision syndrome",
        "a narrow field of vision",
        "on mission and vision and values",
        "body language",
        "the image of the field",
        "for the bigger pictures",
        "translation of morse code models",
        "on codes of conduct",
        "with sound and complete rules",
        "text and context",
        "Object Detection by Distilling Large Teachers",
    ],
)
def test_what_is_excluded_or_another_thing_is_no_modality(known: Known, question: str) -> None:
    assert read_by(spans, known, question) == []
