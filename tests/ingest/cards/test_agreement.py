"""Agreement of two readers, against values computed by hand and by scikit-learn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.cards.agreement import ABSENT, agreement, kappa
from kg.cards.card import Access, Data, Kind, Modality
from tests.support.factories import card

PAIRS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2)


@given(PAIRS)
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    from sklearn.metrics import cohen_kappa_score

    first, second = zip(*pairs, strict=True)
    if len({*first, *second}) > 1:
        assert kappa(pairs) == pytest.approx(cohen_kappa_score(first, second))
    else:
        assert kappa(pairs) == 1


def test_each_field_is_compared_and_absence_is_a_value() -> None:
    first = {
        "a": card(),
        "b": card(data=Data.FEW, access=None),
        "c": card(kind=Kind.THEORY),
        "only here": card(),
    }
    second = {"a": card(), "b": card(data=Data.LABELED), "c": card(), "only there": card()}
    found = agreement(first, second)
    assert found.papers == 3
    assert found.fields["kind"].agreed == pytest.approx(2 / 3)
    assert found.fields["kind"].values["method"].f1 == pytest.approx(4 / 5)
    assert found.fields["data"].disagreements == {("few", "labeled"): 1}
    assert found.fields["access"].disagreements == {(ABSENT, Access.WHITE_BOX): 1}
    assert found.fields["training"].kappa == 1


def test_names_are_compared_by_their_letters_and_lists_by_what_is_in_both() -> None:
    first = {"a": card(models=("GPT-2", "T5"), modality=(Modality.TEXT,))}
    second = {"a": card(models=("gpt2", "BERT", "RoBERTa"), modality=())}
    found = agreement(first, second).lists
    assert (found["models"].both, found["models"].first, found["models"].second) == (1, 1, 2)
    assert found["models"].recall == 1 / 2
    assert found["models"].precision == 1 / 3
    assert found["models"].f1 == pytest.approx(2 / 5)
    assert found["modality"].recall == 0
    assert found["introduces"].f1 == 1


def test_readers_with_no_paper_in_common_agree_on_nothing() -> None:
    found = agreement({"a": card()}, {"b": card()})
    assert found.papers == 0
    assert found.fields["kind"].values == {}
