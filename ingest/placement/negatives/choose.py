"""Choosing the negative examples from a dump of arXiv's metadata.

    python -m ingest.placement.negatives.choose PAPERS.jsonl.gz FOLDER

A paper is ``far`` where it has categories and none of them is in `FIELD`: all of these are taken,
since they share the keywords by which the dump was gathered but not their meaning (ensemble Kalman
filters, distillation of quantum keys, the LoRa protocol). It is ``near`` where one is in `FIELD`
and neither the title holds a phrase of the taxonomy or a stem of `STEMS`, nor the abstract two
such phrases; of these, `NEAR_PAPERS` are sampled by the SHA-256 of their ids. It is ``read`` where
a reader of title and abstract found it outside the field: `judged.txt` has the ids, drawn by lot
from papers that had the field's words or were of the years of language models. Papers of the
bundled atlas, by id or by title, are never taken.
"""

import hashlib
import re
import sys
import tempfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import numpy as np

from ingest.placement.negatives.papers import Negatives, dump
from ingest.sources.arxiv import dump as arxiv_dump
from kg.errors import AtlasError
from kg.files.atomic import replace_file
from kg.ids.titles import normalised_title
from kg.records import Paper
from kg.snapshot import bundled
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy
from kg.taxonomy.topic import heading_key
from search.embedding.bulk import embed_papers
from search.embedding.open import open_embedder

NEAR_PAPERS = 2000
"""Papers of the field's own categories that are sampled."""

FIELD = frozenset(
    "cmp-lg cs.AI cs.CL cs.CV cs.HC cs.IR cs.LG cs.MA cs.MM cs.NE cs.RO cs.SD eess.AS eess.IV"
    " stat.ML".split()
)
"""arXiv categories in which learning from models is published."""

STEMS = (
    "adapter distil ensembl finetun fusing instruct lora merg metalearn prompt retriev unlearn"
).split()
STEMS += ["few shot", "fine tun", "in context", "meta learn"]
"""Beginnings of words that occur in the field's titles in forms that no phrase has."""

JUDGED = resources.files("ingest.placement.negatives") / "judged.txt"
"""Ids of papers that were read and found outside, one a line."""

FALSE_FRIENDS = re.compile(r"\b(?:image|video|post) editing\b")
"""Phrases that contain a topic's word with another meaning; not counted."""


def choose(dump_path: Path, catalogue: Catalogue) -> Iterator[tuple[Paper, str]]:
    """Yield the papers with their kinds, the near ones in the order of the sample."""
    labels = (
        heading_key(label)
        for topic in Taxonomy.load()
        for label in (topic.name, *topic.aliases, *topic.terms)
    )
    phrase = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(set(labels))))})s?\b")
    stem = re.compile(rf"\b(?:{'|'.join(STEMS)})")
    seen: set[str] = set()
    near: dict[str, Paper] = {}
    read = dict.fromkeys(JUDGED.read_text("utf-8").split())
    judged: dict[str, Paper] = {}
    for paper in arxiv_dump.read(dump_path, progress=True):
        names = {paper.id, title := normalised_title(paper.title)}
        if not paper.abstract or not paper.categories or paper.withdrawn or seen & names:
            continue
        seen |= names
        if catalogue.identifiers.find("arxiv", paper.id) or catalogue.identifiers.find(
            "title", title
        ):
            continue
        if paper.id in read:
            judged[paper.id] = paper
            continue
        if FIELD.isdisjoint(paper.categories):
            yield paper, "far"
            continue
        key, text = (
            FALSE_FRIENDS.sub("", heading_key(part)) for part in (paper.title, paper.abstract)
        )
        if len(phrase.findall(text)) < 2 and not phrase.search(key) and not stem.search(key):
            near[hashlib.sha256(paper.id.encode()).hexdigest()] = paper
    for digest in sorted(near)[:NEAR_PAPERS]:
        yield near[digest], "near"
    yield from ((judged[name], "read") for name in read if name in judged)


def build(dump_path: Path, folder: Path) -> int:
    """Write the files into `folder` and return how many papers they hold."""
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "atlas.sqlite"
        bundled.unpack(path)
        with Catalogue(path) as catalogue:
            papers, kinds = zip(*choose(dump_path, catalogue), strict=True)
    embedder = open_embedder(bulk=True)
    parts = []
    for texts in ([(0, p.title, None) for p in papers], [(0, p.title, p.abstract) for p in papers]):
        parts.append(np.concatenate([vectors for _, vectors in embed_papers(embedder, texts)]))
    ids, titles = tuple(p.id for p in papers), tuple(p.title for p in papers)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in dump(Negatives(ids, titles, kinds, embedder.model, *parts)).items():
        replace_file(folder / name, data, 0o644)
    return len(papers)


def main() -> int:
    """Run the command."""
    if len(sys.argv) != 3:
        print("usage: python -m ingest.placement.negatives.choose DUMP FOLDER", file=sys.stderr)
        return 2
    try:
        print(f"{build(Path(sys.argv[1]), Path(sys.argv[2])):,} papers")
    except AtlasError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
