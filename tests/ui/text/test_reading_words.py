"""What was understood of a question, in a line of plain words."""

import pytest

from kg.cards.card import CHOICES
from search.understanding.operators import Understood, understand
from ui.text.reading_words import conditions, line


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ("author Dacheng Tao", "by Dacheng Tao"),
        ("since 2023-05", "from 2023-05 on"),
        ("until 2019", "until 2019"),
        ("kind survey", "kind survey"),
        ("data none", "no data needed"),
        ("access black-box", "black-box access"),
        ("training none", "no training"),
        ("modality rl", "works on reinforcement learning"),
        ("category cs.CV", "in cs.CV"),
        ("venue ICLR", "at ICLR"),
        ("topic model-editing", "topic model-editing"),
        ("code yes", "with code"),
        ("order cited", "most cited first"),
        ("not vision", "without vision"),
        ("typo forgetting", "“as written” read as forgetting"),
        ("like 2203.05482", "2203.05482 and what is like it"),
    ],
)
def test_every_filter_has_its_words(stated: str, words: str) -> None:
    name, _, value = stated.partition(" ")
    assert line([Understood("as written", name, value, True)]) == words


def test_preferences_come_last_and_say_so() -> None:
    found = [
        Understood("vision", "modality", "vision", False),
        Understood("surveys", "kind", "survey", True),
        Understood("LoRA", "about", "method/lora", False),
        Understood("newest", "order", "newest", True),
        Understood("recent", "order", "newest", False),
    ]
    first = "kind survey; newest first; preferred: works on vision, about method/lora"
    assert line(found) == f"{first}, newest first"


def test_the_same_words_state_one_condition_together() -> None:
    (year,) = conditions(understand("merging year:2022-2024").understood)
    assert str(year) == "from 2022 to 2024"
    pair = [Understood("A vs B", "compare", f"method/{one}", False) for one in "ab"]
    assert line(pair) == "method/a and method/b compared"
    owners = [Understood("MoE", "about", f"method/moe-{one}", False) for one in "ab"]
    assert len(conditions(owners)) == 2


def test_no_value_of_a_card_is_told_by_its_code_alone() -> None:
    told = [line([Understood("w", name, v, True)]) for name in CHOICES for v in CHOICES[name]]
    assert len(set(told)) == len(told)
