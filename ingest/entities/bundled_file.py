"""The entities of the bundled snapshot, made anew from the list, the cards and the texts."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ingest.cards.abstracts import Abstracts
from ingest.cards.bundled_file import DATA
from ingest.entities.take import take_list
from ingest.entities.update import update
from kg.entities.file import built_in, read_entities
from kg.snapshot import bundled
from kg.store.catalogue import Catalogue


def rebuild(abstracts: Sequence[Path] = (), folder: Path = DATA) -> tuple[int, int]:
    """Write the snapshot's file of entities; return how many it has, and how many relations.

    Parameters
    ----------
    abstracts : sequence of path
        JSON Lines of `id`, `title` and `abstract`, or folders of these, in which names are looked
        for. Without any, what had been found in abstracts stays; with some, it does not.

    Raises
    ------
    BadSource
        If the list of entities has a fault.
    """
    with (
        tempfile.TemporaryDirectory() as temporary,
        Catalogue(Path(temporary) / "atlas.db") as catalogue,
    ):
        bundled.load(catalogue, folder)
        papers = catalogue.papers.get(catalogue.papers.keys())
        found = Abstracts({paper.id: paper.title for paper in papers})
        found.read(abstracts)
        with catalogue.writing():
            for paper in papers:
                if texts := found.found.get(paper.id):
                    catalogue.papers.put(replace(paper, abstract=texts[0][1]))
            path = built_in()
            take_list(catalogue, path, read_entities(path))
            if found.found:
                catalogue.relations.replace(catalogue.papers.keys(), ())
            # A snapshot that is loaded counts as read, as its cards and texts were before.
            catalogue.reads.forget()
            update(catalogue)
        bundled.save_entities(catalogue, folder)
        counts = catalogue.counts()
    return counts["entities"], counts["relations"]
