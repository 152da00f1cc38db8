"""Questions that nobody means, or that are in no language that is read: no error, no slow path."""

import time

import pytest

from search.library import Library
from search.understanding import operators
from search.understanding.understand import understand

MAX_S = 0.25
"""Processor time, which on a quiet machine is below a fifth of it."""


@pytest.mark.parametrize(
    "question",
    [
        "a" * 10_000,
        "since " * 1_600,
        "lora-" * 2_000,
        "(" * 5_000,
        '"' * 5_001,
        "a," * 5_000,
        "m" + "\u0301" * 5_000,
        "catastropic forgeting recogniton " * 13,
        "without any of the any of the " * 6,
        "with no training access to any the " * 5,
        "only " * 39 + "api",
        "not LoRA " * 18,
        "LoRA vs " * 19,
        "by Tao and " * 12,
        "Tao, D. " * 19,
        "since 2023 before 2020 " * 8,
        "cs.LG " * 39,
        " ".join(["-".join(["lora"] * 9)] * 20),
        '- -- "" : * ( ) OR AND NOT " - ti: au: year: -"',
        '"model merging since 2023',
        "слияние моделей с 2023 года",
        "模型合并 综述 2024年以后",
        "دمج النماذج منذ 2023",
        "\u202emodel merging since 2023\u202c",
        "🔥 model merging 👩‍🔬 since 2023 🚀",
        "model\0merging\0since\x002023",
        "model \udcff merging",
        "\x01\x02 \x7f",
        "since 99999999999999, in the last 99999999999 years",
        "since ٢٠٢٣, since ²⁰²³, since -2023",
        "'; DROP TABLE papers; -- % {} \\1",
        'NEAR("a" "b") a* ^b {title}: x',
    ],
)
def test_whatever_is_asked_is_understood_in_time(named: Library, question: str) -> None:
    text = operators.understand(question).text
    understand(named, text)  # What is gathered once is not measured.
    started = time.process_time()
    understand(named, text)
    assert time.process_time() - started < MAX_S


@pytest.mark.parametrize(
    "question", ["merging since 2023 " * 60, "merging since 2023 " + "a" * 990]
)
def test_a_long_text_states_nothing(named: Library, question: str) -> None:
    reading = understand(named, question)
    assert (reading.text, reading.spans) == (question, ())
