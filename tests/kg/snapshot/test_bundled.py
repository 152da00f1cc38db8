import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.cards.card import record_of
from kg.errors import AtlasError, CatalogueError, DamagedSnapshot
from kg.links import Link, LinkKind
from kg.records import Citation, Filters, PlacedBy, Placement
from kg.snapshot import bundled
from kg.store.catalogue import Catalogue
from kg.store.positions import Position
from kg.store.reports import Report
from kg.store.vectors import text_hash
from tests.support.bundled_counts import COUNTS
from tests.support.factories import ARXIV_IDS, contents, paper, papers, put_all

FILES = ("manifest.json", "papers.jsonl.gz", "vectors.npy", "positions.npy", "stems.json.gz")
KINDS = ("survey", "method")
CODE = "https://github.com/somebody/soups"
DIM = 16


def unit_rows(count: int, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, DIM)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def embed(catalogue: Catalogue) -> None:
    found = list(catalogue.vectors.missing("m"))
    rows = zip(found, unit_rows(len(found)), strict=True)
    catalogue.vectors.add("m", ((key, hashed, row.tobytes()) for (key, hashed, *_), row in rows))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """A catalogue with something of everything."""
    with Catalogue(tmp_path_factory.mktemp("filled") / "atlas.sqlite") as catalogue:
        made = [paper(n, comment="A comment.") for n in (5, 3, 4, 1, 2)]
        made[1] = replace(made[1], title=made[0].title, doi="10.1000/x", withdrawn=True)
        keys = put_all(catalogue, *made)
        for one in made[:3]:
            catalogue.placements.add(one.id, [Placement("a/b", PlacedBy.LIST, "l")])
            catalogue.placements.add(one.id, [Placement("c", PlacedBy.MODEL, "m", 0.625)])
            catalogue.lists.add(one.id, "l", starred=one is made[0])
        catalogue.identifiers.add(keys[3], "title", "Another name — 名前")
        catalogue.identifiers.add(keys[3], "id", "title:old")
        catalogue.citations.add([Citation(made[0].id, one.id, "s") for one in made])
        catalogue.identifiers.add_conflict("arxiv", made[0].id, "A title", "l")
        for one in made:  # Of too many papers: shared.
            catalogue.links.add(one.id, [Link(LinkKind.CODE, CODE, "l")])
        catalogue.links.add(made[0].id, [Link(LinkKind.DATA, CODE, "m", official=True)])
        catalogue.reports.put(keys[0], Report("openalex", date(2026, 5, 17), 12, None, "ICML"))
        embed(catalogue)
        # One paper is not on the map.
        on_map = [Position(key, key / 8, -key / 16, key != keys[2]) for key in keys[1:]]
        catalogue.positions.add("m", on_map, since=0)
        yield catalogue


@pytest.fixture(scope="module")
def saved(filled: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    assert bundled.save(filled, "m", DIM, folder) == 5
    return folder


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    return shutil.copytree(saved, tmp_path / "snapshot")


@pytest.fixture
def loaded(saved: Path, tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "loaded.sqlite") as catalogue:
        bundled.load(catalogue, saved)
        yield catalogue


def vectors(catalogue: Catalogue) -> dict[str, np.ndarray]:
    rows = dict(catalogue.vectors.all("m"))
    names = (one.id for one in catalogue.papers.get(list(rows)))
    return {
        name: np.frombuffer(row, dtype="<f4")
        for name, row in zip(names, rows.values(), strict=True)
    }


def names(catalogue: Catalogue) -> set[tuple[str, str, str]]:
    keys = catalogue.papers.keys()
    ids = dict(zip(keys, [one.id for one in catalogue.papers.get(keys)], strict=True))
    other = catalogue.identifiers.additional().items()
    return {(ids[key], scheme, value) for key, found in other for scheme, value in found}


def test_a_loaded_catalogue_equals_the_saved_one(filled: Catalogue, loaded: Catalogue) -> None:
    keys = filled.papers.keys()
    assert loaded.papers.get(loaded.papers.keys()) == [
        replace(one, abstract=None, comment=None) for one in filled.papers.get(keys)
    ]
    for one, other in zip(keys, loaded.papers.keys(), strict=True):
        assert loaded.placements.get([other]).get(other) == filled.placements.get([one]).get(one)
    assert loaded.citations.all() == filled.citations.all() != []
    assert loaded.lists.entries() == filled.lists.entries() != []
    assert loaded.identifiers.conflicts() == filled.identifiers.conflicts() != []
    assert names(loaded) == names(filled) != set()
    assert loaded.links.all() == filled.links.all() != []
    for one, other in zip(keys, loaded.papers.keys(), strict=True):
        assert loaded.links.get([other]).get(other) == filled.links.get([one]).get(one)
        assert loaded.reports.get([other]).get(other) == filled.reports.get([one]).get(one)
    assert (
        loaded.identifiers.find("title", "paper number 5") == paper(5).id
    )  # Two papers have this title.


def test_loaded_vectors_are_unit_and_nearly_the_same(filled: Catalogue, loaded: Catalogue) -> None:
    wanted = vectors(filled)
    found = vectors(loaded)
    assert found.keys() == wanted.keys()
    for name, row in found.items():
        assert np.linalg.norm(row) == pytest.approx(1, abs=1e-6)
        np.testing.assert_allclose(row, wanted[name], atol=1e-3)


def test_the_map_comes_along(filled: Catalogue, loaded: Catalogue) -> None:
    wanted, found = (
        {one.id: (place.x, place.y) for one, place in zip(papers, places, strict=True)}
        for catalogue in (filled, loaded)
        for places in [catalogue.positions.all("m")]
        for papers in [catalogue.papers.get([place.key for place in places])]
    )
    assert found == wanted
    assert len(found) == 4
    assert {place.drawn for place in loaded.positions.all("m")} == {True}
    assert loaded.positions.counts("m") == (4, 4, 1)


def test_a_loaded_paper_is_not_embedded_again(filled: Catalogue, loaded: Catalogue) -> None:
    assert list(loaded.vectors.missing("m")) == []
    assert len(list(loaded.vectors.missing("other"))) == 5
    for one in filled.papers.get(filled.papers.keys()):  # The abstracts arrive.
        loaded.papers.put(one)
    assert list(loaded.vectors.missing("m")) == []


def test_the_same_catalogue_gives_the_same_bytes(
    filled: Catalogue, loaded: Catalogue, saved: Path, tmp_path: Path
) -> None:
    bundled.save(filled, "m", DIM, tmp_path / "again")
    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (saved / name).read_bytes()
    bundled.save(loaded, "m", DIM, tmp_path / "reloaded")
    assert (tmp_path / "reloaded" / FILES[1]).read_bytes() == (saved / FILES[1]).read_bytes()


def test_no_abstract_is_in_the_snapshot(saved: Path) -> None:
    text = gzip.decompress((saved / "papers.jsonl.gz").read_bytes()).decode()
    assert "Paper number 1" in text
    assert "We study" not in text
    assert "A comment." not in text


@pytest.mark.slow
@given(st.lists(papers(), min_size=1, max_size=3, unique_by=lambda one: one.id))
@settings(max_examples=25, deadline=None)
def test_any_paper_survives(tmp_path_factory: pytest.TempPathFactory, made: list) -> None:  # type: ignore[type-arg]
    folder = tmp_path_factory.mktemp("any")
    with Catalogue(folder / "a.sqlite") as a, Catalogue(folder / "b.sqlite") as b:
        put_all(a, *made)
        embed(a)
        bundled.save(a, "m", DIM, folder)
        bundled.load(b, folder)
        assert b.papers.get(b.papers.keys()) == [
            replace(one, abstract=None, comment=None) for one in a.papers.get(a.papers.keys())
        ]
        assert names(b) == names(a)


@pytest.mark.slow
@given(st.lists(st.tuples(ARXIV_IDS, st.sampled_from("abc")), min_size=1, unique_by=lambda x: x[0]))
@settings(max_examples=25, deadline=None)
def test_titles_stay_with_their_papers(
    tmp_path_factory: pytest.TempPathFactory, made: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("titles")
    with Catalogue(folder / "a.sqlite") as a, Catalogue(folder / "b.sqlite") as b:
        put_all(a, *(paper(0, id=name, arxiv_id=name, title=title) for name, title in made))
        embed(a)
        bundled.save(a, "m", DIM, folder)
        bundled.load(b, folder)
        assert [b.identifiers.find("title", title) for title in "abc"] == [
            a.identifiers.find("title", title) for title in "abc"
        ]


def test_papers_without_a_vector_stay_behind(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "a.sqlite") as catalogue:
        (key, _) = put_all(catalogue, paper(1), paper(2))
        with pytest.raises(AtlasError, match="embed the papers"):
            bundled.save(catalogue, "m", DIM, tmp_path)
        catalogue.vectors.add("m", [(key, text_hash(paper(1).text), unit_rows(1).tobytes())])
        assert bundled.save(catalogue, "m", DIM, tmp_path) == 1


# -- cards ------------------------------------------------------------------------------------


def write_cards(folder: Path, *records: dict[str, Any]) -> None:
    text = "".join(json.dumps(one) + "\n" for one in records)
    (folder / bundled.CARDS).write_bytes(gzip.compress(text.encode()))


def test_cards_are_found_by_any_name_of_their_paper(copy: Path, tmp_path: Path) -> None:
    card = {"kind": "method", "summary": "Zebras average models.", "by": "abstract"}
    card = {**card, "modality": ["text", "vision"]}
    named = [{"id": name, **card} for name in (paper(5).id, "title:old", "title:never")]
    write_cards(copy, *named)
    with Catalogue(tmp_path / "a.sqlite") as catalogue:
        assert bundled.load(catalogue, copy) == 1
        assert catalogue.cards.count() == 2
        for name in (paper(5).id, "title:old"):
            key = catalogue.identifiers.key(name)
            assert record_of(catalogue.cards.get([key])[key]) == card
            assert catalogue.cards.sources([key]) == {key: bundled.CARD_SOURCE}
            assert key in catalogue.papers.select(Filters(modality="vision", withdrawn=True))
        assert catalogue.words.document_frequency("zebras") == 2


def test_of_two_cards_of_one_paper_the_first_is_kept(copy: Path, tmp_path: Path) -> None:
    names = (paper(1).id, "title:old")
    write_cards(
        copy, *({"id": n, "kind": k, "by": "title"} for n, k in zip(names, KINDS, strict=True))
    )
    with Catalogue(tmp_path / "a.sqlite") as catalogue:
        assert bundled.load(catalogue, copy) == 1
        (card,) = catalogue.cards.all().values()
        assert card.kind == KINDS[0]


def test_of_two_cards_of_one_paper_one_with_a_summary_is_kept(copy: Path, tmp_path: Path) -> None:
    bare, full = ({"id": n, "kind": KINDS[0]} for n in (paper(1).id, "title:old"))
    write_cards(copy, bare | {"by": "title"}, full | {"by": "abstract", "summary": "Of soups."})
    with Catalogue(tmp_path / "a.sqlite") as catalogue:
        assert bundled.load(catalogue, copy) == 1
        (card,) = catalogue.cards.all().values()
        assert card.summary == "Of soups."


@pytest.mark.parametrize(
    "content",
    [b"\x1f\x8b\x08", b"{}", gzip.compress(b"[]", mtime=0), gzip.compress(b'{"a": 1}', mtime=0)],
)
def test_a_damaged_file_of_cards_is_reported(copy: Path, tmp_path: Path, content: bytes) -> None:
    (copy / bundled.CARDS).write_bytes(content)
    with Catalogue(tmp_path / "a.sqlite") as catalogue:
        with pytest.raises(DamagedSnapshot, match="cards"):
            bundled.load(catalogue, copy)
        assert catalogue.size() == 0


# -- damage ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("part", [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99])
def test_a_flipped_byte_is_told_and_nothing_is_made(
    copy: Path, tmp_path: Path, name: str, part: float
) -> None:
    data = bytearray((copy / name).read_bytes())
    data[int(len(data) * part)] ^= 1
    (copy / name).write_bytes(data)
    home = tmp_path / "home"
    with pytest.raises(DamagedSnapshot, match=r"install lfm-atlas again|upgrade"):
        bundled.unpack(home / "atlas.sqlite", copy)
    assert list(home.iterdir()) == []


def test_no_byte_of_the_manifest_may_change(copy: Path, tmp_path: Path) -> None:
    path = copy / "manifest.json"
    whole = path.read_bytes()
    with Catalogue(tmp_path / "a.sqlite") as catalogue:
        before = contents(catalogue.path)
        for place in range(len(whole)):
            data = bytearray(whole)
            data[place] ^= 4
            path.write_bytes(data)
            with pytest.raises(DamagedSnapshot):
                bundled.load(catalogue, copy)
        assert contents(catalogue.path) == before


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", [None, b"", b"[]", b"{}", b"null", b"{"])
def test_a_missing_or_strange_file_is_told(copy: Path, name: str, content: bytes | None) -> None:
    (copy / name).unlink()
    if content is not None:
        (copy / name).write_bytes(content)
    with Catalogue(copy / "a.sqlite") as catalogue:
        with pytest.raises(DamagedSnapshot):
            bundled.load(catalogue, copy)
        assert catalogue.size() == 0


@pytest.mark.parametrize(
    ("form", "mend"),
    [
        (bundled.FORMAT + 1, "pip install --upgrade"),
        (bundled.FORMAT - 1, "has form 3, this version reads 4: install lfm-atlas again"),
    ],
)
def test_another_form_is_told(copy: Path, tmp_path: Path, form: int, mend: str) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["format"] = form
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with (
        Catalogue(tmp_path / "a.sqlite") as catalogue,
        pytest.raises(DamagedSnapshot, match=mend),
    ):
        bundled.load(catalogue, copy)


# -- unpacking ---------------------------------------------------------------------------------


def test_a_catalogue_is_unpacked_once(saved: Path, tmp_path: Path) -> None:
    path = tmp_path / "new" / "home" / "atlas.sqlite"
    assert bundled.unpack(path, saved) is True
    assert list(path.parent.iterdir()) == [path]
    with Catalogue(path) as catalogue:
        catalogue.papers.put(paper(99))
    before = contents(path)
    assert bundled.unpack(path, saved) is False
    assert contents(path) == before


def test_an_empty_file_is_replaced(saved: Path, tmp_path: Path) -> None:
    path = tmp_path / "atlas.sqlite"
    path.touch()
    assert bundled.unpack(path, saved) is True
    with Catalogue(path) as catalogue:
        assert catalogue.size() == 5


def test_what_a_removed_catalogue_left_does_no_harm(saved: Path, tmp_path: Path) -> None:
    path, wal = tmp_path / "atlas.sqlite", tmp_path / "atlas.sqlite-wal"
    with Catalogue(path) as catalogue:
        put_all(catalogue, *map(paper, range(50, 90)))
        left = wal.read_bytes()
    path.unlink()
    wal.write_bytes(left)
    assert len(left) > 0
    assert bundled.unpack(path, saved) is True
    with Catalogue(path) as catalogue:
        catalogue.database.check()
        assert catalogue.size() == 5


def test_a_link_to_a_catalogue_is_kept(saved: Path, tmp_path: Path) -> None:
    link = tmp_path / "atlas.sqlite"
    link.symlink_to(tmp_path / "elsewhere.sqlite")
    assert bundled.unpack(link, saved) is True
    assert link.is_symlink()
    with Catalogue(link) as catalogue:
        assert catalogue.size() == 5


@pytest.mark.parametrize("home", ["file/home", "file", "/proc/atlas", "/dev/null/atlas", "x" * 300])
def test_a_home_that_cannot_be_used_is_told(saved: Path, tmp_path: Path, home: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CatalogueError, match="LFM_HOME"):
        bundled.unpack(tmp_path / home / "atlas.sqlite", saved)


UNPACK = """
import sys
from pathlib import Path
from kg.links import Link, LinkKind
from kg.snapshot import bundled
from kg.store.catalogue import Catalogue
sys.stdin.readline()
path = Path(sys.argv[2])
made = bundled.unpack(path, Path(sys.argv[1]))
with Catalogue(path) as catalogue:
    print(made, catalogue.size())
"""


@pytest.mark.slow
def test_processes_may_unpack_at_once(saved: Path, tmp_path: Path) -> None:
    path = tmp_path / "home" / "atlas.sqlite"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", UNPACK, str(saved), str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in running:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    told = sorted(process.communicate(timeout=60)[0] for process in running)
    assert told == ["False 5\n", "True 5\n"]
    # When two connections close at once, SQLite may leave its own files; we leave none.
    left = {file.name for file in path.parent.iterdir()}
    assert left - {"atlas.sqlite-wal", "atlas.sqlite-shm"} == {"atlas.sqlite"}
    with Catalogue(path) as catalogue:
        catalogue.database.check()
        assert catalogue.size() == 5


@pytest.mark.slow
def test_the_bundled_snapshot_unpacks(tmp_path: Path) -> None:
    path = tmp_path / "atlas.sqlite"
    assert bundled.unpack(path) is True
    with Catalogue(path) as catalogue:
        counts = catalogue.counts()
        catalogue.database.check()
        assert counts["papers"] == COUNTS["papers"]
        assert counts["with_abstract"] == 0
