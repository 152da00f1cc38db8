"""Word counts of abstracts that do not come with a snapshot: figures, not sentences.

The file has a vocabulary, one word for each stem, and for each paper the numbers of its words by
their counts. Order, endings, and the words that every question has are gone.
"""

import gzip
import json
import re
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import accumulate, pairwise

from kg.snapshot.data_files import packed_text
from kg.store.stemming import stems

MAX_COUNT = 4
"""The greatest count that is kept: BM25 hardly tells greater ones apart."""

_ADDRESS = re.compile(r"\w+://\S+")
_WORD = re.compile(r"[^\W_]+")


def packed_stems(abstracts: Sequence[str | None], stop_words: Collection[str]) -> bytes:
    """Return the words of abstracts as a gzipped file.

    A word stands for all words of its stem; it is the most frequent one, since FTS5 would stem a
    stem again.

    Parameters
    ----------
    abstracts : sequence of str or None
        None where it is unknown.
    stop_words : collection of str
        Words that are left out, in lower case.

    Examples
    --------
    >>> unpacked_stems(packed_stems(["It merges merged models.", None, "Merged."], {"it"}))
    ['merged merged models', '', 'merged']
    """
    words = [_WORD.findall(_ADDRESS.sub(" ", text or "").lower()) for text in abstracts]
    frequency = Counter(word for some in words for word in some if word not in stop_words)
    stem = {word: min(found) for word, found in stems(frequency).items() if len(found) == 1}
    vocabulary: dict[str, tuple[int, str]] = {}
    # The most frequent first, so that most numbers are small.
    for word in sorted(stem, key=lambda word: (-frequency[word], word)):
        vocabulary.setdefault(stem[word], (len(vocabulary), word))
    rows = []
    for some in words:
        counts = Counter(vocabulary[stem[word]][0] for word in some if word in stem)
        numbers = [
            number for number in sorted(counts) for _ in range(min(counts[number], MAX_COUNT))
        ]
        # Differences, which take less space.
        rows.append([b - a for a, b in pairwise([0, *numbers])])
    made = {"words": [word for _, word in vocabulary.values()], "papers": rows}
    return packed_text(json.dumps(made, ensure_ascii=False, separators=(",", ":")))


def unpacked_stems(data: bytes) -> list[str]:
    """Return, for each paper, the text that is indexed: its words by their counts.

    Raises
    ------
    ValueError, KeyError, TypeError, IndexError
        If the data are not what `packed_stems` returns.
    """
    made = json.loads(gzip.decompress(data))
    words = made["words"]
    return [" ".join([words[number] for number in accumulate(row)]) for row in made["papers"]]
