"""What the bundled snapshot says of itself, so that no test repeats its figures."""

import json
from importlib import resources
from typing import Final

COUNTS: Final[dict[str, int]] = json.loads(
    (resources.files("kg.snapshot") / "data" / "manifest.json").read_bytes()
)["counts"]
"""Papers, and those that have an abstract's vector, categories, authors, links, ..."""
