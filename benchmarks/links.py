"""Draw links to code by lot, to be judged by reading; count links by kind and source.

    python benchmarks/links.py ../shared/data [SEED]

An atlas is made of all lists of the folder and of the abstracts of their papers; what it shows as
code is drawn from. For each link drawn: paper, title, link, who tells it, and its place in a text.
"""

import gzip
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from ingest.links.text import ABSTRACT, links_in
from ingest.merge.merger import Merger
from ingest.sources.lists import awesome_list
from kg.ids.titles import is_distinctive, normalised_title
from kg.links import Link, LinkKind
from kg.records import Paper
from kg.store.catalogue import Catalogue

DRAWN = 50
CONTEXT_CHARS = 220
LISTS = ("lists", "more/lists_more")
ABSTRACTS = ("papers.jsonl.gz", "more/abstracts_more.jsonl.gz")


def main() -> None:
    """Print what is drawn and the counts."""
    data, seed = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 4
    with tempfile.TemporaryDirectory() as folder, Catalogue(Path(folder) / "a.sqlite") as atlas:
        pages = {
            path.stem: path.read_text("utf-8")
            for name in LISTS
            for path in sorted((data / name).glob("*.md"))
        }
        add_lists(atlas, pages)
        abstracts = add_abstracts(atlas, data)
        keys = atlas.papers.keys()
        papers = dict(zip(keys, atlas.papers.get(keys), strict=True))
        links = atlas.links.get(keys)
        count(atlas, links)
        told: dict[tuple[str, str], list[str]] = {}
        for paper_id, kind, url, source, *_ in atlas.links.all():
            if kind == LinkKind.CODE:
                told.setdefault((paper_id, url.lower()), []).append(source)
        found = [
            (papers[key], link, told[papers[key].id, link.url.lower()])
            for key, some in sorted(links.items())
            for link in some
            if link.kind is LinkKind.CODE
        ]
        # By hash: what is added to the lists changes little of what is drawn.
        found.sort(key=lambda one: blake2b(f"{seed} {one[0].id} {one[1].url}".encode()).digest())
        print(f"\n{DRAWN} of {len(found):,} links to code, seed {seed}\n")
        for paper, link, sources in found[:DRAWN]:
            show(paper, link, sources, pages, abstracts.get(paper.id, ""))


def add_lists(atlas: Catalogue, pages: dict[str, str]) -> None:
    """Store the papers of the lists."""
    merger = Merger(atlas)
    with atlas.writing():
        for name, text in pages.items():
            for entry in awesome_list.parse(text.encode(), name):
                merger.put_entry(entry, name, None)


def add_abstracts(atlas: Catalogue, data: Path) -> dict[str, str]:
    """Store the links in the abstracts of the atlas's papers; return the abstracts by id."""
    found: dict[str, str] = {}
    with atlas.writing():
        for record in records(data):
            key = record.get("arxiv_id") or record.get("key")
            title, abstract = record.get("title") or "", record.get("abstract") or ""
            name = atlas.identifiers.find("arxiv", key) if key else None
            if name is None and is_distinctive(title):
                name = atlas.identifiers.find("title", normalised_title(title))
            if name and abstract and name not in found:
                found[name] = abstract
                atlas.links.add(name, links_in(abstract, ABSTRACT, title))
    return found


def records(data: Path) -> Iterator[dict[str, str]]:
    """Yield the records that have abstracts."""
    for name in ABSTRACTS:
        with gzip.open(data / name, "rt", encoding="utf-8") as file:
            yield from map(json.loads, file)


def count(atlas: Catalogue, shown: dict[int, list[Link]]) -> None:
    """Print the numbers of links by kind and source."""
    kinds = Counter(link.kind for some in shown.values() for link in some)
    print(f"{atlas.papers.count():,} papers")
    print(f"{'kind':<8} {'links':>6} {'papers':>6} {'lists':>6} {'abstracts':>9}")
    rows = {(key, kind, url, source) for key, kind, url, source, *_ in atlas.links.all()}
    for kind in LinkKind:
        papers = sum(any(link.kind is kind for link in some) for some in shown.values())
        own = {(key, url) for key, k, url, source in rows if k == kind and source == ABSTRACT}
        others = {(key, url) for key, k, url, source in rows if k == kind and source != ABSTRACT}
        print(f"{kind:<8} {kinds[kind]:6,} {papers:6,} {len(others):6,} {len(own):9,}")
    of_lists = {(key, kind, url) for key, kind, url, source in rows if source != ABSTRACT}
    named = len({key for key, _, _ in of_lists})
    print(f"told by lists: {len(of_lists):,} links of {named:,} papers")
    stored = {(key, kind, url.lower()) for key, kind, url, _ in rows}
    print(f"shared, and not shown: {len(stored) - kinds.total():,}")


def show(
    paper: Paper, link: Link, sources: list[str], pages: dict[str, str], abstract: str
) -> None:
    """Print one link with its paper, its sources and its place in the first of them."""
    print(f"{paper.id} | {paper.title}\n  {link.url} | {', '.join(sources)} | {link.official}")
    text = pages.get(sources[0], abstract)
    part = link.url.split("//")[1].split("/")[-1]
    at = text.lower().find(part.lower())
    here = text[max(0, at - CONTEXT_CHARS) : at + len(part) + 40]
    print(f"  {' '.join(re.sub(r'<[^>]*>', ' ', here).split())}\n")


if __name__ == "__main__":
    main()
