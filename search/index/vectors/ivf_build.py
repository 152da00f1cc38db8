"""Make inverted lists of a catalogue's vectors, choose which are probed, and keep them up to date.

H. Jégou, M. Douze and C. Schmid, "Product Quantization for Nearest Neighbor Search", IEEE TPAMI
2011, https://doi.org/10.1109/TPAMI.2010.57, describe inverted lists; each vector is kept as 8 bits
a dimension of what is left of it beside the centre of its list.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from kg.files.arrays import Arrays
from kg.store.catalogue import Catalogue
from search.index import progress
from search.index.base import Vectors, vectors_of
from search.index.selection import Keys
from search.index.vectors import ivf_file
from search.index.vectors.ivf_file import Header, Identity, IvfFile
from search.index.vectors.ivf_parts import Parts, name_of

MIN_PAPERS = 2_000
"""Fewer vectors make no lists."""

RECALL = 0.985
"""Share of the ten nearest vectors that the tuned lists must find, at least."""

_SAMPLES = 40
"""Vectors for each list that the centres are computed from."""
_ITERATIONS = 6
"""Rounds of k-means: more did not change the recall."""
_PROBES = 300
"""Made questions by which the reach is measured."""
_REACH = 1.9
"""Of the spread of the centres, how far below the nearest centre's score a list is looked into.

Of 200 questions that people asked (ScholarGym, development half) and 50 of `benchmarks/scale.py`,
1.9 found 0.98 of the nearest of 100,000 papers and of a million, 2.1 found 0.985 and 0.99.
Half of the questions looked into less than a twentieth of the lists, those between subjects into
many. Means of papers would make do with 1.4: they say no more than whether that is too little.
"""
_MOST_PROBED = 0.25
_MANY_CODES = 40_000
"""A question looks into this part of the lists at most, or so many codes, if these are more."""

_MIXED = 3
"""Papers of which a made question is the mean: questions lie between subjects, and their nearest
papers in more lists than those of a paper."""
_NEAREST = 10
_PAGE = 10_000
_PART = 100_000
"""Of so many keys, vectors are put into lists, and kept, together."""


def build(catalogue: Catalogue, identity: Identity, path: Path) -> IvfFile:
    """Return the lists of all vectors of the catalogue, written to a file.

    Vectors are read in pages: in memory are their codes, of `dim` bytes each, and a sample. A run
    that was killed goes on with the parts that it had made.
    """
    # What others write from here on is later than what the index will be of.
    parts = Parts.opened(catalogue, identity, path)
    revision, mark = parts.state
    keys = np.asarray(catalogue.vectors.keys(identity.model), dtype=np.int64)
    with progress.bar("vector index", len(keys)) as bar:
        bar.set_postfix_str("centres of its lists")
        trained, arrays = parts.made("trained", lambda: _trained(catalogue, identity, keys))
        queries = arrays["queries"]
        index: Any = faiss.clone_index(trained)
        truth = _Nearest(queries)
        bar.set_postfix_str("vectors")

        def filled(some: Keys) -> tuple[Any, Arrays]:
            part: Any = faiss.clone_index(trained)
            nearest = _Nearest(queries)
            for page, vectors in _pages(catalogue, identity, some):
                part.add_with_ids(vectors, page)
                nearest.look_at(page, vectors)
                bar.update(len(page))
            return part, {"keys": nearest.keys, "scores": nearest.scores}

        # By key: a part that is there has what it had when the first run began, and perhaps more.
        for number in np.unique(keys // _PART).tolist():
            some = keys[keys // _PART == number]
            part, nearest = parts.made(name_of(number, queries), partial(filled, some))
            index.merge_from(part, 0)
            truth.take(nearest["keys"], nearest["scores"])
            bar.update(int(np.searchsorted(keys, some[-1])) + 1 - bar.n)
        bar.set_postfix_str("how many lists a question needs")
        reach, probed, recall = _tuned(index, queries, truth.keys)

    def header(size: int) -> Header:
        highest = int(keys.max(initial=0))
        count = int(index.ntotal)
        found = count, highest, int(index.nlist), probed, reach, recall
        return Header(identity, revision, *found, count, size, mark)

    made = _kept(path, index, header)
    parts.remove()
    return made


def _trained(catalogue: Catalogue, identity: Identity, keys: Keys) -> tuple[faiss.IndexIVF, Arrays]:
    """Return lists of nothing, for some papers, and made questions about these."""
    model, dim = identity.model, identity.dim
    rng = np.random.default_rng(0)  # The same lists of the same vectors.
    lists = max(round(4 * math.sqrt(len(keys))), 1)
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dim), dim, lists, faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
    )  # fmt: skip
    index.cp.niter = _ITERATIONS
    index.cp.max_points_per_centroid = _SAMPLES
    # The catalogue gives these in the order of their keys.
    sample = np.sort(rng.choice(keys, min(len(keys), _SAMPLES * lists), replace=False))
    index.train(np.concatenate([part for _, part in _pages(catalogue, identity, sample)]))
    mixed = np.sort(rng.choice(keys, min(len(keys), _MIXED * _PROBES), replace=False))
    _, vectors = vectors_of(catalogue, model, dim, mixed)
    # In the order of their keys: each is mixed with others from far apart.
    parts = vectors[: len(vectors) // _MIXED * _MIXED].reshape(_MIXED, -1, dim)
    queries = parts.sum(axis=0)
    queries /= np.maximum(np.linalg.norm(queries, axis=1, keepdims=True), 1e-12)
    return index, {"queries": queries}


def updated(
    file: IvfFile, gone: Keys, keys: Keys, vectors: Vectors, state: tuple[int, str]
) -> IvfFile:
    """Return the file without some keys and with new vectors, under the same centres.

    Parameters
    ----------
    state : (int, str)
        As of `VectorStore.state`: what it is of then.
    """
    index = file.loaded()
    index.remove_ids(np.ascontiguousarray(gone))  # type: ignore[arg-type]
    index.add_with_ids(np.ascontiguousarray(vectors), np.ascontiguousarray(keys))

    def header(size: int) -> Header:
        return replace(
            file.header,
            revision=state[0],
            mark=state[1],
            papers=int(index.ntotal),
            max_key=max(file.header.max_key, int(keys.max(initial=0))),
            size=size,
        )

    return _kept(file.path, index, header)


def _kept(path: Path, index: faiss.IndexIVF, header: Callable[[int], Header]) -> IvfFile:
    """Return the index, from its file where that can be written."""
    # A cache that cannot be kept costs time, not answers.
    return ivf_file.write(path, index, header) or IvfFile(path, header(0), index)


def _pages(catalogue: Catalogue, identity: Identity, keys: Keys) -> Iterator[tuple[Keys, Vectors]]:
    for start in range(0, len(keys), _PAGE):
        some = keys[start : start + _PAGE]
        yield vectors_of(catalogue, identity.model, identity.dim, some)


class _Nearest:
    """The nearest vectors of some queries, of all that are looked at."""

    def __init__(self, queries: Vectors) -> None:
        self._queries = queries
        self.scores = np.full((len(queries), _NEAREST), -np.inf, dtype=np.float32)
        self.keys = np.full((len(queries), _NEAREST), -1, dtype=np.int64)

    def look_at(self, keys: Keys, vectors: Vectors) -> None:
        """Look at (n,) keys with their (n, dim) vectors."""
        self.take(np.broadcast_to(keys, (len(self.keys), len(keys))), self._queries @ vectors.T)

    def take(self, keys: Keys, scores: Vectors) -> None:
        """Look at (queries, n) keys with the scores of their vectors."""
        every = np.hstack([self.scores, scores])
        names = np.hstack([self.keys, keys])
        best = np.argpartition(-every, _NEAREST - 1, axis=1)[:, :_NEAREST]
        self.scores = np.take_along_axis(every, best, axis=1)
        self.keys = np.take_along_axis(names, best, axis=1)


def _tuned(index: faiss.IndexIVF, queries: Vectors, nearest: Keys) -> tuple[float, int, float]:
    """Return the reach, the most lists that are probed, and the share of the nearest found so."""
    part = min(max(_MOST_PROBED, _MANY_CODES / max(index.ntotal, 1)), 1.0)
    reach, most = _REACH * _spread(index), math.ceil(part * index.nlist)
    while True:
        recall = _recall(index, queries, nearest, reach, most)
        if recall >= RECALL or most == index.nlist:
            return reach, most, recall
        reach, most = 1.05 * reach, min(math.ceil(1.05 * most), index.nlist)


def _spread(index: faiss.IndexIVF) -> float:
    """Return the standard deviation of the cosines of different centres with each other."""
    centres = ivf_file.centres_of(index)
    cosines = centres @ centres.T
    return float(np.std(cosines[~np.eye(len(centres), dtype=np.bool_)]))


def _recall(
    index: faiss.IndexIVF, queries: Vectors, nearest: Keys, reach: float, most: int
) -> float:
    """Return the share of the nearest vectors that a search within reach finds."""
    reached = ivf_file.reached_lists(ivf_file.centres_of(index), queries, reach)
    hits = 0
    for query, true, lists in zip(queries, nearest, reached, strict=True):
        # As in a search, some more are looked at, and scored again.
        parameters = faiss.SearchParametersIVF(nprobe=min(int(lists), most))  # type: ignore[call-arg]
        _, found = index.search(query[None, :], 2 * _NEAREST, params=parameters)
        hits += int(np.isin(true, found).sum())
    return round(hits / max(int(np.sum(nearest >= 0)), 1), 4)
