"""TF-IDF of stems is that of scikit-learn."""

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from ingest.cards.word_features import StemFeatures, _stemmed

TEXTS = [
    "Merging of merged models: a merged survey",
    "The survey of adapters and of prompts",
    "Adapters adapt models; prompts prompt adapters",
    "...",
    "Nothing shared",
]


def test_weights_are_those_of_scikit_learn() -> None:
    ours = StemFeatures.of(TEXTS)
    theirs = TfidfVectorizer(analyzer=lambda words: words, sublinear_tf=True, min_df=2)
    words = _stemmed(TEXTS)
    theirs.fit([*words, ["model"], ["model"]])
    assert np.allclose(ours.learnt.toarray(), theirs.transform(words).toarray())
    new = ["Prompts of prompts of adapters", "unknown", ""]
    assert np.allclose(ours.rows(new).toarray(), theirs.transform(_stemmed(new)).toarray())


def test_what_is_kept_makes_the_same_features() -> None:
    ours = StemFeatures.of(TEXTS)
    again = StemFeatures.from_arrays(ours.arrays())
    assert (again.rows(TEXTS) != ours.rows(TEXTS)).nnz == 0
    assert (again.learnt != ours.learnt).nnz == 0


def test_texts_that_share_no_stem_have_features_of_nothing() -> None:
    assert not StemFeatures.of(["one", "two"]).learnt.nnz
