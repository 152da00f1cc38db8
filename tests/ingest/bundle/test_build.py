"""Making a snapshot from a small data folder: every source of facts, and what placement lets in."""

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.bundle.__main__ import main
from ingest.bundle.build import build
from ingest.sources.lists.followed import load_lists
from kg.entities.entity import Relation
from kg.records import Paper, PlacedBy
from kg.snapshot import bundled
from kg.store.catalogue import Catalogue
from kg.store.vectors import text_hash
from kg.taxonomy.taxonomy import Taxonomy
from tests.support.embedders import HashedWords

BY_TITLE = "Averaging of adapters that nobody has numbered"
ABSTRACT = "We average adapters, and count their weights on GLUE."


def write_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))


def write_table(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    lists, more = folder / "lists", folder / "more"
    (more / "lists_more").mkdir(parents=True)
    lists.mkdir()
    for number, source in enumerate(load_lists(Taxonomy.load()).values()):
        lines = [
            f"- [Merging of models, part {part}](https://arxiv.org/abs/2203.{part:05})"
            for part in range(3 * number, 3 * number + 3)
        ]
        if source.name == "adapters":
            lines += [f"- {BY_TITLE}, ICML 2021", "- [Adapters](https://arxiv.org/abs/2105.00001)"]
        text = "# List\n\n## Model Fusion\n\n" + "\n".join(lines)
        (lists / f"{source.repository.replace('/', '+')}.md").write_text(text)
    beside = (
        "# Unlearning\n\n- [To forget is to learn twice](https://arxiv.org/abs/2404.00001)\n"
        "- [To forget what nobody has read](https://arxiv.org/abs/2404.00002)"
    )
    (more / "lists_more" / "somebody+Unlearning.md").write_text(beside)
    write_lines(
        folder / "papers.jsonl.gz",
        [
            {
                **{"arxiv_id": "2105.00001", "title": "Adapters that are added", "year": 2021},
                **{"abstract": "We add.", "authors": ["Ada Ant et al."], "date": "2021-05-03"},
            }
        ],
    )
    edge: dict[str, str] = {"citing_arxiv_id": "2203.00001", "cited_arxiv_id": "2105.00001"}
    write_table(folder / "citations.csv", [edge])
    table = {"citing": "2203.00002", "cited": "title:0123456789ab", "source": "somebody"}
    write_table(more / "citations_more.csv", [table, table | {"cited": "2203.00001"}])
    more_ids = {"atlas_id": "title:0123456789ab", "arxiv_id": "2106.00001", "title": BY_TITLE}
    write_table(more / "arxiv_ids_more.csv", [more_ids])
    facts = {"categories": ["cs.LG"], "complete": False, "date": "2105", "source": "s"}
    write_lines(
        more / "facts_more.jsonl.gz",
        [
            facts | {"arxiv_id": "2105.00001", "authors": ["Ada Ant", "Bea Bee"]},
            facts | {"arxiv_id": "2106.00001", "authors": [], "date": "2021-06-09"},
        ],
    )
    known: dict[str, Any] = {"key": None, "title": BY_TITLE, "abstract": ABSTRACT, "match": "title"}
    wrong = {"key": "2203.00003", "title": "Quite another thing", "abstract": "No."}
    write_lines(
        more / "abstracts_more.jsonl.gz",
        [
            {**known, "authors": ["Cy Cat"], "venue": "ICML 2021"},
            {**known, "key": "2404.00001", "title": "To forget is to learn twice"},
            {**known, "key": "2404.00002", "title": "To forget what nobody has read"},
            {**known, **wrong},
        ],
    )
    return folder


@pytest.fixture(scope="module")
def made(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    folder = tmp_path_factory.mktemp("made")
    write_lines(folder / bundled.CARDS, [{"id": "2404.00001", "kind": "method", "by": "title"}])
    build(data, folder, folder / "cache", HashedWords())
    with Catalogue(folder / "atlas.sqlite") as catalogue:
        bundled.load(catalogue, folder)
        yield catalogue


def paper(catalogue: Catalogue, name: str) -> Paper:
    return catalogue.papers.get([catalogue.identifiers.key(name)])[0]


def test_facts_of_all_sources_are_merged(made: Catalogue) -> None:
    known = paper(made, "2105.00001")
    assert known.title == "Adapters that are added"
    assert known.authors == ("Ada Ant", "Bea Bee")  # In full, though the record breaks off.
    assert known.categories == ("cs.LG",)
    assert str(known.appeared) == "2021-05-03"


def test_a_paper_by_title_gets_its_id_and_is_found_by_its_old_one(made: Catalogue) -> None:
    named = paper(made, BY_TITLE)
    assert named.id == "2106.00001"
    assert named.authors == ("Cy Cat",)
    assert str(named.appeared) == "2021-06-09"
    assert named.year == 2021


def test_an_abstract_of_another_title_is_not_taken(made: Catalogue) -> None:
    hashes = made.vectors.text_hashes(HashedWords().model)
    for name, whole in ((BY_TITLE, True), ("2203.00003", False)):
        key = made.identifiers.key(name)
        assert (hashes[key] != text_hash(paper(made, name).title)) is whole


def test_citations_of_all_files_are_there(made: Catalogue) -> None:
    found = {edge[:2] for edge in made.citations.all()}
    assert found == {("2203.00001", "2105.00001"), ("2203.00002", "2203.00001")}


def test_no_abstract_is_carried(made: Catalogue) -> None:
    assert made.counts()["with_abstract"] == 0


def test_what_an_abstract_names_is_known_without_it(made: Catalogue) -> None:
    key = made.identifiers.key(BY_TITLE)
    (found,) = made.relations.of_papers([key])
    assert made.entities.ids([found.entity]) == {found.entity: "benchmark/glue"}
    assert found.relation is Relation.MENTIONS
    assert not made.reads.unread()


def test_of_a_neighbouring_list_enters_what_was_read_and_is_placed(made: Catalogue) -> None:
    if made.identifiers.is_id("2404.00001"):
        key = made.identifiers.key("2404.00001")
        assert {p.placed_by for p in made.placements.get([key])[key]} == {PlacedBy.MODEL}
    assert not made.identifiers.is_id("2404.00002")
    assert all(name != "unlearning" for name, *_ in made.lists.entries())


@pytest.mark.parametrize(("named", "status"), [(0, 2), (1, 2), (2, 1), (4, 2)])
def test_the_command_fails_where_it_makes_nothing(
    tmp_path: Path,
    named: int,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folders = [str(tmp_path / str(number)) for number in range(named)]
    monkeypatch.setattr("sys.argv", ["bundle", *folders])
    assert main() == status
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
