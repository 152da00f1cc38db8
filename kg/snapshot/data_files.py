"""Data files that come with the package: gzipped text, NumPy arrays and their digests, as bytes."""

import gzip
import hashlib
import io
from collections.abc import Mapping
from typing import Any

import numpy as np


def packed_text(text: str) -> bytes:
    """Return a text gzipped; without a time stamp, so that the same text gives the same bytes."""
    return gzip.compress(text.encode(), 9, mtime=0)


def packed_array(array: Any) -> bytes:
    """Return an array in NumPy's ``.npy`` format."""
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def unpacked_array(data: bytes) -> Any:
    """Return the array of a ``.npy`` file."""
    return np.load(io.BytesIO(data), allow_pickle=False)


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the SHA-256 of each file, in hexadecimal."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
