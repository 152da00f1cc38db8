"""What methods need or lack, by questions; the words stay part of the subject."""

import pytest

from search.understanding.known import Known
from search.understanding.needs import spans
from search.understanding.reading import Span, Stated, chosen
from search.understanding.words import Words
from tests.support.understanding import read_by, text_without


@pytest.mark.parametrize(
    ("question", "needs"),
    [
        ("merge models without any training data", ["data none"]),
        ("data-free distillation", ["data none"]),
        ("merging with no data", ["data none"]),
        ("merging without access to the original training set", ["data none"]),
        ("I can't see the weights of my model", ["access black-box"]),
        ("I don't have any training data, merging", ["data none"]),
        ("without access to any of the original training data", ["data none"]),
        ("ohne Trainingsdaten zusammenführen", ["data none"]),
        ("sin datos de entrenamiento", ["data none"]),
        ("distilling BERT with no labels", ["data unlabeled"]),
        ("label-free distillation", ["data unlabeled"]),
        ("without human annotations", ["data unlabeled"]),
        ("I only have unlabeled data", ["data unlabeled"]),
        ("few-shot adapter tuning", ["data few"]),
        ("16-shot prompt tuning", ["data few"]),
        ("tuning with a handful of examples", ["data few"]),
        ("only a few labeled images for tuning", ["data few"]),
        ("instruction tuning with synthetic data", ["data synthetic"]),
        ("tuning on self-generated instruction data", ["data synthetic"]),
        ("distilling with labeled data", ["data labeled"]),
        ("black-box prompt tuning, API only", ["access black-box"]),
        ("black box tuning", ["access black-box"]),
        ("when I only have API access to the teacher", ["access black-box"]),
        ("closed LLMs that I can only call through an API", ["access black-box"]),
        ("distill a proprietary LLM", ["access black-box"]),
        ("editing without access to the weights", ["access black-box"]),
        ("tuning when I cannot see the weights", ["access black-box"]),
        ("tuning a model whose weights we cannot see", ["access black-box"]),
        ("tuning a model with hidden weights", ["access black-box"]),
        ("models with weights that nobody can read", ["access black-box"]),
        ("no access to the parameters", ["access black-box"]),
        ("without any access to the model's gradients", ["access black-box"]),
        ("teachers whose parameters I can't inspect", ["access black-box"]),
        ("models whose weights are not public", ["access black-box"]),
        ("the weights aren't released", ["access black-box"]),
        ("weights that are kept secret", ["access black-box"]),
        ("weights we have no access to", ["access black-box"]),
        ("we never see the parameters of the teacher", ["access black-box"]),
        ("no one can look at the weights", ["access black-box"]),
        ("models that do not release their weights", ["access black-box"]),
        ("vendors that hide the weights", ["access black-box"]),
        ("the vendor keeps its weights private", ["access black-box"]),
        ("white-box distillation", ["access white-box"]),
        ("with access to the model weights", ["access white-box"]),
        ("training-free merging", ["training none"]),
        ("merging w/o any fine tuning", ["training none"]),
        ("editing methods that need no training", ["training none"]),
        ("merging without fine-tuning the base model", ["training none"]),
        ("adapting without gradient updates", ["training none"]),
        ("model editing, no retraining", ["training none"]),
        ("I cannot train the model", ["training none"]),
        ("ohne erneutes Training", ["training none"]),
        ("merging without training data and without retraining", ["data none", "training none"]),
        ("merging without data or training", ["data none", "training none"]),
    ],
)
def test_needs_are_preferences_and_stay_subject(
    known: Known, question: str, needs: list[str]
) -> None:
    assert read_by(spans, known, question) == [f"~{one}" for one in needs]
    assert text_without(spans, known, question) == question


@pytest.mark.parametrize(
    "question",
    [
        "few and far between data points",
        "sampling without replacement",
        "deep learning without poor local minima",
        "no free lunch",
        "no data augmentation",
        "training without training instability",
        "tuning without weight decay",
        "one-shot pruning",
        "API misuse detection",
        "not data-free",
        "model training data",
        "labels and data",
        "weights that we can see",
        "weights that users can download",
        "hidden parameter decision processes",
        "how the weights are shared between layers",
        "closed form of the weights",
        "editing that does not change the weights",
        "Merging Models from Different Tasks without Training",
    ],
)
def test_what_only_sounds_like_a_need_is_none(known: Known, question: str) -> None:
    assert read_by(spans, known, question) == []


def test_a_need_within_a_longer_name_holds_beside_it(known: Known) -> None:
    words = Words("black-box prompt tuning")
    name = Span(0, 3, (Stated("about", "method/x", False),), stays=True)
    reading = chosen(words, [name, *spans(words, known)])
    assert [one.filter for span in reading.spans for one in span.stated] == ["about", "access"]
