"""Files of cards that attack their reader."""

import gzip
import json
from typing import Any, Final

GOOD: Final[dict[str, Any]] = {
    "id": "2001.00001",
    "kind": "method",
    "summary": "Adds the weights of models that were trained from one start, so that a single one"
    " serves all their tasks.",
    "by": "abstract",
}


def line(**fields: Any) -> bytes:
    """Return a card's line with some fields changed; None removes one."""
    record = {name: value for name, value in {**GOOD, **fields}.items() if value is not None}
    return json.dumps(record).encode() + b"\n"


_KIND = b'{"id": "2001.00001", "by": "title", "kind": '

HOSTILE: Final[dict[str, tuple[bytes, str]]] = {
    "deep nesting": (_KIND + b"[" * 40_000 + b"]" * 40_000 + b"}\n", "nested too deep"),
    "deep objects": (_KIND + b'{"a":' * 15_000, "nested too deep"),
    "a huge line": (line(problem="W" * 200_000), "a line of more than 100,000 bytes"),
    "a long word": (line(introduces=["W" * 5_000]), "a name of 5000 characters"),
    "many names": (line(models=[f"m{n}" for n in range(5_000)]), "5000 names"),
    "NUL": (line(problem="no \0 end"), "control characters"),
    "a raw NUL": (line()[:-2] + b"\0}\n", "not JSON"),
    "an unpaired surrogate": (line(problem="no \ud800 pair"), "control characters"),
    "an unpaired surrogate in the id": (line(id="2001\ud800"), "no id"),
    "turned about": (line(problem="abc \u202egnp.exe"), "control characters"),
    "a key twice": (line()[:-2] + b', "kind": "survey"}\n', "'kind' comes twice"),
    "a long key": (line(**{"k" * 9_000: 1}), "no field of a card"),
    "confidence": (line(confidence={"kind": 0.9}), "no field of a card"),
    "predicted": (line(by="model"), "predicted here"),
    "a number without end": (_KIND + b"1" * 9_000 + b"}\n", "not JSON"),
    "not a number": (line(kind=float("nan")), "kind must be a text"),
    "no UTF-8": (line()[:-2] + b"\xff}\n", "not JSON"),
    "cut off gzip": (gzip.compress(line())[:-9], "not gzip"),
    "damaged gzip": (gzip.compress(line())[:12] + b"\xff\xff\xff\xff", "not gzip"),
}
"""What a file of one card holds, and what is said of it, by what it is."""


def bomb(line: bytes, megabytes: int) -> bytes:
    """Return a small gzip file of a line again and again, that unpacks to this size."""
    return gzip.compress(line * (1_000_000 // len(line))) * megabytes
