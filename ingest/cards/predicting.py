"""Cards for papers that nobody has read: predicted after a refresh, from those that are read."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

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
        hashes = catalogue.vectors.text_hashes(model)
        cards, unread = catalogue.cards.all(), set(catalogue.cards.unread())
        read = _with_abstract(catalogue, [key for key in cards if key not in unread], hashes)
        wanted = _with_abstract(catalogue, sorted(unread), hashes)
        if not wanted or len(read) < MIN_CARDS:
            return 0
        read = dict(sorted(read.items(), reverse=True)[:MAX_CARDS])  # The last that came.
        with_abstract = sum(paper.abstract is not None for paper in read.values())
        facts, used = [_FORM, model, with_abstract], [*read, *wanted]
        if catalogue.journal.cursor("cards", "predicted") == _state(facts, used, cards, hashes):
            return 0
        vectors, words = catalogue.vectors.get(model, used), catalogue.words.stems(used)
    # Those that fail their checksums are without a vector until a refresh computes it.
    read = {key: paper for key, paper in read.items() if key in vectors}
    wanted = {key: paper for key, paper in wanted.items() if key in vectors}
    predictor = CardPredictor(_texts(read, vectors, words), [cards[key] for key in read])
    predictions = predictor.predict(_texts(wanted, vectors, words))
    changed = 0
    with catalogue.writing():
        there = catalogue.cards.get(list(wanted))
        sources = catalogue.cards.sources(list(wanted))
        papers = catalogue.papers.existing(list(wanted))
        for (key, paper), fields in zip(wanted.items(), predictions, strict=True):
            old = cards.get(key)
            # Unless somebody else wrote a card meanwhile, or removed the paper.
            if key not in papers or there.get(key) != old:
                continue
            base = read_part(old) if old else None
            if (card := _predicted(base, fields)) == old:
                continue
            changed += 1
            if card:
                catalogue.cards.put(paper.id, card, sources[key] if base else SOURCE)
                cards[key] = card
            else:
                catalogue.cards.remove(paper.id)
                del cards[key]
        catalogue.journal.set_cursor("cards", "predicted", _state(facts, used, cards, hashes))
    return changed


def _with_abstract(
    catalogue: Catalogue, keys: Sequence[int], hashes: Mapping[int, str]
) -> dict[int, Paper]:
    """Return those papers of `keys` whose vector is of title and abstract."""
    have = [key for key in keys if key in hashes]
    papers = zip(have, catalogue.papers.get(have), strict=True)
    return {key: paper for key, paper in papers if hashes[key] != text_hash(paper.title)}


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


def _state(
    facts: list[Any], keys: Sequence[int], cards: Mapping[int, Card], hashes: Mapping[int, str]
) -> str:
    """Return a digest of all that predictions depend on, and of the predictions."""
    digest = hashlib.sha256(json.dumps(facts).encode())
    for key in keys:
        record = record_of(cards[key]) if key in cards else None
        digest.update(json.dumps([key, hashes[key], record], sort_keys=True).encode())
    return digest.hexdigest()
