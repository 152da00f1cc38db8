"""Tokens of plain texts against those of the library."""

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from search.embedding.folder import BertFolder
from search.embedding.open import default_folder
from search.embedding.word_pieces import WordPieces

ENTRIES, MAX_TOKENS = 30_522, 256
TEXTS = (
    *("", " ", "a", "?", "Merging LoRA adapters (rank-8)?", "data-free", "it's 3.14%"),
    *("x" * 100, "x" * 101, "word " * 300, "un##able", "a\x00b\x7f c\td\ne\x0bf\x0cg"),
    *("qzxjkqv", "antidisestablishmentarianism", "{}<>|~^`\\", "$\\alpha$-divergence"),
)


@pytest.fixture(scope="module")
def library() -> Tokenizer:
    return BertFolder.read(default_folder()).tokenizer()


@pytest.fixture(scope="module")
def pieces() -> WordPieces:
    found = WordPieces.read(default_folder(), ENTRIES, MAX_TOKENS)
    assert found is not None
    return found


@pytest.mark.parametrize("text", TEXTS)
def test_tokens_are_those_of_the_library(pieces: WordPieces, library: Tokenizer, text: str) -> None:
    assert pieces.ids(text) == library.encode(text).ids


@given(st.text(st.characters(max_codepoint=127, exclude_characters="["), max_size=300))
def test_tokens_of_any_ascii_are_those_of_the_library(
    pieces: WordPieces, library: Tokenizer, text: str
) -> None:
    assert pieces.ids(text) == library.encode(text).ids


def test_words_of_the_vocabulary_are_cut_as_by_the_library(
    pieces: WordPieces, library: Tokenizer
) -> None:
    chance = random.Random(7)
    words = [word for word in library.get_vocab() if word.isascii() and "[" not in word]
    for _ in range(2_000):
        text = "".join(chance.choice(words).removeprefix("##") for _ in range(3))
        assert pieces.ids(text) == library.encode(text).ids, text


@pytest.mark.parametrize("text", ["naïve", "模型合并", "a [MASK] here", "100 µm"])
def test_other_texts_are_left_to_the_library(pieces: WordPieces, text: str) -> None:
    assert pieces.ids(text) is None


@pytest.mark.parametrize("word", ["merging", "##ing", "qzxjkqv", "Merging", "[CLS]", "模"])
def test_the_vocabulary_is_that_of_the_library(
    pieces: WordPieces, library: Tokenizer, word: str
) -> None:
    assert (word in pieces) == (library.token_to_id(word) is not None)


def test_few_pieces_and_many_are_found_alike() -> None:
    texts = [*TEXTS, *("merging of models", "quantised qzxj") * 40]
    pieces = [WordPieces.read(default_folder(), ENTRIES, MAX_TOKENS) for _ in texts]
    (many, *_) = pieces
    assert many is not None
    assert [many.ids(text) for text in texts] == [
        one.ids(text) for one, text in zip(pieces, texts, strict=True) if one is not None
    ]
    for word in ("merging", "of\nto", "", "\ud800", "模", "no such piece"):
        fresh = WordPieces.read(default_folder(), ENTRIES, MAX_TOKENS)
        assert fresh is not None
        assert (word in fresh) == (word in many)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("vocab.txt", b"[CLS]\n[SEP]\n[UNK]\na\n"),
        ("vocab.txt", b"\xff"),
        ("vocab.txt", b""),
        ("vocab.txt", b"word\n" * ENTRIES),
        ("vocab.txt", b"".join(b"%d\n" % number for number in range(ENTRIES))),
        ("vocab.txt", None),
        ("tokenizer_config.json", None),
        ("tokenizer_config.json", b"{"),
        ("tokenizer_config.json", b"[]"),
        ("tokenizer_config.json", {"do_lower_case": False}),
        ("tokenizer_config.json", {"tokenizer_class": "MPNetTokenizer"}),
        ("tokenizer_config.json", {"strip_accents": False}),
        ("tokenizer_config.json", {"tokenize_chinese_chars": False}),
    ],
)
def test_another_vocabulary_or_another_tokenizer_is_left_to_the_library(
    tmp_path: Path, name: str, content: Any
) -> None:
    for each in ("vocab.txt", "tokenizer_config.json"):
        shutil.copy(default_folder() / each, tmp_path)
    assert WordPieces.read(tmp_path, ENTRIES, MAX_TOKENS) is not None
    path = tmp_path / name
    if content is None:
        path.unlink()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(json.dumps(json.loads(path.read_text()) | content))
    plain = content in ({"strip_accents": False}, {"tokenize_chinese_chars": False})
    # ASCII has neither accents nor Chinese signs.
    assert (WordPieces.read(tmp_path, ENTRIES, MAX_TOKENS) is not None) == plain
