"""Making the bundled snapshot from a folder of lists, metadata, citations and candidates.

The folder has `lists/OWNER+REPOSITORY.md`, `papers.jsonl.gz` and `citations.csv`; `more/` is
optional (`ingest.bundle.metadata`, `ingest.bundle.candidates`, `ingest.bundle.citations`). Titles,
names, dates, topics, links and citation edges go into the snapshot, the vectors that are computed
from titles and abstracts, and the map that is drawn from these; no abstract does. Cards are not
made here: `kg/snapshot/data/cards.jsonl.gz` is kept by hand.
"""

import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from ingest.bundle.cached_embedder import CachedEmbedder
from ingest.bundle.candidates import candidates
from ingest.bundle.citations import read_citations
from ingest.bundle.lists import read_lists
from ingest.bundle.metadata import Metadata, read_metadata
from ingest.embedding import embed_missing
from ingest.entities.update import update as update_entities
from ingest.links.text import links_of
from ingest.merge.corrections import built_in
from ingest.merge.merger import Merger, paper_id
from ingest.placement.refine import refine
from ingest.placement.triage import PlacementModels, triage_candidates
from kg.cards.file import CardLine, read_cards
from kg.settings import Settings
from kg.snapshot import bundled
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy
from search.embedding.base import Embedder
from search.embedding.open import open_embedder
from search.library import Library
from search.map import paper_map


def build(
    data: Path, folder: Path, cache: Path | None = None, embedder: Embedder | None = None
) -> Counter[str]:
    """Make the snapshot of `data` in `folder` and return its counts.

    Parameters
    ----------
    cache : Path, optional
        Folder that keeps what was embedded for the next build.
    embedder : Embedder, optional
        By default the package's model.
    """
    listed = read_lists(data, Taxonomy.load())
    metadata = read_metadata(data)
    embedder = embedder or open_embedder(bulk=True)
    if cache:
        embedder = CachedEmbedder(embedder, cache)
    file = folder / bundled.CARDS
    cards = read_cards(file) if file.exists() else []
    with tempfile.TemporaryDirectory() as temporary:
        settings = Settings(Path(temporary))
        with Catalogue(settings.catalogue) as catalogue:
            merger = Merger(catalogue, metadata.known)
            with catalogue.writing():
                for entry, source, topic in listed.placed:
                    merger.put_entry(entry, source, topic)
                complete(merger, metadata)
                keep_ids(catalogue, cards)
                bundled.load_cards(catalogue, folder)
                found = candidates(data, listed.others, metadata, merger)
                read = {line.paper for line in cards}
                catalogue.candidates.add([paper for paper in found if paper.id in read])
            embed_missing(catalogue, embedder, progress=True)
            refine_lists(catalogue, embedder, cards)
            entered = place(settings, embedder)
            with catalogue.writing():
                keep_ids(catalogue, cards)
                catalogue.citations.add(read_citations(data, catalogue))
            # Once more: those that entered may have been read.
            refine_lists(catalogue, embedder, cards)
            remove_unplaced(catalogue)
            update_entities(catalogue)
            paper_map.update(catalogue, embedder.model, embedder.dim)
            bundled.save(catalogue, embedder.model, embedder.dim, folder)
            counts = Counter(catalogue.counts())
    return counts | Counter({"placed by model": entered})


def complete(merger: Merger, metadata: Metadata) -> None:
    """Add the facts that any source has to all papers of the catalogue, and the links in them."""
    catalogue = merger.catalogue
    for paper in catalogue.papers.get(catalogue.papers.keys()):
        full = metadata.completed(paper)
        name = paper_id(full.arxiv_id, full.doi, full.title)
        if paper.id.startswith("title:") and not name.startswith("title:"):
            merger.rename(paper.id, name)
            full = catalogue.papers.get([catalogue.identifiers.key(name)])[0]
            full = metadata.completed(full)
        catalogue.papers.put(full)
        merger.put_links(full.id, links_of(full))


def keep_ids(catalogue: Catalogue, cards: Sequence[CardLine]) -> None:
    """Let the papers of the cards be found by the ids that their titles gave them before.

    A paper that was known by its title gets another id with its arXiv id or DOI.
    """
    wanted = {card.paper for card in cards if card.paper.startswith("title:")}
    missing = wanted - catalogue.identifiers.keys(sorted(wanted)).keys()
    for paper in catalogue.papers.get(catalogue.papers.keys()):
        correction = built_in().of_paper(paper.id)
        titles = correction.titles if correction else set()
        for title in {*titles, *catalogue.identifiers.titles(paper.id)}:
            if (name := paper_id(None, None, title)) in missing:
                key = catalogue.identifiers.key(paper.id)
                catalogue.identifiers.add(key, "id", name)


def remove_unplaced(catalogue: Catalogue) -> None:
    """Remove the papers whose only topics were corrected away."""
    keys = catalogue.papers.keys()
    placed = catalogue.placements.get(keys)
    for paper in catalogue.papers.get([key for key in keys if key not in placed]):
        catalogue.papers.remove(paper.id)


def refine_lists(catalogue: Catalogue, embedder: Embedder, cards: Sequence[CardLine]) -> None:
    """Place the papers of lists under the leaves that they belong to as well."""
    keys = catalogue.identifiers.keys([line.paper for line in cards])
    known = {keys[line.paper]: line.card for line in cards if line.paper in keys}
    refine(catalogue, Taxonomy.load(), embedder, known)


def place(settings: Settings, embedder: Embedder) -> int:
    """Decide on the candidates as a refresh does, and return how many enter."""
    with Library(settings, embedder) as library:
        models = PlacementModels(library, embedder)
        counts = triage_candidates(library.catalogue, models, date.today(), progress=True)
    return counts.placed
