"""Terms of texts and of questions: words in lower case, without accents, stemmed."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import tantivy

from kg.store.word_documents import WordDocument
from search.index.words.fts5 import all_spellings
from search.index.words.letters import as_text, composed
from search.index.words.query_words import MAX_SPELLED
from search.index.words.spellings import PREFIXES, joined_pairs

TITLE_TIMES: Final = 3
"""How often a word of the title counts, the weight that FTS5's column has."""

_SPLIT_WORD = re.compile(rf"\b({'|'.join(PREFIXES)})[ -]([^\W_]{{3,}})", re.IGNORECASE)


def analyzer() -> tantivy.TextAnalyzer:
    """Return what makes terms of a text."""
    made = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for one in (
        tantivy.Filter.lowercase(),
        tantivy.Filter.ascii_fold(),
        tantivy.Filter.stemmer("english"),
    ):
        made = made.filter(one)
    return made.build()


def texts_of(paper: WordDocument) -> Iterator[str]:
    """Yield the texts by whose terms a paper is found, its title `TITLE_TIMES`."""
    for text in filter(None, (*[paper.title] * TITLE_TIMES, *paper.texts)):
        whole = composed(text)
        yield whole
        # So that a word is found as one term however it is written: fine-tuning as finetuning.
        if joined := _SPLIT_WORD.findall(whole):
            yield " ".join(map("".join, joined))


class QuestionTerms:
    """Makes terms of the words of questions."""

    def __init__(self) -> None:
        self._analyzer = analyzer()

    def of(self, word: str) -> tuple[str, ...]:
        """Return the terms of a word, or of words that are looked up together."""
        return tuple(self._analyzer.analyze(composed(as_text(word))))

    def with_spellings(self, words: Sequence[str]) -> dict[str, list[tuple[str, ...]]]:
        """Return for each word its terms in all spellings that papers may have."""
        found = {}
        for word, spelled in all_spellings(words).items():
            # What is written apart is indexed as one word, too.
            parts = (self.of(one) for one in spelled if one == word or " " not in one)
            found[word] = [one for one in dict.fromkeys(parts) if one]
        return found

    def asked(self, wanted: Sequence[str], text: str) -> list[tuple[str, ...]]:
        """Return the terms by which papers are ranked, those of a word or spelling together.

        A term of several words of the question comes for each, and counts for each, as in FTS5.

        Parameters
        ----------
        wanted : sequence of str
            The words of the text (`search.index.words.base.ranked_words`).
        text : str
            Neighbouring words of it are looked up as one word as well.
        """
        parts = [part for some in self.with_spellings(wanted).values() for part in some]
        if len(wanted) <= MAX_SPELLED:
            parts += filter(None, map(self.of, joined_pairs(text.lower())))
        return parts
