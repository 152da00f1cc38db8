"""Atlases of any size, made of real papers: what `benchmarks/scale.py` measures.

    python benchmarks/scale_atlas.py ../shared/data/papers.jsonl.gz FOLDER 3000 10000 100000

Each size becomes a home folder `FOLDER/SIZE` (what `LFM_HOME` names). It is made once: a folder
that is there is used again, and one whose making was interrupted is gone on with. In an atlas
stand, in this order:

1. The bundled snapshot as it is: titles, cards, placements, entities, citations and vectors of real
   papers, and words of their abstracts in no order. Of a size below it, a random part.
2. Real papers of the given file that the snapshot lacks, in random order: about 48,000.
3. Synthetic ones: the papers of 2 again and again, with changed words. An atlas of a million
   is therefore synthetic to 94 %.

What the file lacks is made up: a paper's vector is that of its title by the project's model
(computed once, `FOLDER/titles.npy`); placements and card are those of the snapshot's paper that is
nearest by the vectors, as a model's, and relations to entities (but for introductions) too where
the cosine is at least 0.6.

A synthetic paper repeats authors, date and categories. Of the chunks between blanks of its title
and abstract, each is replaced with a probability of 0.3 by a random one of the same class of
frequency over all papers: ranks up to 1.25 times each other, both with a full stop at the end or
neither; the 100 most frequent chunks stay. So words of synthetic papers occur in about the share of
papers in which they really do, and no new words arise. The title ends with one more word of the
others, which differs from copy to copy, so that titles are unique. The vector is that of the
repeated paper with Gaussian noise of a length of 0.4 to 0.8, normalised: a cosine of 0.93 to 0.78.
In all dimensions alike, it is harder to index than real papers' neighbours are. All random numbers
are seeded.
"""

import argparse
import gzip
import json
import os
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does, before NumPy

import numpy as np
import numpy.typing as npt

from ingest.cards.predicting import take_as_predicted
from ingest.embedding import embed_missing
from kg.cards.card import record_of
from kg.entities.entity import Relation
from kg.records import embedded_text
from kg.snapshot import bundled
from kg.store.bulk import StoredPaper, insert_papers, insert_rows
from kg.store.catalogue import Catalogue
from kg.store.vectors import text_hash
from search.embedding.bulk import embed_papers
from search.embedding.open import DEFAULT, open_embedder
from search.index.base import stored_vectors

Vectors = npt.NDArray[np.float32]

PART = 20_000
"""Papers that are committed together; memory grows with it and not with the atlas."""
CHANGED = 0.3
"""Probability that a chunk of text is replaced."""
KEPT_RANKS = 100
CLASS_RATIO = 1.25
NOISE = 0.4, 0.8
"""Shortest and longest noise that is added to a vector of length 1."""
RELATED_COSINE = 0.6
DOI = "10.5555/atlas.{}.{}"
"""DOI of a synthetic paper, by its number of the copy and of the repeated paper."""


def home(file: Path, folder: Path, size: int) -> Path:
    """Return the home folder of an atlas of `size` papers, which is made where it is not there.

    Parameters
    ----------
    file : Path
        Records of papers, one a line of gzipped JSON (`arxiv_id`, `title`, `abstract`, ...).
    """
    done = folder / str(size)
    if done.exists():
        return done
    draft = folder / f"{size}.making"
    draft.mkdir(parents=True, exist_ok=True)
    path = draft / "atlas.sqlite"
    bundled.unpack(path)
    with Catalogue(path) as catalogue:
        catalogue.database.write_as_draft()
        extra = catalogue.size() - size
        if extra > 0:
            with catalogue.writing():
                every = sorted(one.id for one in catalogue.papers.get(catalogue.papers.keys()))
                for name in random.Random(0).sample(every, extra):
                    catalogue.papers.remove(name)
        elif extra:
            repeated = Repeated.read(catalogue, file, folder)
            for at in range(catalogue.size() - repeated.bundled, size - repeated.bundled, PART):
                add_part(catalogue, repeated, at, min(at + PART, size - repeated.bundled))
                print(f"{catalogue.size():,} of {size:,} papers", file=sys.stderr)
        # What is derived from papers counts as up to date: an addition is to cost what is new.
        catalogue.cards.keep_written()
        catalogue.reads.mark(catalogue.reads.unread())
        take_as_predicted(catalogue, DEFAULT)
        embed_missing(catalogue, open_embedder())
        catalogue.database.checkpoint()
    draft.rename(done)
    return done


class Texts:
    """Texts as arrays of numbers of chunks, which are in order of their class of frequency."""

    def __init__(self, texts: list[str]) -> None:
        counts = Counter(chunk for text in texts for chunk in text.split())
        # Most frequent first, in two groups: sentences keep their ends.
        ranked = sorted(counts, key=lambda chunk: (chunk.endswith("."), -counts[chunk], chunk))
        number = {chunk: at for at, chunk in enumerate(ranked)}
        self._chunks = ranked
        self._texts = [
            np.fromiter((number[one] for one in text.split()), np.int32) for text in texts
        ]
        ends = np.array([chunk.endswith(".") for chunk in ranked])
        inner = int(len(ranked) - ends.sum())
        rank = np.where(ends, np.arange(len(ranked)) - inner, np.arange(len(ranked)))
        kind = np.floor(np.log(rank + 1) / np.log(CLASS_RATIO)).astype(np.int64) * 2 + ends
        kind[np.array([counts[chunk] for chunk in ranked]) >= self._frequent(counts)] = -1
        starts = np.flatnonzero(np.diff(kind, prepend=-2))
        sizes = np.diff(starts, append=len(kind))
        self._first = np.repeat(starts, sizes)
        self._size = np.repeat(sizes, sizes)
        self._fixed = kind == -1
        self._words = [chunk for chunk in ranked if chunk.isalpha()]

    @staticmethod
    def _frequent(counts: Counter[str]) -> int:
        return counts.most_common(KEPT_RANKS)[-1][1]

    def word(self, copy: int, source: int) -> str:
        """Return a word that differs between the copies of a paper."""
        return self._words[(source + 9_973 * copy) % len(self._words)]

    def changed(self, texts: list[int], rng: np.random.Generator) -> Iterator[str]:
        """Yield some texts, by their numbers, with changed chunks."""
        some = [self._texts[text] for text in texts]
        whole = np.concatenate(some)
        draw = rng.random(len(whole), dtype=np.float32)
        other = self._first[whole] + (
            rng.random(len(whole), dtype=np.float32) * self._size[whole]
        ).astype(np.int32)
        mixed = np.where((draw < CHANGED) & ~self._fixed[whole], other, whole).tolist()
        chunks, start = self._chunks, 0
        for one in some:
            end = start + len(one)
            yield " ".join([chunks[at] for at in mixed[start:end]])
            start = end


@dataclass(frozen=True, slots=True)
class Repeated:
    """The real papers that are added, and what is known of the snapshot's."""

    bundled: int
    """Papers of the snapshot, whose keys are 1 to this."""
    records: list[dict[str, Any]]
    texts: Texts
    """Title and abstract of each record in turn."""
    vectors: Vectors
    """(records, dim) unit rows."""
    nearest: list[int]
    """Key of the snapshot's paper nearest to each record."""
    cosine: list[float]
    placements: dict[int, list[tuple[str, str, str, float]]]
    """Key -> topic, by whom, source and confidence."""
    cards: dict[int, dict[str, Any]]
    relations: dict[int, list[tuple[int, str, str]]]
    """Key -> entity, relation and source, but for introductions."""

    @classmethod
    def read(cls, catalogue: Catalogue, file: Path, folder: Path) -> "Repeated":
        """Read the file's papers, and what the snapshot in `catalogue` has nearest to each."""
        known = list(range(1, len(bundled.records(resources.files("kg.snapshot") / "data")) + 1))
        arxiv = {one.arxiv_id for one in catalogue.papers.get(known)}
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            records = [record for line in lines if (record := json.loads(line)).get("abstract")]
        records = [record for record in records if record["arxiv_id"] not in arxiv]
        random.Random(0).shuffle(records)
        vectors = _title_vectors(records, folder / "titles.npy")
        keys, theirs = stored_vectors(catalogue, DEFAULT, vectors.shape[1])
        theirs = theirs[keys <= len(known)]
        near, cosine = [], []
        for part in np.array_split(vectors, max(len(vectors) // 4096, 1)):
            products = part @ theirs.T
            near += keys[products.argmax(axis=1)].tolist()
            cosine += products.max(axis=1).tolist()
        relations: dict[int, list[tuple[int, str, str]]] = {}
        for one in catalogue.relations.of_papers(known):
            if one.relation is not Relation.INTRODUCES:
                rows = relations.setdefault(one.paper, [])
                rows += [(one.entity, str(one.relation), str(source)) for source in one.sources]
        cards = {key: record_of(card) for key, card in catalogue.cards.get(known).items()}
        for record in cards.values():
            record["by"] = "model"
            record.pop("introduces", None)
        placed = catalogue.placements.get(known)
        return cls(
            len(known),
            records,
            Texts([text for one in records for text in (one["title"], one["abstract"])]),
            vectors,
            near,
            cosine,
            {
                key: [(one.topic, "model", "placer", one.confidence) for one in rows]
                for key, rows in placed.items()
            },
            cards,
            relations,
        )


def _title_vectors(records: list[dict[str, Any]], cache: Path) -> Vectors:
    if cache.exists():
        vectors: Vectors = np.load(cache)
        if len(vectors) == len(records):
            return vectors
    titles = ((at, record["title"], None) for at, record in enumerate(records))
    model = open_embedder(bulk=True)
    vectors = np.concatenate([part for _, part in embed_papers(model, titles)])
    np.save(cache, vectors)
    return vectors


def add_part(catalogue: Catalogue, repeated: Repeated, first: int, last: int) -> None:
    """Add the papers of some numbers, counted from the first after the snapshot's."""
    count = len(repeated.records)
    papers, cards, vectors = [], {}, _noisy(repeated, first, last)
    placements, relations = [], []
    for number, title, abstract in _texts(repeated, first, last):
        copy, source = divmod(number, count)
        record, near = repeated.records[source], repeated.nearest[source]
        key = repeated.bundled + 1 + number
        paper = stored(key, record, title, abstract, DOI.format(copy, source) if copy else None)
        papers.append(paper)
        cards[paper.record["id"]] = repeated.cards.get(near, {"kind": "method", "by": "model"})
        placements += [(key, *row) for row in repeated.placements.get(near, ())]
        if repeated.cosine[source] >= RELATED_COSINE:
            relations += [(e, name, key, by) for e, name, by in repeated.relations.get(near, ())]
    rows = ((p.key, p.text_hash, v.tobytes()) for p, v in zip(papers, vectors, strict=True))
    with catalogue.writing():
        insert_papers(catalogue.database, papers)
        insert_rows(catalogue.database, "placements", placements)
        insert_rows(catalogue.database, "entity_papers", relations)
        catalogue.cards.fill(cards, "predictor")
        catalogue.vectors.fill(DEFAULT, rows)
        catalogue.words.update([paper.key for paper in papers])


def stored(
    key: int, record: dict[str, Any], title: str, abstract: str, doi: str | None
) -> StoredPaper:
    """Return a paper as the catalogue stores it; one with a DOI has no arXiv id."""
    arxiv_id = None if doi else record["arxiv_id"]
    fields = {
        "id": f"doi:{doi}" if doi else arxiv_id,
        "arxiv_id": arxiv_id,
        "doi": doi,
        "url": f"https://doi.org/{doi}" if doi else f"https://arxiv.org/abs/{arxiv_id}",
        "title": title,
        "abstract": abstract,
        "published": record.get("date"),
        "year": record.get("year"),
        "authors": list(dict.fromkeys(record.get("authors") or ())),
        "categories": list(dict.fromkeys(record.get("categories") or ())),
    }
    fields = {name: value for name, value in fields.items() if value}
    return StoredPaper(key, fields, text_hash(embedded_text(title, abstract)))


def _texts(repeated: Repeated, first: int, last: int) -> Iterator[tuple[int, str, str]]:
    """Yield number, title and abstract of some papers."""
    count = len(repeated.records)
    for number in range(first, min(last, count)):
        record = repeated.records[number]
        yield number, record["title"], record["abstract"]
    numbers = range(max(first, count), last)
    if numbers:
        texts = [2 * (number % count) + part for number in numbers for part in (0, 1)]
        changed = repeated.texts.changed(texts, np.random.default_rng([1, first]))
        for number in numbers:
            word = repeated.texts.word(*divmod(number, count))
            yield number, f"{next(changed)} {word}", next(changed)


def _noisy(repeated: Repeated, first: int, last: int) -> Vectors:
    """Return the vectors of some papers."""
    numbers, rng = np.arange(first, last), np.random.default_rng([2, first])
    vectors = repeated.vectors[numbers % len(repeated.records)]
    noise = rng.standard_normal(vectors.shape, dtype=np.float32)
    noise *= rng.uniform(*NOISE, (len(noise), 1)).astype(np.float32)
    noise[numbers < len(repeated.records)] = 0
    vectors = vectors + noise / np.float32(np.sqrt(vectors.shape[1]))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("papers", type=Path, help="gzipped JSON lines of papers")
    parser.add_argument("folder", type=Path, help="where the atlases are kept")
    parser.add_argument("sizes", type=int, nargs="+")
    options = parser.parse_args()
    for size in options.sizes:
        started = time.perf_counter()
        made = home(options.papers, options.folder, size)
        with Catalogue(made / "atlas.sqlite") as catalogue:
            print(f"{made}: {catalogue.size():,} papers, {time.perf_counter() - started:.0f} s")
        free = shutil.disk_usage(made).free / 1e9
        print(f"{(made / 'atlas.sqlite').stat().st_size / 1e9:.2f} GB, {free:.0f} GB free")


if __name__ == "__main__":
    main()
