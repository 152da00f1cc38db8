"""What is wrong with a catalogue is found, and told in one line with the way back."""

import random
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from kg.entities.entity import Entity, EntityType, Name, Relation, Source
from kg.errors import AtlasError
from kg.links import LinkState
from kg.records import Citation, PlacedBy, Placement
from kg.store.catalogue import Catalogue
from kg.store.integrity import faults
from kg.store.journal import ChangeKind
from kg.store.reports import Report
from kg.store.vectors import text_hash
from tests.support.factories import card, code_link, paper, predicted_card, put_all

MODEL = "tiny"
DAY = date(2026, 1, 2)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of thirty papers with something in nearly every table."""
    path = tmp_path_factory.mktemp("made") / "atlas.sqlite"
    chance = np.random.default_rng(1)
    with Catalogue(path) as catalogue:
        papers = [paper(number, abstract=f"We try {number} things.") for number in range(1, 31)]
        papers[5] = replace(papers[5], title="M³IT: ﬁnds μ", authors=("José Ánt", "{B}"))
        put_all(catalogue, *papers)
        with catalogue.writing():
            for one in papers:
                catalogue.placements.add(
                    one.id, [Placement("model-editing", PlacedBy.LIST, "a list")]
                )
                catalogue.lists.add(one.id, "a list", starred=False)
                catalogue.journal.log_change(one.id, ChangeKind.ADDED)
                vector = chance.normal(size=8)
                vector /= np.linalg.norm(vector)
                row = (
                    catalogue.identifiers.key(one.id),
                    text_hash(one.text),
                    vector.astype("<f4").tobytes(),
                )
                catalogue.vectors.add(MODEL, [row])
            catalogue.citations.add([Citation(papers[0].id, papers[1].id, "a source")])
            catalogue.cards.put(papers[4].id, card(), "snapshot")
            catalogue.cards.put(papers[5].id, predicted_card(), "predictor")
            catalogue.links.add(papers[2].id, [code_link(1)])
            moved = "https://github.com/ada/moved"
            catalogue.links.put_check(code_link(1).url, LinkState.MOVED, DAY, moved)
            catalogue.reports.put(3, Report("openalex", DAY, 7, "https://example.org/a.pdf"))
            names = (Name("AddUp"), Name("Adding Up"))
            add_up = Entity("method/addup", EntityType.METHOD, names, "Adds.", "own.yaml")
            glue = Entity("benchmark/glue", EntityType.BENCHMARK, (Name("GLUE"),), "x", "list")
            key, other = catalogue.entities.put_all([add_up, glue]).values()
            catalogue.entities.set_extends([(key, other)])
            catalogue.relations.replace([5], [(other, Relation.EVALUATES_ON, 5, Source.CARD)])
            catalogue.reads.mark(catalogue.reads.unread())
        catalogue.proposals.add("FooTune", EntityType.METHOD, [paper(1).id])
        catalogue.journal.log_fetch("a list", {"read": 30})
        catalogue.database.checkpoint()
    return path


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    path = tmp_path / "atlas.sqlite"
    path.write_bytes(made.read_bytes())
    return path


def spoil(path: Path, *statements: str) -> None:
    """Change a file as damage would, past all that guards its values."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            database.execute(statement)


def told(path: Path) -> list[str]:
    try:
        with Catalogue(path) as catalogue:
            return [str(fault) for fault in faults(catalogue.database)]
    except AtlasError as error:
        return [str(error)]


def test_a_sound_catalogue_has_no_fault(copy: Path) -> None:
    assert told(copy) == []


CASES = {
    "UPDATE placements SET placed_by = 'lisp' WHERE paper = 3": "CHECK constraint failed",
    "UPDATE changes SET kind = 'addee' WHERE key = 3": "CHECK constraint failed",
    "UPDATE identifiers SET scheme = 'arxiw' WHERE paper = 3": "CHECK constraint failed",
    "UPDATE list_entries SET starred = 7 WHERE paper = 3": "CHECK constraint failed",
    "DELETE FROM papers WHERE key = 3": "1 row of list_entries about a paper that is not there",
    "UPDATE papers SET title = x'4142' WHERE key = 3": "1 row of papers whose title is no text",
    "UPDATE papers SET year = 'then' WHERE key = 3": "1 row of papers whose year is no integer",
    "UPDATE papers SET published = '2024-02-31' WHERE key = 3": "'2024-02-31' is no published",
    "UPDATE papers SET updated = '0000-01-01' WHERE key = 3": "'0000-01-01' is no updated",
    "UPDATE papers SET year = 20240 WHERE key = 3": "has a year that cannot be",
    "UPDATE changes SET at = 'yesterday' WHERE key = 3": "'yesterday' is no at",
    "UPDATE fetch_log SET report = '{'": "1 row of fetch_log whose report cannot be read",
    "UPDATE meta SET value = 'abc' WHERE name = 'revision'": "'abc' is no revision",
    "UPDATE papers SET title = 'Another' WHERE key = 3": "that has changed by itself",
    "UPDATE papers SET abstract = 'Another.' WHERE key = 3": "that has changed by itself",
    "UPDATE authorships SET folded = 'nobody' WHERE paper = 3": "cannot be found by name",
    "UPDATE papers SET arxiv_id = '2401.99999' WHERE key = 3": "by which nothing is found",
    "UPDATE authorships SET name = 'A B', folded = 'a b' WHERE paper = 3 AND position = 0": (
        "words to search for that are not those of the paper"
    ),
    "DELETE FROM words WHERE rowid = 3": "words to search for that are not those of the paper",
    "UPDATE cards SET summary = NULL, record = json_remove(record, '$.summary') WHERE paper = 5": (
        "words to search for that are not those of the paper"
    ),
    "INSERT INTO cards VALUES (3, 'A summary', '{', 'x')": "1 row of cards whose record cannot",
    "UPDATE words_data SET block = zeroblob(20) WHERE id > 10": "does not match the texts",
    "UPDATE cards SET record = '{}' WHERE paper = 5": "has a card that cannot be read",
    "UPDATE cards SET record = '[]' WHERE paper = 5": "has a card that cannot be read",
    "UPDATE cards SET record = replace(record, 'white-box', 'glass-box') WHERE paper = 5": (
        "has a card that cannot be read"
    ),
    "UPDATE cards SET record = replace(record, '0.91', '7') WHERE paper = 6": (
        "has a card that cannot be read"
    ),
    "UPDATE cards SET record = '{' WHERE paper = 5": "1 row of cards whose record cannot be read",
    "UPDATE cards SET summary = 'Another.' WHERE paper = 5": "a summary that is not that of",
    "DELETE FROM card_values WHERE paper = 5 AND value = 'text'": "a card that filters do not find",
    "UPDATE card_values SET value = 'few' WHERE paper = 6 AND field = 'data'": (
        "a card that filters do not find"
    ),
    "UPDATE links SET url = 'javascript:alert(1)'": "1 row of links whose url is no link",
    "UPDATE link_checks SET moved_to = 'http://127.0.0.1/x'": "link_checks whose moved_to is no",
    "UPDATE reports SET open_access = 'data:text/html,x'": "reports whose open_access is no link",
    "UPDATE link_checks SET checked = 'today'": "'today' is no checked",
    "DELETE FROM entities WHERE id = 'method/addup'": "entity_names about an entity that is not",
    "UPDATE entity_papers SET paper = 99": "1 row of entity_papers about a paper that is not there",
    "UPDATE entity_papers SET relation = 'likes'": "CHECK constraint failed",
    "UPDATE entity_extends SET other = 99": "1 row of entity_extends about an entity that is not",
    "UPDATE entity_names SET folded = 'x' WHERE name = 'AddUp'": (
        "method/addup has a name by which nothing is found"
    ),
    "DELETE FROM entity_names WHERE name = 'GLUE'": "benchmark/glue has no name of its own",
    "UPDATE entities SET type = 'model' WHERE name = 'GLUE'": "has an id of another type",
    "INSERT INTO entity_extends SELECT other, entity FROM entity_extends": (
        "benchmark/glue, method/addup have a circle in what is extended"
    ),
    "UPDATE entity_proposals SET papers = '['": "1 row of entity_proposals whose papers cannot be",
    "UPDATE entity_proposals SET papers = '{}'": "1 row of entity_proposals that cannot be read",
    "UPDATE entity_proposals SET folded = 'x'": "1 row of entity_proposals that cannot be read",
    "UPDATE entity_proposals SET queued = 'once'": "'once' is no queued",
    "UPDATE entity_proposals SET decision = 'move'": "CHECK constraint failed",
    "UPDATE vectors SET vector = x'00' WHERE paper = 3": "of another length than the others",
    "UPDATE vectors SET vector = zeroblob(32) WHERE paper = 3": "does not match its checksum",
}


@pytest.mark.parametrize("statement", CASES)
def test_each_fault_is_told_in_one_line_with_the_way_back(copy: Path, statement: str) -> None:
    spoil(copy, "PRAGMA foreign_keys = OFF", statement)
    lines = told(copy)
    assert any(CASES[statement] in line for line in lines), lines
    for line in lines:
        assert "\n" not in line
        assert "`lfm " in line


def test_papers_are_named_and_the_others_counted(copy: Path) -> None:
    spoil(copy, "UPDATE vectors SET vector = zeroblob(32) WHERE paper < 7")
    (line,) = told(copy)
    with Catalogue(copy) as catalogue:
        ids = [one.id for one in catalogue.papers.get([1, 2, 3])]
    assert line.startswith(f"{', '.join(ids)} and 3 more have a vector that does not match")


def test_no_flipped_bit_of_a_vector_goes_unseen(copy: Path, made: Path) -> None:
    with closing(sqlite3.connect(made)) as database:
        vectors = [row[0] for row in database.execute("SELECT vector FROM vectors")]
    data, chance = made.read_bytes(), random.Random(4)
    for vector in chance.sample(vectors, 10):
        at = data.index(vector) + chance.randrange(len(vector))
        flipped = bytearray(data)
        flipped[at] ^= 1 << chance.randrange(8)
        copy.write_bytes(flipped)
        assert any("checksum" in line for line in told(copy))


@pytest.mark.slow
def test_no_flipped_bit_of_a_title_or_abstract_goes_unseen(copy: Path, made: Path) -> None:
    data, chance = made.read_bytes(), random.Random(5)
    for number in chance.sample(range(10, 31), 10):
        text = f"We try {number} things.".encode()
        starts = [at for at in range(len(data)) if data.startswith(text, at)]
        assert len(starts) == 2  # Of the paper, and of the index of words.
        for start in starts:
            flipped = bytearray(data)
            flipped[start + chance.randrange(len(text))] ^= 1 << chance.randrange(7)
            copy.write_bytes(flipped)
            assert told(copy)


def test_a_damaged_vector_is_passed_over_and_made_again(copy: Path) -> None:
    from ingest.embedding import embed_missing
    from tests.support.embedders import HashedWords

    embedder = HashedWords()
    with Catalogue(copy) as catalogue:
        embed_missing(catalogue, embedder)
        good = catalogue.vectors.all(embedder.model)
        catalogue.database.checkpoint()
    spoil(copy, "UPDATE vectors SET vector = x'01' WHERE paper = 3 AND model != 'tiny'")
    with Catalogue(copy) as catalogue:
        assert catalogue.vectors.get(embedder.model, [3]) == {}
        assert [key for key, _ in catalogue.vectors.all(embedder.model)] == [
            key for key, _ in good if key != 3
        ]
        assert catalogue.vectors.remove_damaged(embedder.model) == 1
        embed_missing(catalogue, embedder)
        assert catalogue.vectors.all(embedder.model) == good
        assert list(faults(catalogue.database)) == []


def test_catalogues_of_before_are_checked_alike(tmp_path: Path) -> None:
    from kg.store.database import Database, own_migrations

    path = tmp_path / "atlas.sqlite"
    Database(path, own_migrations()[:4]).close()
    spoil(
        path,
        "INSERT INTO papers (key, id, title, text_hash) VALUES (7, 'title:x', 'Old', 'h')",
        "INSERT INTO words (rowid, title, abstract, authors) VALUES (7, 'Old', '', '')",
        "INSERT INTO vectors VALUES (7, 'm', 'h', x'0000803f', 1)",
        "INSERT INTO list_entries VALUES ('l', 7, 1, NULL)",
        "INSERT INTO changes (at, paper, kind, detail) VALUES ('2024-01-01', 'a', 'odd', '')",
    )
    with Catalogue(path) as catalogue:
        assert list(faults(catalogue.database)) == []
        assert catalogue.vectors.all("m") == [(7, bytes.fromhex("0000803f"))]
