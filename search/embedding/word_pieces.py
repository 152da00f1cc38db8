"""The tokens of plain English questions, without the library that a whole tokenizer needs.

To open `tokenizer.json` by the library takes longer than the model's forward pass over a question.
"""

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_MAX_WORD_CHARS: Final = 100
"""A longer word is unknown: `max_input_chars_per_word` of `tokenizer.json`."""

_LEFT_OUT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_WORD: Final = re.compile(r"[a-z0-9]+|[^a-z0-9\s]")


_FEW: Final = 300
"""Pieces that are looked for in the vocabulary's text; to make a table of it takes as long."""


class Vocabulary:
    """The pieces of a vocabulary, each of which has its line's number as its id.

    Parameters
    ----------
    text : bytes
        UTF-8, a piece a line.
    """

    def __init__(self, text: bytes) -> None:
        self._text = b"\n%b\n" % text.removesuffix(b"\n")
        self._asked = 0
        self._ids: dict[str, int] | None = None

    def __len__(self) -> int:
        return self._text.count(b"\n") - 1

    def id_of(self, piece: str) -> int | None:
        """Return the id of a piece, or None where there is no such piece."""
        if self._ids is None and self._asked < _FEW:
            self._asked += 1
            place = self._text.find(b"\n%b\n" % piece.encode(errors="surrogatepass"))
            return None if place < 0 or "\n" in piece else self._text.count(b"\n", 0, place)
        if self._ids is None:
            pieces = self._text[1:-1].decode(errors="replace").split("\n")
            self._ids = dict(zip(pieces, itertools.count()))
        return self._ids.get(piece)


class WordPieces:
    """WordPiece (Schuster and Nakajima 2012) as BERT's uncased models use it, for ASCII.

    A word is cut into the longest pieces of the vocabulary from its start on, all but the first of
    which begin with ``##``.

    Parameters
    ----------
    vocabulary : Vocabulary
        With ``[CLS]``, ``[SEP]`` and ``[UNK]``.
    max_tokens : int
        Tokens after which a text is cut off, [CLS] and [SEP] included.

    Raises
    ------
    ValueError
        If the vocabulary lacks one of these.
    """

    def __init__(self, vocabulary: Vocabulary, max_tokens: int) -> None:
        self._vocabulary = vocabulary
        self._max_tokens = max_tokens
        self._first, self._last, self._unknown = (
            self._special(token) for token in ("[CLS]", "[SEP]", "[UNK]")
        )

    @classmethod
    def read(cls, folder: Path, size: int, max_tokens: int) -> "WordPieces | None":
        """Read the vocabulary of a model folder; None where it is not that of an uncased BERT.

        Parameters
        ----------
        size : int
            Entries that the vocabulary should have.
        """
        try:
            about = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
            if about["tokenizer_class"] != "BertTokenizer" or not about["do_lower_case"]:
                return None
            vocabulary = Vocabulary((folder / "vocab.txt").read_bytes())
            return cls(vocabulary, max_tokens) if len(vocabulary) == size else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def __contains__(self, word: str) -> bool:
        return self._vocabulary.id_of(word) is not None

    def _special(self, token: str) -> int:
        found = self._vocabulary.id_of(token)
        if found is None:
            raise ValueError(f"no {token} in the vocabulary")
        return found

    def ids(self, text: str) -> list[int] | None:
        """Return the ids of a text's tokens, or None where it needs the whole tokenizer.

        Those are texts beyond ASCII, whose signs have rules of their own, and texts with brackets,
        which may name a special token.
        """
        if not text.isascii() or "[" in text:
            return None
        words = _WORD.finditer(_LEFT_OUT.sub("", text).lower())
        pieces = itertools.chain.from_iterable(self._pieces(word[0]) for word in words)
        return [self._first, *itertools.islice(pieces, self._max_tokens - 2), self._last]

    def _pieces(self, word: str) -> list[int]:
        if len(word) > _MAX_WORD_CHARS:
            return [self._unknown]
        found, start = [], 0
        while start < len(word):
            for end, piece in self._from(word, start):
                if (known := self._vocabulary.id_of(piece)) is not None:
                    found.append(known)
                    start = end
                    break
            else:
                return [self._unknown]
        return found

    def _from(self, word: str, start: int) -> Iterator[tuple[int, str]]:
        # The longest first.
        mark = "##" if start else ""
        return ((end, mark + word[start:end]) for end in range(len(word), start, -1))
