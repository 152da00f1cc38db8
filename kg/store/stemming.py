"""Word stems as the full-text index has them: folded and stemmed by FTS5 itself."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing

from kg.text.plain import plain_text

TOKENIZER = "porter unicode61 remove_diacritics 2"
"""FTS5 tokenizer of the catalogue: lower case, without accents, English endings stripped."""


def stems(words: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the stems of each word, or text of several words: none without letter or digit.

    M. F. Porter, "An algorithm for suffix stripping", Program 14 (1980),
    https://doi.org/10.1108/eb046814.

    Examples
    --------
    >>> {word: min(found) for word, found in stems(["Merging", "merged", "naïve"]).items()}
    {'Merging': 'merg', 'merged': 'merg', 'naïve': 'naiv'}
    """
    asked = list(dict.fromkeys(words))
    # A question mark or space ends a word, as an unpaired surrogate and NUL should.
    clean = [plain_text(word).replace("\0", " ") for word in asked]
    found: dict[str, set[str]] = {word: set() for word in asked}
    with closing(sqlite3.connect(":memory:")) as memory:
        memory.execute(f"CREATE VIRTUAL TABLE texts USING fts5 (word, tokenize = '{TOKENIZER}')")
        memory.execute("CREATE VIRTUAL TABLE terms USING fts5vocab (texts, instance)")
        memory.execute(
            "INSERT INTO texts (rowid, word) SELECT key + 1, value FROM json_each(?)",
            (json.dumps(clean),),
        )
        for row, term in memory.execute("SELECT doc, term FROM terms"):
            found[asked[row - 1]].add(term)
    return {word: frozenset(terms) for word, terms in found.items()}
