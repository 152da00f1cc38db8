"""Abbreviations that texts define."""

import time

import pytest
from hypothesis import given

from kg.entities.abbreviations import abbreviations, same_phrase
from tests.support.factories import TEXT


@pytest.mark.parametrize(
    ("text", "defined"),
    [
        ("The Segment Anything Model (SAM) is large.", {"SAM": "Segment Anything Model"}),
        ("sharpness-aware minimization (SAM)", {"SAM": "sharpness-aware minimization"}),
        ("We use generative language models (GLMs).", {"GLM": "generative language models"}),
        ("Low-Rank Adaptation (LoRA; Hu et al.)", {"LoRA": "Low-Rank Adaptation"}),
        ("place recognition, LiDAR-to-LiDAR (L2L),", {"L2L": "LiDAR-to-LiDAR"}),
        ('"Prompt Tuning" ("PT")', {"PT": "Prompt Tuning"}),
        # First come, first served.
        ("deep kernel (DK) and dark knowledge (DK)", {"DK": "deep kernel"}),
        # None: other letters, a single word, no capitals, a remark.
        ("a lion (Panthera leo), words (XYZ)", {}),
        ("Adaptation (AD)", {}),
        ("in total (see below)", {}),
        ("(SAM)", {}),
    ],
)
def test_what_a_text_defines(text: str, defined: dict[str, str]) -> None:
    assert abbreviations(text) == defined


@given(TEXT)
def test_any_text_is_read(text: str) -> None:
    for short, long in abbreviations(f"{text} (ABC) {text}").items():
        assert short
        assert " " in long or "-" in long


def test_time_grows_with_the_length_of_a_text_alone() -> None:
    took = []
    for pieces in (500, 2_500):
        text = ("x " * 80 + "(XYXYXYXYXYXY) ") * pieces
        start = time.process_time()
        abbreviations(text)
        took.append(time.process_time() - start)
    assert took[1] < 12 * took[0] + 0.1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("human feedback for learning", "Learning from Human Feedback", True),
        ("Low-Rank Adapters", "Low-Rank Adaptation", True),
        ("deep knowledge tracing", "Deep Kernel Transfer", False),
        ("semantic parsing", "Stochastic Polyak step size", False),
    ],
)
def test_phrases_that_mean_the_same(one: str, other: str, same: bool) -> None:
    assert same_phrase(one, other) is same
