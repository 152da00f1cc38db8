"""A small atlas whose names are known, on a day."""

from collections.abc import Iterator

import pytest

from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.atlas import Atlas
from search.library import Library
from search.understanding.known import Known
from tests.support.embedders import HashedWords
from tests.support.entities import entity
from tests.support.factories import empty_catalogue, paper, put_all
from tests.support.named_things import named_library
from tests.support.understanding import TODAY


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    """An atlas of a few names; the day is 2026-11-29."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    settings.catalogue.write_bytes(empty_catalogue())
    with Atlas(settings) as atlas:
        put_all(atlas.catalogue, paper(1, title="Thin matrices", categories=("cs.LG", "cs.CV")))
        atlas.catalogue.entities.put_all(
            [entity("method/lora", "LoRA"), entity("benchmark/aime", "AIME")]
        )
        yield Known(atlas, TODAY)


_AUTHORS = (
    ("Dacheng Tao", "Mitchell Wortsman"),
    ("Mitchell Wortsman", "Gabriel Ilharco"),
    ("Colin A. Raffel", "Chao Zhang"),
    ("Colin Raffel", "Xiao Long", "Fan Adam"),
    ("Gaël Müller", "Jonas von Oswald"),
    ("Dapeng Tao", "Kevin Hand"),
    ("Jean-Baptiste Alayrac", "Tao Xiang"),
    ("Kevin Meng", "David Bau", "Zoë O'Neil"),
)
_VENUES = (
    *("ICLR", "NeurIPS", "ICML", "EMNLP Findings", "ACL", "Journal of Ants", "Yes"),
    "Proceedings of the International Conference on Machine Learning, volume 7",
)
_TITLES = (
    "Merging of models for long context",
    "Fine-tuning by hand, and long distillation",
    "Audio captioning by long prompts",
)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Eight papers by sixteen people; `Long` and `Hand` are words of titles as well."""
    settings = Settings(tmp_path_factory.mktemp("small"))
    with Catalogue(settings.catalogue) as catalogue:
        papers = [
            paper(
                n,
                authors=names,
                title=f"{_TITLES[n % 3]}, part {n}",
                abstract=None,
                venue=_VENUES[n],
            )
            for n, names in enumerate(_AUTHORS)
        ]
        put_all(catalogue, *papers)
        with Library(settings, HashedWords()) as opened:
            yield opened


@pytest.fixture(scope="session")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """An atlas of methods, benchmarks and models that papers use."""
    with named_library(tmp_path_factory.mktemp("named")) as opened:
        yield opened
