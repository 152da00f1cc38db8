"""Which papers of the atlas a bibliography means: taken when sure, suggested when near."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.adding import matching
from ingest.adding.matching import Match
from ingest.sources.bibliography import readers
from kg.store.catalogue import Catalogue
from tests.support.factories import paper, put_all

SOUPS = paper(
    1,
    title="Model soups: averaging weights of models",
    doi="10.1000/soups",
    authors=("Mitchell Wortsman",),
)
ARITHMETIC = paper(2, title="Editing Models with Task Arithmetic", authors=("Gabriel Ilharco",))
SHORT = paper(3, title="Meta-Learning", authors=("Ada Lovelace",))
LORA = paper(4, title="LoRA: Low-Rank Adaptation of Large Language Models")


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    path: Path = tmp_path_factory.mktemp("atlas") / "atlas.sqlite"
    with Catalogue(path) as opened:
        put_all(opened, SOUPS, ARITHMETIC, SHORT, LORA)
        yield opened


def match(catalogue: Catalogue, text: str) -> Match:
    (found,) = matching.matches(catalogue, readers.read(text).references)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "2001.00001v4",
        "https://doi.org/10.1000/SOUPS",
        "@misc{a, doi={10.1000/none}, eprint={2001.00001}}",
        "@misc{a, title={{Model} Soups — averaging weights of models}}",
        "@misc{a, title={Model soups}, eprint={2001.00001}}",
        "model SOUPS: averaging weights of models.",
    ],
)
def test_what_is_sure_is_taken(catalogue: Catalogue, text: str) -> None:
    found = match(catalogue, text)
    assert found.paper == SOUPS
    assert found.suggestions == ()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        # An id that belongs to another title.
        ("@misc{a, title={Galaxies and dust in the sky}, eprint={2001.00001}}", [SOUPS]),
        # The same, where the title is known too.
        (
            "@misc{a, title={Editing Models with Task Arithmetic}, eprint={2001.00001}}",
            [ARITHMETIC, SOUPS],
        ),
        # A title under an id that nobody knows.
        (
            "@misc{a, title={Editing models with task arithmetic}, eprint={2112.12345}}",
            [ARITHMETIC],
        ),
        # A title of one word or two, by someone else.
        ("@misc{a, title={Meta learning}, author={Charles Babbage}}", [SHORT]),
        ("@misc{a, title={Editing model with task arithmetics}}", [ARITHMETIC]),
        ("LoRA", [LORA]),
        ("G. Ilharco. Editing Models with Task Arithmetic. ICLR, 2023", [ARITHMETIC]),
    ],
)
def test_what_is_only_near_is_suggested(catalogue: Catalogue, text: str, meant: list) -> None:
    found = match(catalogue, text)
    assert found.paper is None
    assert list(found.suggestions) == meant


def test_a_long_title_is_one_papers_whoever_is_said_to_have_written_it(
    catalogue: Catalogue,
) -> None:
    text = "@misc{a, title={Editing models with task arithmetic}, author={Charles Babbage}}"
    assert match(catalogue, text).paper == ARITHMETIC


@pytest.mark.parametrize(
    "text",
    [
        "2112.12345",
        "Galaxies and dust",
        "@misc{a, year=2020}",
        "…a…",
        # A whole reference in which a paper's title of one word or two stands by chance.
        "C. Babbage. Meta-learning of engines that weave algebraical patterns. Nature, 1843",
    ],
)
def test_of_what_is_unknown_nothing_is_said(catalogue: Catalogue, text: str) -> None:
    found = match(catalogue, text)
    assert (found.paper, found.suggestions) == (None, ())


def test_near_titles_are_looked_up_for_so_many_entries_only(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "MAX_LOOKUPS", 2)
    text = "\n".join(["Editing model with task arithmetics"] * 3)
    found = matching.matches(catalogue, readers.read(text).references)
    assert [len(one.suggestions) for one in found] == [1, 1, 0]


@pytest.mark.slow
@pytest.mark.shared
def test_shared_entries_with_latex_are_papers_of_the_bundled_atlas(
    faults: Path, unpacked_snapshot: Path
) -> None:
    text = (faults / "10-bibtex-command-glued-to-its-word" / "refs.bib").read_text()
    with Catalogue(unpacked_snapshot) as bundled:
        found = matching.matches(bundled, readers.read(text).references)
    assert len(found) == 5
    assert [one.reference.label for one in found if one.paper is None] == []
