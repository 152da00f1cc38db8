"""Rows of a collection of words: papers with their terms, names and what they are filtered by."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from kg.store.catalogue import Catalogue
from kg.store.word_documents import WordDocument
from search.index.milvus.content import Header, Row
from search.index.milvus.limits import MAX_NAME_BYTES, MAX_TEXT_BYTES
from search.index.milvus.papers import facts
from search.index.words.query_words import names_of
from search.index.words.terms import analyzer, texts_of

if TYPE_CHECKING:
    from search.index.milvus.schema import CollectionSchema, IndexParams

FORMAT: Final = "lfm-milvus-words-1"


class WordContent:
    """Words of papers; see `search.index.milvus.content.Content`."""

    field = "bm25"
    # There, words are counted by segment, and a segment of new papers has few of them.
    whole_in_files = True

    def __init__(self) -> None:
        self._analyzer = analyzer()

    def header(self, catalogue: str) -> Header:
        """Return the header of a new collection of a catalogue."""
        return Header(FORMAT, catalogue)

    def add_fields(self, schema: "CollectionSchema") -> None:
        """Add terms, names and BM25."""
        from search.index.milvus.schema import add_words

        add_words(schema)

    def add_index(self, params: "IndexParams", is_file: bool) -> None:  # noqa: ARG002  (the same)
        """Add the index of BM25."""
        from search.index.milvus.schema import add_words_index

        add_words_index(params)

    def rows(self, catalogue: Catalogue, keys: Sequence[int]) -> list[Row]:
        """Return the rows of those papers of `keys` that exist."""
        return [self._row(one) for page in catalogue.word_documents.of(keys) for one in page]

    def changed(self, catalogue: Catalogue, since: int) -> Iterable[int]:
        """Return the papers that changed after a revision, or went."""
        return catalogue.changes.papers(since)

    def _row(self, paper: WordDocument) -> Row:
        # Ten thousand words; what is cut off is the end of a very long list of authors.
        terms = " ".join(term for text in texts_of(paper) for term in self._analyzer.analyze(text))
        name, short_name = map(stored_name, names_of(paper.title))
        return {
            "key": paper.key,
            "terms": _cut(terms, MAX_TEXT_BYTES),
            "name": name,
            "short_name": short_name,
            **facts(paper.withdrawn, paper.topics, paper.categories, paper.card, paper.appeared),
        }


def stored_name(name: str) -> str:
    """Return a name as rows have it: the start of a long one."""
    return _cut(name, MAX_NAME_BYTES)


def _cut(text: str, most: int) -> str:
    """Return the words that begin a text, of no more than so many bytes."""
    encoded = text.encode()
    if len(encoded) <= most:
        return text
    return encoded[: most + 1].rpartition(b" ")[0].decode()
