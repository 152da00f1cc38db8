"""Adding to the atlas: lists, pages, bibliographies, dumps of arXiv metadata, papers, cards, and
files of entities."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.adding import read_file
from ingest.adding.admission import Admission
from ingest.adding.cards import CardFile, add_cards, fill_cards
from ingest.adding.dump import add_dump
from ingest.adding.entities import EntityFile, add_entities, read_entity_file
from ingest.adding.read_file import Reading
from ingest.adding.table import TableFile, add_table
from ingest.entities.propose import propose
from ingest.entities.update import update as update_entities
from ingest.net.outside import Outside
from ingest.sources.arxiv import dump
from ingest.sources.bibliography.reference import arxiv_id_in
from kg.cards.file import is_card_file, read_cards
from kg.entities.file import is_entity_file
from kg.errors import BadRequest, BadSource
from kg.ids.doi import parse_doi
from kg.records import ListEntry
from search.embedding.base import Embedder
from search.library import Library

IDENTIFIERS_SOURCE = "lfm add"
"""Name of the source of papers that are named by identifiers."""

_Part = Path | TableFile | Reading | CardFile | EntityFile
"""What is added together; a path is a dump's."""


@dataclass(frozen=True, slots=True)
class Added:
    """The outcome of adding."""

    source: str
    """The files' names, and the identifiers."""
    counts: dict[str, int]
    """How many papers were read, added, updated, left unchanged, embedded; and of the candidates,
    how many the model placed, are in the review queue, or are outside the field; of cards, how many
    are stored, were there before, and are of papers that the atlas lacks; of entities, how many are
    stored, were there before, and are removed; of how many papers the relations changed, and how
    many names were proposed as entities."""
    problems: tuple[str, ...]
    """What could not be read or fetched, a line each."""
    failed: tuple[str, ...] = ()
    """Identifiers of which no record could be fetched, and dumps that end in damage, with the
    reason."""
    notes: tuple[str, ...] = ()
    """Dumps that went on where an earlier run was stopped; counts are of what was left."""


def add(
    library: Library,
    named: Path | str | Sequence[Path | str],
    topic: str | None = None,
    only_known: bool = False,
    take_all: bool = False,
    progress: bool = False,
    embedder: Embedder | None = None,
    outside: Outside | None = None,
) -> Added:
    """Add papers to the atlas as a refresh does, and embed them.

    Papers of the atlas are completed. Papers under a list's headings that mean a topic are placed
    there. All others are candidates: placed by the model, queued for review, or outside.

    Parameters
    ----------
    named : path, str, or sequence of these
        Awesome lists, publication pages, folders of pages, bibliographies, JSON Lines of arXiv
        metadata; cards; files of entities; arXiv ids, DOIs, and links to either.
    topic : str, optional
        Place all papers under this topic, as a person's decision.
    only_known : bool
        Complete papers of the atlas, such as their abstracts, but add none.
    take_all : bool
        Add papers that nothing places, under no topic, without asking the model.
    progress : bool
        Show progress bars on standard error.
    embedder : Embedder, optional
        Used in place of the model that the settings name.
    outside : Outside, optional
        Clock and network.

    Raises
    ------
    BadSource
        If a file cannot be read at all, or a name is neither a file's nor a paper's.
    NotFound
        If there is no such topic.
    BadRequest
        If the options contradict each other.
    """
    if only_known and take_all:
        raise BadRequest("--only-known and --all contradict each other", "leave one of them out")
    if topic is not None:
        topic = library.taxonomy[topic].id
    # Everything is checked before anything is stored.
    parts = _parts(library, [named] if isinstance(named, Path | str) else named)
    admission = Admission(
        library, outside or Outside(), topic, only_known, take_all, embedder, progress
    )
    options, revision = (topic, only_known, take_all), library.catalogue.revision
    for part in parts:
        before = admission.counts.copy()
        if isinstance(part, Path):
            add_dump(admission, library.catalogue, part, options)
        elif isinstance(part, TableFile):
            add_table(admission, library.catalogue, part, options)
        elif isinstance(part, CardFile):
            admission.counts += add_cards(library.catalogue, part)
        elif isinstance(part, EntityFile):
            admission.counts += add_entities(library.catalogue, part)
        else:
            admission.problems += map(str, part.problems)
            admission.add_entries(part)
            admission.counts.update(fill_cards(library.catalogue, part.name, part.cards))
        if not isinstance(part, Path | TableFile):
            admission.embed()
        counts = {name: number - before[name] for name, number in admission.counts.items()}
        problems = len(admission.problems) + len(admission.failed)
        library.catalogue.journal.log_fetch(part.name, {**counts, "problems": problems})
    if related := update_entities(library.catalogue):
        admission.counts["related"] += related
    if proposed := propose(library.catalogue):
        admission.counts["proposed"] += proposed
    if library.catalogue.revision != revision:
        library.update_indexes()  # Else the next question has to.
    return Added(
        ", ".join(part.name for part in parts),
        dict(admission.counts),
        tuple(admission.problems),
        tuple(admission.failed),
        tuple(admission.notes),
    )


def _parts(library: Library, every: Sequence[Path | str]) -> list[_Part]:
    """Return dumps and large tables, to be read later, and the contents of other files and
    identifiers.

    Entities come last, after the papers that introduce them.
    """
    parts: list[_Part] = []
    papers: list[ListEntry] = []
    for one in every:
        path = Path(one)
        if not _exists(path):
            papers.append(_paper(str(one)))
        elif path.is_file() and is_card_file(path):
            parts.append(CardFile(path, tuple(read_cards(path))))
        elif path.is_file() and is_entity_file(path):
            parts.append(read_entity_file(library.catalogue, path))
        elif _is_dump(path):
            parts.append(path)
        elif large := TableFile.of(path):
            parts.append(large)
        else:
            parts.append(read_file.read(path, library.taxonomy))
    if papers:
        topics = (None,) * len(papers)
        parts.append(Reading(IDENTIFIERS_SOURCE, tuple(papers), topics, (), (), listed=False))
    return sorted(parts, key=lambda part: isinstance(part, EntityFile))


def _paper(name: str) -> ListEntry:
    """Return the paper that an identifier or a link names."""
    arxiv_id = arxiv_id_in(name)
    doi = None if arxiv_id else parse_doi(name)
    if not arxiv_id and not doi:
        mend = "check the path, or give an arXiv id, a DOI or a link to either"
        raise BadSource(name, None, "no such file", mend)
    return ListEntry("", arxiv_id=arxiv_id, doi=doi)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # Too long for a file name.
        return False


def _is_dump(path: Path) -> bool:
    """Return whether the file is JSON Lines of arXiv metadata, gzipped or not.

    An item of CSL-JSON, which may stand alone, has a type, and JSON-LD has names that begin with
    an @; a record of arXiv has neither.
    """
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            if file.read(2) == b"\x1f\x8b":
                with gzip.open(path) as zipped:
                    return zipped.read(1) == b"{"
            file.seek(0)
            line = file.readline(dump.MAX_LINE_BYTES).removeprefix(b"\xef\xbb\xbf")
    except (OSError, EOFError):
        return False
    if not line.startswith(b"{") or line.strip() == b"{":
        return False
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        # A broken line is reported by the reader of dumps; a document continues on the next.
        return not line.rstrip().endswith((b"{", b"[", b","))
    names = {"type", "items", "message", "@context", "@graph", "@id", "@type"}
    return isinstance(record, dict) and not record.keys() & names
