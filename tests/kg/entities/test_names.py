"""Forms of names, and where a name that nobody ruled on is one."""

import re

import pytest
from hypothesis import given

from kg.entities.entity import Recognised
from kg.entities.names import folded_name, named, recognised, slug, spellings
from tests.support.factories import TEXT

COMMON = {"expert", "merging", "patcher", "feature", "distillation", "LLM", "a", "prompt"}


@pytest.mark.parametrize(
    ("names", "folded"),
    [
        (("CIFAR-10", "CIFAR10", "cifar 10", "CIFAR_10"), "cifar10"),
        (("Low-Rank Adaptation", "low rank adaptation"), "lowrankadaptation"),
        (("(IA)³", "IA3", "(IA)3"), "ia3"),
        (("Tülu", "Tulu"), "tulu"),
        (("GPT-3.5", "GPT 3.5"), "gpt35"),
        (("LoRA+",), "lora+"),
        (("CLIP+X", "CLIP X"), "clipx"),
        (("CLIP++X", "CLIP+X", "CLIP X"), "clipx"),
        (("LoRA+", "LoRA+!"), "lora+"),
        (("—", ""), ""),
    ],
)
def test_spellings_of_a_name_are_one(names: tuple[str, ...], folded: str) -> None:
    assert {folded_name(one) for one in names} == {folded}


@given(TEXT)
def test_folding_twice_is_folding_once(text: str) -> None:
    once = folded_name(text)
    # A plus that ended a word within is one between two then.
    assert folded_name(once) == re.sub(r"\++(?=[^+])", "", once)


@given(TEXT)
def test_a_slug_is_words_with_hyphens(text: str) -> None:
    found = slug(text)
    assert all(part and part.isascii() and part.isalnum() for part in found.split("-")) or not found
    assert found == found.lower()


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("LoRA", Recognised.EXACT),
        ("ROME", Recognised.EXACT),
        ("Zapper", Recognised.EXACT),
        ("Patcher", Recognised.ASKED),
        ("patcher", Recognised.ASKED),
        ("Expert Merging", Recognised.EXACT),
        ("Expert-Merging", Recognised.EXACT),
        ("expert merging", Recognised.ASKED),
        ("Feature distillation", Recognised.ASKED),
        ("LLM merging", Recognised.ASKED),
        ("GAN-7 distillation", Recognised.ANY),
        ("self-Distil2 merging", Recognised.ANY),
    ],
)
def test_where_a_name_that_nobody_ruled_on_is_one(name: str, where: Recognised) -> None:
    assert recognised(name, COMMON) is where


def test_only_single_words_of_a_list_are_exact() -> None:
    assert named("CoT", True).recognised is Recognised.EXACT
    assert named("TIES-Merging", True).recognised is Recognised.EXACT
    assert named("Chain-of-thought", True).recognised is Recognised.ANY
    assert named("Task Vectors", True).recognised is Recognised.ANY
    assert named("CoT", False).recognised is Recognised.ANY
    assert named("CoT", True, {"CoT"}).recognised is Recognised.ASKED


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("task vector", {"task vectors"}),
        ("task vectors", {"task vector"}),
        ("Adaptive Averaging", set()),
        (
            "Policy Optimization",
            {"Policy Optimisation", "Policy Optimizations", "Policy Optimisations"},
        ),
        ("masked language modeling", {"masked language modelling"}),
        ("optimal loss", set()),
        ("LoRA", set()),
    ],
)
def test_other_spellings(name: str, others: set[str]) -> None:
    assert set(spellings(name)) == {name, *others}
