"""Topics that readers of titles and cards found for papers which lists place coarsely or wrongly.

`readings.tsv` has a line for each paper: its id in the atlas, a tab, and its topics, the likeliest
first. They are examples for the refinement of what lists say (`ingest.placement.refine`), and are
placed as such.
"""

from importlib import resources
from pathlib import Path
from typing import Final

from kg.errors import BadSource
from kg.taxonomy.taxonomy import Taxonomy

BUILT_IN: Final = Path(str(resources.files("ingest.placement") / "readings.tsv"))
"""The readings that come with the package."""


def read_readings(taxonomy: Taxonomy, path: Path = BUILT_IN) -> dict[str, tuple[str, ...]]:
    """Return the topics of each paper by its id.

    Raises
    ------
    BadSource
        If a line names no topic, one that the taxonomy lacks, or a paper for the second time;
        carries the line.
    """
    found: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        paper, _, words = line.partition("\t")
        topics = tuple(words.split())
        if not topics:
            raise BadSource(path, number, "there is no topic")
        if unknown := [topic for topic in topics if topic not in taxonomy]:
            raise BadSource(path, number, f"there is no topic {unknown[0]!r}")
        if paper in found:
            raise BadSource(path, number, f"paper {paper!r} comes twice")
        found[paper] = topics
    return found
