"""Cards for papers that nobody has read: predicted after a refresh, from those that are read."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ingest.cards.predictor import MAX_CARDS, MIN_CARDS, CardPredictor, CardTexts
from kg.cards.card import Card, WrittenFrom, fitting, read_part, record_of, values_of
from kg.records import Paper
from kg.store.catalogue import Catalogue
from kg.store.vectors import text_hash

SOURCE: Final = "predictor"
"""Source of predicted cards."""

_FORM: Final = 1
"""To be raised with every change of what is predicted from the same atlas."""


_PIECE: Final = 2_000
"""Papers that are predicted and committed together."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A paper whose vector is of title and abstract."""

    paper: Paper
    hashed: str
    """Hash of that text."""
    card: Card | None


def predict_cards(catalogue: Catalogue, model: str) -> int:
    """Predict what cards lack of the papers that have none, or one by title, and an abstract.

    A paper without an abstract gets nothing: of titles, vectors tell too little. Where neither the
    cards learnt from nor the papers changed since the last time, nothing is computed.

    Parameters
    ----------
    model : str
        Name of the embedding model whose stored vectors are used.

    Returns
    -------
    int
        Cards that are new or another now.
    """
    with catalogue.reading():
        read, unread = _last_read(catalogue, model), catalogue.cards.unread()
        if len(read) < MIN_CARDS:
            return 0
        state, wanted = _state_of_read(read, model), False
        for piece in _pieces(unread):
            for key, text in _with_abstract(catalogue, piece, model).items():
                _add(state, key, text)
                wanted = True
        if not wanted or catalogue.journal.cursor("cards", "predicted") == state.hexdigest():
            return 0
        predictor = _trained(catalogue, read, model)
    state, changed = _state_of_read(read, model), 0
    for piece in _pieces(unread):
        with catalogue.reading():
            texts = _with_abstract(catalogue, piece, model)
            vectors = catalogue.vectors.get(model, list(texts))
            words = catalogue.words.stems(list(texts))
        # Those that fail their checksums are without a vector until a refresh computes it.
        known = {key: text.paper for key, text in texts.items() if key in vectors}
        if known:
            fields = predictor.predict(_texts(known, vectors, words))
            changed += _store(catalogue, texts, dict(zip(known, fields, strict=True)))
        for key, text in texts.items():
            _add(state, key, text)
    catalogue.journal.set_cursor("cards", "predicted", state.hexdigest())
    return changed


def _pieces(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    return (keys[start : start + _PIECE] for start in range(0, len(keys), _PIECE))


def _last_read(catalogue: Catalogue, model: str) -> dict[int, _Text]:
    """Return the last papers that have a card from their abstract, to learn from, newest first."""
    found: dict[int, _Text] = {}
    for piece in _pieces(catalogue.cards.read()[::-1]):
        found |= _with_abstract(catalogue, piece, model)
        if len(found) >= MAX_CARDS:
            break
    return dict(list(found.items())[:MAX_CARDS])


def _with_abstract(catalogue: Catalogue, keys: Sequence[int], model: str) -> dict[int, _Text]:
    """Return those papers of `keys` whose vector is of title and abstract."""
    hashes = catalogue.vectors.text_hashes(model, keys)
    have = [key for key in keys if key in hashes]
    cards = catalogue.cards.get(have)
    papers = zip(have, catalogue.papers.get(have), strict=True)
    return {
        key: _Text(paper, hashes[key], cards.get(key))
        for key, paper in papers
        if hashes[key] != text_hash(paper.title)
    }


def _trained(catalogue: Catalogue, read: Mapping[int, _Text], model: str) -> CardPredictor:
    keys = list(read)
    vectors, words = catalogue.vectors.get(model, keys), catalogue.words.stems(keys)
    known = {key: text.paper for key, text in read.items() if key in vectors}
    cards = [card for key in known if (card := read[key].card)]
    return CardPredictor(_texts(known, vectors, words), cards)


def _store(
    catalogue: Catalogue,
    texts: dict[int, _Text],
    predictions: Mapping[int, Mapping[str, tuple[str, float]]],
) -> int:
    """Store predicted cards, put them into `texts`, and return how many are others now."""
    changed = 0
    with catalogue.writing():
        keys = list(predictions)
        there, sources = catalogue.cards.get(keys), catalogue.cards.sources(keys)
        papers = catalogue.papers.existing(keys)
        for key, fields in predictions.items():
            paper, old = texts[key].paper, texts[key].card
            # Unless somebody else wrote a card meanwhile, or removed the paper.
            if key not in papers or there.get(key) != old:
                continue
            base = read_part(old) if old else None
            if (card := _predicted(base, fields)) == old:
                continue
            changed += 1
            if card:
                catalogue.cards.put(paper.id, card, sources[key] if base else SOURCE)
            else:
                catalogue.cards.remove(paper.id)
            texts[key] = replace(texts[key], card=card)
    return changed


def _predicted(base: Card | None, fields: Mapping[str, tuple[str, float]]) -> Card | None:
    """Return a paper's card, or None where not even its kind can be stated."""
    known = {} if base is None else {"kind": base.kind}
    stated = {name: pair for name, pair in fields.items() if name not in known}
    if base is None and "kind" not in stated:
        return None
    values = values_of({name: value for name, (value, _) in stated.items()})
    card = replace(base, **values) if base else Card(**values, by=WrittenFrom.MODEL)
    card = fitting(card)
    sure = tuple((name, pair[1]) for name, pair in stated.items() if getattr(card, name))
    return replace(card, confidence=sure)


def _texts(
    papers: Mapping[int, Paper], vectors: Mapping[int, bytes], words: Mapping[int, str]
) -> CardTexts:
    rows = np.frombuffer(b"".join(vectors[key] for key in papers), "<f4")
    titles = [paper.title for paper in papers.values()]
    abstracts = [paper.abstract or words.get(key) for key, paper in papers.items()]
    return CardTexts(rows.reshape(len(papers), -1), titles, abstracts)


def _state_of_read(read: Mapping[int, _Text], model: str) -> "hashlib._Hash":
    """Return the beginning of a digest of all that predictions depend on, and of them."""
    with_abstract = sum(text.paper.abstract is not None for text in read.values())
    digest = hashlib.sha256(json.dumps([_FORM, model, with_abstract]).encode())
    for key, text in read.items():
        _add(digest, key, text)
    return digest


def _add(digest: "hashlib._Hash", key: int, text: _Text) -> None:
    record = record_of(text.card) if text.card else None
    digest.update(json.dumps([key, text.hashed, record], sort_keys=True).encode())
