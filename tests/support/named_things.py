"""An atlas of methods, benchmarks and models whose names a question may have."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.embedding import embed_missing
from kg.entities.entity import Entity, EntityType, Name, Recognised, Relation, Source
from kg.records import PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.factories import card, paper, put_all

EXACT, ASKED = Recognised.EXACT, Recognised.ASKED

_NAMES: dict[str, tuple[Name, ...]] = {
    "method/lora": (Name("LoRA"), Name("Low-Rank Adaptation")),
    "method/qlora": (Name("QLoRA"),),
    "method/rome": (Name("ROME", EXACT), Name("Rank-One Model Editing")),
    "method/memit": (Name("MEMIT"),),
    "method/grace": (Name("GRACE", EXACT),),
    "method/merge": (Name("MERGE", EXACT),),
    "method/care": (Name("CARE", EXACT),),
    "method/mend": (Name("MEND", EXACT),),
    "method/mend-demonstrations": (Name("MEND", EXACT),),
    "method/dora": (Name("DoRA", EXACT),),
    "method/dora-dynamic": (Name("DoRA", EXACT),),
    "method/model-soups": (Name("Model soups"),),
    "method/knowledge-distillation": (Name("Knowledge distillation"), Name("KD")),
    "method/expert-merging": (Name("expert merging", ASKED),),
    "method/gan": (Name("GAN"),),
    "method/retrieval-augmented-generation": (Name("RAG", EXACT),),
    "benchmark/cola": (Name("CoLA", EXACT),),
    "model/bert": (Name("BERT"),),
}
_TITLES = {
    1: ("Thin matrices for tuning", ("method/lora",)),
    2: ("Four bits and LoRA", ("method/qlora",)),
    3: ("Facts in feed-forward layers", ("method/rome",)),
    4: ("Many facts at once", ("method/memit",)),
    5: ("Lifelong codebooks for editing", ("method/grace",)),
    6: ("Averaging of weights", ("method/model-soups",)),
    7: ("Editing by gradients", ("method/mend",)),
    8: ("Demonstrations made short", ("method/mend-demonstrations",)),
    9: ("Direction and magnitude", ("method/dora",)),
    10: ("Ranks that move", ("method/dora-dynamic",)),
    11: ("Encoders for text", ("model/bert",)),
    12: ("MERGE: networks in one", ("method/merge",)),
    13: ("Unified editing by ROME and MEMIT", ()),
    14: ("Editing of images with vision", ()),
    15: ("A survey of editing", ()),
    16: ("Label noise in large collections", ()),
    17: ("Distilling speech", ()),
    18: ("Grace and care", ()),
    19: ("Care with grace", ()),
}
_ROME_USERS = range(20, 32)
_DORA_USERS = range(32, 44)
_MERGING = range(44, 50)
_EDITING = (3, 4, 5, 7, 13, 14, 15)


@contextmanager
def named_library(home: Path) -> Iterator[Library]:
    """Open an atlas in which twelve papers each use ROME and DoRA, and "merge" is a word."""
    settings = Settings(home)
    with Catalogue(settings.catalogue) as catalogue:
        papers = [paper(n, title=title, abstract=None) for n, (title, _) in _TITLES.items()]
        papers += [paper(n, title=f"ROME edits facts {n}", abstract=None) for n in _ROME_USERS]
        papers += [paper(n, title=f"DoRA adapts {n}", abstract=None) for n in _DORA_USERS]
        papers += [paper(n, title=f"Networks {n}", abstract=None) for n in _MERGING]
        put_all(catalogue, *papers)
        for n in _MERGING:
            catalogue.cards.put(paper(n).id, card(summary="Shows how to merge models."), "test")
        for n, kind, modality in ((14, "method", "vision"), (15, "survey", "text")):
            catalogue.cards.put(paper(n).id, card(kind=kind, modality=(modality,)), "test")
        for n in _EDITING:
            editing = Placement("model-editing", PlacedBy.LIST, "a list")
            catalogue.placements.add(paper(n).id, [editing])
        distilled = Placement("model-distillation", PlacedBy.LIST, "a list")
        catalogue.placements.add(paper(17).id, [distilled])
        _relate(catalogue)
        embed_missing(catalogue, HashedWords())
        with Library(settings, HashedWords()) as opened:
            yield opened


def _relate(catalogue: Catalogue) -> None:
    entities = [
        Entity(one, EntityType(one.partition("/")[0]), names, source=Source.LIST)
        for one, names in _NAMES.items()
    ]
    keys = catalogue.entities.put_all(entities)
    rows = [
        (keys[entity], Relation.INTRODUCES, number)
        for number, (_, introduced) in _TITLES.items()
        for entity in introduced
    ]
    rows += [(keys["method/rome"], Relation.BUILDS_ON, n) for n in (13, *_ROME_USERS)]
    rows += [(keys["method/memit"], Relation.BUILDS_ON, 13)]
    rows += [(keys["method/dora"], Relation.BUILDS_ON, n) for n in _DORA_USERS]
    stated = [
        (entity, relation, catalogue.identifiers.key(paper(number).id), Source.CARD)
        for entity, relation, number in rows
    ]
    catalogue.relations.replace({row[2] for row in stated}, stated)
