"""The bundled snapshot: what it promises, and that it is made of the lists."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.bundle import main, read_known, read_lists
from ingest.sources.lists.followed import load_lists
from kg.snapshot import bundled as snapshot
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy

pytestmark = pytest.mark.slow

FOLDER = Path(snapshot.__file__).parent


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    path = tmp_path_factory.mktemp("bundled") / "atlas.sqlite"
    snapshot.unpack(path)
    with Catalogue(path) as catalogue:
        yield catalogue


def test_it_keeps_its_promises(bundled: Catalogue) -> None:
    counts = bundled.counts()
    assert counts["papers"] >= 1200
    assert counts["placed"] == counts["papers"]
    assert counts["with_abstract"] == 0
    assert counts["citations"] > 1000
    assert counts["lists"] == 16
    assert list(bundled.vectors.missing("all-MiniLM-L6-v2")) == []
    assert sum(file.stat().st_size for file in FOLDER.iterdir() if file.is_file()) < 5_000_000


def test_every_placement_is_under_a_topic_that_exists(bundled: Catalogue) -> None:
    taxonomy = Taxonomy.load()
    used = {topic for topic, _ in bundled.placements.topic_papers()}
    assert all(topic in taxonomy for topic in used)
    empty = [t.id for t in taxonomy if not any(u == t.id or u.startswith(f"{t.id}/") for u in used)]
    assert empty == []


def test_the_lists_conflicts_are_kept_apart(bundled: Catalogue) -> None:
    conflicts = {value for _, value, _, source in bundled.identifiers.conflicts() if source}
    assert {"2202.10054", "2302.14771"} <= conflicts
    for title in (
        "On the effectiveness of parameter-efficient fine-tuning",
        "Fine-tuning can distort pretrained features and underperform out-of-distribution",
    ):
        assert bundled.identifiers.key(title)


@pytest.mark.parametrize(("named", "status"), [(0, 2), (1, 2), (2, 1), (3, 2)])
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


@pytest.mark.shared
def test_the_lists_give_the_papers(shared: Path, bundled: Catalogue) -> None:
    entries = read_lists(shared / "lists", load_lists(Taxonomy.load()).values())
    missing = {
        entry.arxiv_id
        for entry, _, _ in entries
        if entry.arxiv_id and not bundled.identifiers.find("arxiv", entry.arxiv_id)
    }
    wrong = {value for _, value, _, _ in bundled.identifiers.conflicts()}
    assert missing <= wrong
    known = read_known(shared / "papers.jsonl.gz", entries[:200])
    assert len(known.by_id) > 50
