"""Which papers become negative examples."""

import gzip
import json
from pathlib import Path

import pytest

from ingest.placement.negatives import choose as choosing
from kg.records import PlacedBy, Placement
from kg.store.catalogue import Catalogue
from tests.support.factories import paper

PAPERS = {
    "2401.00001": ("Faint galaxies", "A survey of galaxies.", "astro-ph.GA", "far"),
    "2401.00002": ("Parsing trees quickly", "A parser of trees.", "cs.CL", "near"),
    "2401.00003": ("Prompts of nurses", "What nurses ask at night.", "cs.CL", None),
    "2401.00004": ("Language models as judges", "They judge.", "cs.CL", "read"),
    "2401.00005": ("Sorting numbers", "In the atlas.", "cs.LG", None),
}


def test_far_near_and_read_papers_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = tmp_path / "papers.jsonl.gz"
    rows = [
        {"arxiv_id": name, "title": title, "abstract": text, "categories": [category]}
        for name, (title, text, category, _) in PAPERS.items()
    ]
    dump.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    judged = tmp_path / "judged.txt"
    judged.write_text("2401.00004\n2401.99999\n", encoding="utf-8")
    monkeypatch.setattr(choosing, "JUDGED", judged)
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        known = paper(1, title="Sorting numbers")
        catalogue.papers.put(known)
        catalogue.placements.add(known.id, [Placement("meta-learning", PlacedBy.LIST, "a list")])
        found = {one.id: kind for one, kind in choosing.choose(dump, catalogue)}
    assert found == {name: kind for name, (*_, kind) in PAPERS.items() if kind}


def test_every_paper_that_was_read_is_among_the_examples() -> None:
    from ingest.placement.negatives.papers import bundled

    papers = bundled()
    read = {name for name, kind in zip(papers.ids, papers.kinds, strict=True) if kind == "read"}
    assert read == set(choosing.JUDGED.read_text("utf-8").split())
