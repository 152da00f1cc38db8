"""Papers of other fields: the negative examples that placement is trained on.

Three files in `data`, made by `python -m ingest.placement.negatives.choose`: `papers.jsonl.gz` has
an arXiv id, a title and a kind a line; `vectors.npy` is (2, papers, dim) int8, the vectors of the
titles and those of titles and abstracts (`search.embedding.bulk`); `manifest.json` names their
model and the SHA-256 of both. There is no abstract.
"""

import gzip
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg.errors import DamagedSnapshot
from kg.snapshot.data_files import digests, packed_array, packed_text, unpacked_array

FORMAT: Final = 1
"""Version of the files' format."""

KINDS: Final = ("far", "near", "read")
"""``far``: none of the paper's categories is of machine learning; ``near``: one is; ``read``: a
reader found it outside."""


@dataclass(frozen=True, slots=True, eq=False)
class Negatives:
    """The papers, row by row."""

    ids: tuple[str, ...]
    """arXiv ids."""
    titles: tuple[str, ...]
    """Titles."""
    kinds: tuple[str, ...]
    """Each one of `KINDS`."""
    model: str
    """Name of the model of the vectors."""
    of_titles: NDArray[np.float32]
    """(n, dim) unit rows: the vectors of the titles alone."""
    of_papers: NDArray[np.float32]
    """(n, dim) unit rows: the vectors of titles and abstracts."""


@cache
def bundled() -> Negatives:
    """Return the papers that come with the package."""
    return load(resources.files("ingest.placement.negatives") / "data")


def load(folder: Traversable) -> Negatives:
    """Read the three files.

    Raises
    ------
    DamagedSnapshot
        If a file is missing or does not match its checksum.
    """
    try:
        manifest = json.loads(folder.joinpath("manifest.json").read_bytes())
        data = {name: folder.joinpath(name).read_bytes() for name in manifest["files"]}
        if manifest["format"] != FORMAT or manifest["files"] != digests(data):
            raise ValueError("a file is not the one that the manifest names")
        lines = gzip.decompress(data["papers.jsonl.gz"]).splitlines()
        whole = unpacked_array(data["vectors.npy"])
        of_titles, of_papers = (_unit(part) for part in whole)
        ids, titles, kinds = zip(*map(json.loads, lines), strict=True)
        if whole.shape[1] != len(ids):
            raise ValueError("there is not one vector for each paper")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedSnapshot(
            f"the papers of other fields cannot be read ({error})", "install lfm-atlas again"
        ) from error
    return Negatives(ids, titles, kinds, manifest["model"], of_titles, of_papers)


def dump(negatives: Negatives) -> dict[str, bytes]:
    """Return the three files by name; the same papers give the same bytes."""
    whole = np.stack([negatives.of_titles, negatives.of_papers])
    # The largest component becomes 127: rounding moves a vector by about 0.01 of its length.
    small = np.rint(whole * (127 / np.abs(whole).max())).astype(np.int8)
    rows = zip(negatives.ids, negatives.titles, negatives.kinds, strict=True)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    files = {
        "papers.jsonl.gz": packed_text(text),
        "vectors.npy": packed_array(small),
    }
    manifest = {"format": FORMAT, "model": negatives.model, "files": digests(files)}
    return {**files, "manifest.json": (json.dumps(manifest, indent=2) + "\n").encode()}


def _unit(rows: NDArray[np.int8]) -> NDArray[np.float32]:
    vectors: NDArray[np.float32] = rows.astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors
