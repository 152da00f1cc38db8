"""The bundled file of cards: its papers, and taking in cards that people wrote."""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Final

from ingest.cards.check import KnownPaper
from kg.cards.file import card_lines, read_cards
from kg.errors import cannot_write
from kg.files.atomic import replace_file
from kg.snapshot import bundled
from kg.snapshot.data_files import packed_text

DATA: Final = Path(str(resources.files("kg.snapshot") / "data"))
"""The folder of the bundled snapshot."""


def bundled_papers(folder: Path = DATA) -> dict[str, KnownPaper]:
    """Return the papers of a snapshot by their ids, earlier ids and arXiv ids.

    Raises
    ------
    DamagedSnapshot
        If it cannot be read.
    """
    found: dict[str, KnownPaper] = {}
    for record in bundled.records(folder):
        known = found[record["id"]] = KnownPaper(record["id"], record["title"])
        ids = (name for scheme, name in record.get("names", ()) if scheme in ("id", "arxiv"))
        found |= dict.fromkeys(ids, known)
    return found


def merge(folder: Path, files: Sequence[Path]) -> tuple[int, int]:
    """Put the cards of files into the cards of a snapshot's folder.

    A card takes the place of an earlier one of the same id; of two files the later wins.

    Returns
    -------
    new, changed : int
        Cards that were not there, and that were and are another now.

    Raises
    ------
    BadSource
        If a file, or the folder's own, has a line that is no card; nothing was changed.
    AtlasError
        If the folder cannot be written.
    """
    place = folder / bundled.CARDS
    cards = {line.paper: line.card for line in read_cards(place)}
    old = dict(cards)
    for file in files:
        cards |= {line.paper: line.card for line in read_cards(file)}
    try:
        replace_file(place, packed_text(card_lines(cards.items())), 0o644)
    except OSError as error:
        raise cannot_write(place, error) from error
    changed = sum(card != cards[paper] for paper, card in old.items())
    return len(cards) - len(old), changed
