"""Files that a user names, into the atlas and out of it again."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.adding.add import Added, add
from ingest.adding.read_file import read
from kg.errors import BadSource, NotFound
from kg.records import Filters, PlacedBy
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy
from search.library import Library
from tests.support.embedders import HashedWords

LIST = """# Papers

## Model Fusion
- [Model soups: averaging weights](https://arxiv.org/abs/2203.05482v3), ICML 2022
- [Deep classifiers by another name](https://arxiv.org/abs/2203.05482)

## Memory Based Model Editing
- **Prompt memories that grow after deployment** [[pdf](https://arxiv.org/pdf/2201.06009)]
"""
DUMP = [
    {"id": "2203.05482", "title": "Model soups", "abstract": "We average.", "categories": "cs.LG"},
    {"id": "0704.0001", "title": "Diphotons at colliders", "abstract": "A calculation."},
]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    settings = Settings(tmp_path / "home")
    Catalogue(settings.catalogue).close()
    with Library(settings, HashedWords()) as opened:
        yield opened


def put(library: Library, path: Path, **options: Any) -> Added:
    return add(library, path, embedder=HashedWords(), **options)


def test_a_lists_headings_place_its_papers(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "list.md"
    path.write_text(LIST)
    assert put(library, path).counts == {"added": 3, "read": 3, "embedded": 3, "related": 1}
    (placement,) = library.paper("2201.06009").placements
    assert placement.topic == "model-editing/memory-based"
    assert (placement.placed_by, placement.source) == (PlacedBy.LIST, "list.md")
    assert library.catalogue.identifiers.conflicts() == [
        ("arxiv", "2203.05482", "Deep classifiers by another name", "list.md")
    ]


def test_adding_again_changes_nothing(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "list.md"
    path.write_text(LIST)
    put(library, path)
    vectors = library.catalogue.vectors.revision
    assert put(library, path).counts == {"added": 0, "read": 3, "embedded": 0}
    assert library.catalogue.vectors.revision == vectors


@pytest.mark.parametrize("zipped", [False, True])
def test_a_dump_brings_abstracts_and_evidence(
    library: Library, tmp_path: Path, zipped: bool
) -> None:
    listed = tmp_path / "list.md"
    listed.write_text(LIST)
    put(library, listed)
    data = "".join(json.dumps(line) + "\n" for line in DUMP) + "not json\n"
    dump = tmp_path / "dump.json"
    dump.write_bytes(gzip.compress(data.encode()) if zipped else data.encode())
    report = put(library, dump, take_all=True)
    assert report.counts["failed"] == 1
    assert "dump.json:3" in report.problems[0]
    assert (report.counts["added"], report.counts["updated"]) == (1, 1)
    first = library.ask("average").hits[0]
    assert (first.paper.id, first.evidence) == ("2203.05482", "We average.")
    assert first.topics == ("model-reuse/model-fusion",)


def test_a_dump_may_complete_only_what_is_known(library: Library, tmp_path: Path) -> None:
    listed = tmp_path / "list.md"
    listed.write_text(LIST)
    put(library, listed)
    dump = tmp_path / "dump.jsonl"
    namesake = {"id": "2301.00001", "title": "Deep classifiers by another name"}
    other = {"id": "2301.00002", "title": "Model soups: averaging weights"}
    dump.write_text("".join(json.dumps(line) + "\n" for line in (*DUMP, namesake, other)))
    report = put(library, dump, only_known=True)
    assert (report.counts["read"], report.counts["updated"]) == (4, 2)
    assert "added" not in report.counts
    assert (
        library.catalogue.identifiers.find("title", "deep classifiers by another name")
        == "2301.00001"
    )
    assert library.catalogue.identifiers.find("arxiv", "0704.0001") is None
    assert library.paper("2203.05482").paper.abstract == "We average."


@pytest.mark.slow
@pytest.mark.parametrize(
    "days", [("2024-01-02", "2024-02-02"), ("2024-02-02", "2024-01-02"), ("2024-01-02",) * 2]
)
@pytest.mark.parametrize("take_all", [True, False])
def test_a_dump_with_two_records_of_a_paper_is_news_once(
    library: Library, tmp_path: Path, days: tuple[str, str], take_all: bool
) -> None:
    listed = tmp_path / "list.md"
    listed.write_text(LIST)
    put(library, listed)
    dump = tmp_path / "dump.jsonl"
    lines = [
        {"id": name, "title": title, "abstract": f"The text of {day}, {n}.", "update_date": day}
        for name, title in (("2203.05482", "Model soups"), ("2401.00009", "Ants of many kinds"))
        for n, day in enumerate(days)
    ]
    dump.write_text("".join(json.dumps(line) + "\n" for line in lines))
    put(library, dump, take_all=take_all)
    told = library.catalogue.journal.changes(datetime(2000, 1, 1, tzinfo=UTC))
    revision = library.catalogue.revision
    newest = library.paper("2203.05482").paper.abstract or ""
    assert newest.startswith(f"The text of {max(days)}")
    for _ in range(2):
        put(library, dump, take_all=take_all)
        assert library.catalogue.journal.changes(datetime(2000, 1, 1, tzinfo=UTC)) == told
        assert library.paper("2203.05482").paper.abstract == newest
    assert library.catalogue.revision == revision


def test_a_topic_may_be_named_for_all(library: Library, tmp_path: Path) -> None:
    dump = tmp_path / "dump.jsonl"
    dump.write_text("".join(json.dumps(line) + "\n" for line in DUMP))
    put(library, dump, topic="model-reuse")
    assert len(library.select(Filters(topic="model-reuse"))) == 2
    with pytest.raises(NotFound, match="model-reuse"):
        put(library, dump, topic="model-resue")


def test_a_page_brings_its_abstract(library: Library, tmp_path: Path) -> None:
    page = tmp_path / "page.markdown"
    page.write_text(
        "---\nlayout: publication\ntitle: Learning from models\nauthors: A. One, B. Two\n"
        "additional_links:\n  - {name: Paper, url: 'https://arxiv.org/abs/2310.08184'}\n---\n"
        "We survey\nmodels.\n"
    )
    put(library, page, take_all=True)
    assert library.paper("2310.08184").paper.abstract == "We survey models."


def test_a_file_that_is_nothing_of_the_kind_changes_nothing(
    library: Library, tmp_path: Path
) -> None:
    path = tmp_path / "prose.md"
    path.write_text("Nothing but prose, and no paper in it.\n")
    with pytest.raises(BadSource, match=r"prose\.md"):
        put(library, path)
    assert library.catalogue.size() == 0


@pytest.mark.slow
@pytest.mark.shared
def test_the_lfm_list_is_read_as_it_is(shared: Path) -> None:
    found = read(shared / "lists" / "ruthless-man+Awesome-Learn-from-Model.md", Taxonomy.load())
    ids = [entry.arxiv_id for entry in found.entries if entry.arxiv_id]
    assert (len(found.entries), len(ids), len(set(ids))) == (144, 101, 95)
    assert all(found.topics)
    assert {conflict.arxiv_id for conflict in found.conflicts} == {"2202.10054", "2302.14771"}
