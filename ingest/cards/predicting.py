"""Cards for papers that nobody has read: predicted after a refresh, from those that are read."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from ingest.cards.predictor import MAX_CARDS, MIN_CARDS, CardPredictor, CardTexts
from kg.cards.card import Card, WrittenFrom, fitting, read_part, record_of, values_of
from kg.files.arrays import read_arrays, write_arrays
from kg.records import Paper
from kg.store.catalogue import Catalogue
from kg.store.vectors import text_hash

SOURCE: Final = "predictor"
"""Source of predicted cards."""

_FORM: Final = 1
"""To be raised with every change of what is predicted from the same atlas."""
_FILE: Final = "card-predictor.npz"
_FILE_FORM: Final = 1
"""To be raised with every change of what the file holds."""
_CURSOR: Final = ("cards", "predicted-until")
_PIECE: Final = 2_000
"""Papers that are predicted and committed together."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A paper whose vector is of title and abstract."""

    paper: Paper
    hashed: str
    """Hash of that text."""
    card: Card | None

    @property
    def is_unread(self) -> bool:
        """Whether nobody wrote the card from an abstract."""
        return self.card is None or self.card.by in (WrittenFrom.TITLE, WrittenFrom.MODEL)


@dataclass(frozen=True, slots=True)
class _Progress:
    """What was predicted so far, as a cursor of the catalogue."""

    learnt: str
    """Digest of what was learnt from, and how."""
    since: int | None
    """All that changed after this revision is to be predicted; None: all papers."""
    until: int
    """Revision at which the list of these papers was made."""
    reached: int | None = None
    """The last of these papers, by key, that is predicted; None where all are."""

    @classmethod
    def stored(cls, catalogue: Catalogue) -> "_Progress | None":
        found = catalogue.journal.cursor(*_CURSOR)
        return cls(*json.loads(found)) if found else None

    def store(self, catalogue: Catalogue) -> None:
        catalogue.journal.set_cursor(*_CURSOR, json.dumps(astuple(self)))


def predict_cards(catalogue: Catalogue, model: str, cache: Path | None = None) -> int:
    """Predict what cards lack of the papers that have none, or one by title, and an abstract.

    A paper without an abstract gets nothing: of titles, vectors tell too little. Only papers that
    changed since the last time are predicted, unless the cards learnt from did. A run that was
    killed goes on where it was.

    Parameters
    ----------
    model : str
        Name of the embedding model whose stored vectors are used.
    cache : Path, optional
        Folder in which the predictor is kept, to be used again while the cards that it is learnt
        from are the same; that it cannot be written is no error.

    Returns
    -------
    int
        Cards that are new or another now.
    """
    with catalogue.reading():
        last, revision = _Progress.stored(catalogue), catalogue.revision
        if last and last.reached is None and last.until == revision:
            return 0
        read = _last_read(catalogue, model)
        if len(read) < MIN_CARDS:
            return 0
        learnt = _digest(read, model)
        if last is None or last.learnt != learnt:
            progress = _Progress(learnt, None, revision, -1)
        elif last.reached is None:
            progress = _Progress(learnt, last.until, revision, -1)
        else:
            progress = replace(last, until=revision)
        wanted = _wanted(catalogue, model, progress, last)
    predictor: CardPredictor | None = None
    changed = 0
    for piece in _pieces(wanted):
        with catalogue.reading():
            texts = _with_abstract(catalogue, piece, model)
            texts = {key: text for key, text in texts.items() if text.is_unread}
            vectors = catalogue.vectors.get(model, list(texts))
            words = catalogue.words.stems(list(texts))
        # Those that fail their checksums are without a vector until a refresh computes it.
        known = {key: text.paper for key, text in texts.items() if key in vectors}
        fields: list[dict[str, tuple[str, float]]] = []
        if known:
            predictor = predictor or _predictor(catalogue, read, model, cache, learnt)
            fields = predictor.predict(_texts(known, vectors, words))
        with catalogue.writing():
            alone = catalogue.revision == progress.until
            some = _store(catalogue, texts, dict(zip(known, fields, strict=True)))
            # Where nobody else wrote meanwhile, what changed is from here.
            until = progress.until + (some > 0) if alone else progress.until
            progress = replace(progress, until=until, reached=piece[-1])
            progress.store(catalogue)
        changed += some
    replace(progress, since=None, reached=None).store(catalogue)
    return changed


def take_as_predicted(catalogue: Catalogue, model: str) -> None:
    """Take what cards an atlas has for what `predict_cards` would say: of an atlas made up."""
    with catalogue.reading():
        digest, revision = _digest(_last_read(catalogue, model), model), catalogue.revision
    _Progress(digest, None, revision).store(catalogue)


def _wanted(
    catalogue: Catalogue, model: str, progress: _Progress, last: _Progress | None
) -> list[int]:
    """Return the papers that are to be predicted, in order; some of them may be read, or gone."""

    def changed(since: int) -> set[int]:
        return {*catalogue.changes.papers(since), *catalogue.vectors.changed(model, since)}

    every = catalogue.cards.unread() if progress.since is None else changed(progress.since)
    reached = -1 if progress.reached is None else progress.reached
    wanted = {key for key in every if key > reached}
    if reached >= 0 and last:
        wanted |= changed(last.until)
    return sorted(wanted)


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


def _predictor(
    catalogue: Catalogue, read: Mapping[int, _Text], model: str, cache: Path | None, learnt: str
) -> CardPredictor:
    """Return the predictor that some papers teach, from its file where that is of these."""
    path, name = cache and cache / _FILE, f"{_FILE_FORM} {learnt}"
    if path and (found := read_arrays(path)) and str(found.get("name")) == name:
        return CardPredictor.from_arrays(found)
    vectors = catalogue.vectors.get(model, list(read))
    predictor = _trained(catalogue, read, vectors)
    if path and len(vectors) == len(read):
        # A cache that cannot be kept costs time, not cards.
        with suppress(OSError):
            write_arrays(path, {"name": np.array(name), **predictor.arrays()})
    return predictor


def _trained(
    catalogue: Catalogue, read: Mapping[int, _Text], vectors: Mapping[int, bytes]
) -> CardPredictor:
    words = catalogue.words.stems(list(read))
    known = {key: text.paper for key, text in read.items() if key in vectors}
    cards = [card for key in known if (card := read[key].card)]
    return CardPredictor.trained(_texts(known, vectors, words), cards)


def _store(
    catalogue: Catalogue,
    texts: Mapping[int, _Text],
    predictions: Mapping[int, Mapping[str, tuple[str, float]]],
) -> int:
    """Store predicted cards, and return how many are others now."""
    keys = list(predictions)
    there, sources = catalogue.cards.get(keys), catalogue.cards.sources(keys)
    papers, changed = catalogue.papers.existing(keys), dict[int, tuple[Card, str] | None]()
    for key, fields in predictions.items():
        old = texts[key].card
        # Unless somebody else wrote a card meanwhile, or removed the paper.
        if key not in papers or there.get(key) != old:
            continue
        base = read_part(old) if old else None
        if (card := _predicted(base, fields)) != old:
            changed[key] = (card, sources[key] if base else SOURCE) if card else None
    if changed:
        catalogue.cards.replace(changed)
    return len(changed)


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


def _digest(read: Mapping[int, _Text], model: str) -> str:
    """Return a digest of all that is learnt from, and of how."""
    with_abstract = sum(text.paper.abstract is not None for text in read.values())
    digest = hashlib.sha256(json.dumps([_FORM, model, with_abstract]).encode())
    for key, text in read.items():
        record = record_of(text.card) if text.card else None
        digest.update(json.dumps([key, text.hashed, record], sort_keys=True).encode())
    return digest.hexdigest()
