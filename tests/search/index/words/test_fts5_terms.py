"""Terms of texts: FTS5's, and compounds for what is written apart."""

import sqlite3
import threading
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.store.stemming import TOKENIZER
from search.index.words import fts5_terms
from search.index.words.fts5_terms import Fts5Terms, compound
from search.index.words.spellings import other_spellings

TEXT = "Fine-tuned naïve Models of IMAGES: merging_weights, 3D-vision and Straße; a GPT-4's"


def terms_of(text: str) -> list[str]:
    with closing(sqlite3.connect(":memory:")) as memory:
        memory.execute(f"CREATE VIRTUAL TABLE t USING fts5 (text, tokenize = '{TOKENIZER}')")
        memory.execute("CREATE VIRTUAL TABLE v USING fts5vocab (t, instance)")
        memory.execute("INSERT INTO t VALUES (?)", (text,))
        return [term for (term,) in memory.execute("SELECT term FROM v ORDER BY offset")]


def test_terms_are_those_of_fts5() -> None:
    assert Fts5Terms().of([TEXT]) == [terms_of(TEXT)]


@given(st.text("abcdeingsZÉéñßØ 9-_.'’—\n", max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text_has_the_terms_of_fts5(text: str) -> None:
    assert Fts5Terms().of([text]) == [terms_of(text)]


@pytest.mark.parametrize("text", ["", "?!", "__", "\u0301", "\ud800", "\0"])
def test_what_has_no_word_has_no_term(text: str) -> None:
    assert Fts5Terms().of([text, "a model"]) == [[], ["a", "model"]]


def test_a_prefix_makes_a_compound_with_what_follows() -> None:
    made = Fts5Terms()
    (found,) = made.of(["Low-rank, cross lingual and fine  tuning. Transfer"])
    assert made.compounds(found) == ["low+rank", "cross+lingual", "fine+tune"]
    apart = [one for one in other_spellings("finetuning") if " " in one]
    assert [compound(one) for one in made.of(apart)] == ["fine+tune"]


def test_it_forgets_words_that_it_has_not_seen_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fts5_terms, "_MAX_KNOWN", 50)
    made = Fts5Terms()
    for start in range(0, 400, 10):
        wanted = [f"word{n}" for n in range(start, start + 40)]
        assert made.of([" ".join(wanted)]) == [wanted]
        assert len(made._stems) <= 80


def test_threads_share_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fts5_terms, "_MAX_KNOWN", 20)
    made, wrong = Fts5Terms(), []

    def ask(first: int) -> None:
        for start in range(40):
            wanted = [f"word{first * 7 + start + n}" for n in range(12)]
            if made.of([" ".join(wanted)]) != [wanted]:
                wrong.append(wanted)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
