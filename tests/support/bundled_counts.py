"""What the bundled snapshot says of itself, so that no test repeats its figures."""

import json
from functools import cache
from importlib import resources
from typing import Final

from kg.ids.topic_ids import is_under
from kg.snapshot import bundled

_DATA: Final = resources.files("kg.snapshot") / "data"

COUNTS: Final[dict[str, int]] = json.loads((_DATA / "manifest.json").read_bytes())["counts"]
"""Papers, and those that have an abstract's vector, categories, authors, links, ..."""


def papers_under(topic: str) -> int:
    """Return how many papers are placed under a topic."""
    return sum(any(is_under(one, topic) for one in topics) for topics in _topics_of_papers())


@cache
def _topics_of_papers() -> list[list[str]]:
    return [[topic for topic, *_ in one["placements"]] for one in bundled.records(_DATA)]
