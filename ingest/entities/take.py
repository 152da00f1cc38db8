"""Taking entities into a catalogue: those of a list, and those that cards say papers introduce."""

import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg.cards.card import Card, Kind
from kg.entities.entity import Entity, EntityType, Name, Source
from kg.entities.file import ListedEntity
from kg.entities.names import folded_name, recognised, slug
from kg.errors import BadSource
from kg.store.catalogue import Catalogue

_BENCHMARK = re.compile(
    r"[Bb]ench(?:$|[-\d ]|mark$)|Eval(?:$|[-\d])"
    r"|(?i:\beval\b|bench$|data ?set$|corpus$|arena$)"
)
_DATA = re.compile(r"QA$|\d[KM]$|(?i:corpora$)")
"""Names of data sets, where the paper brings one."""
_MODEL = re.compile(r"-\d+(?:\.\d+)?B\b")
_MODEL_SYSTEM = re.compile(r"(?:GPT|GLM|L[Ll]a[Mm][Aa]|LLaVA|Alpaca|BERT|LM|Chat)(?:$|[-\d ])")
"""Names of models, where the paper is of a system."""
_WORD = re.compile(r"(?<![^\s(])[a-z]+|\b[A-Za-z]*[A-Z]{2}[A-Za-z]*\b")
_MIN_COMMON: Final = 2
"""Summaries that must have a word in lower case for it to be an ordinary one."""
_MIN_COMMON_ABBREVIATION: Final = 10
_ABBREVIATIONS: Final = frozenset(
    "LLM LLMs VLM MLLM NLP RAG KD PEFT SFT RL ICL MoE GNN PLM".split()
)
"""Abbreviations that summaries write out, and that are ordinary all the same."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Entities of a catalogue, as relations are read with them."""

    introducers: Mapping[int, frozenset[int]]
    """Entity -> the papers that introduce it, by the list or by their cards."""
    listed: frozenset[tuple[int, int]]
    """Those (entity, paper) pairs that the list states."""


def take_list(
    catalogue: Catalogue, path: Path, listed: Sequence[ListedEntity], source: str = Source.LIST
) -> dict[int, set[int]]:
    """Store the entities of a file, and return entity -> papers that introduce it, by the file.

    Entities that an earlier form of the file had are removed.

    Raises
    ------
    BadSource
        If a paper is named that the catalogue lacks, or an id is of another source; nothing was
        stored.
    """
    introduced: dict[int, set[int]] = {}
    with catalogue.writing():
        before = {e.id: key for key, e in catalogue.entities.all().items() if e.source == source}
        keys = {}
        for one in listed:
            keys[one.entity.id] = key = catalogue.entities.put(one.entity)
            for name in one.introduced_by:
                paper = catalogue.identifiers.look_up(name)
                if paper is None:
                    raise BadSource(
                        path,
                        one.lines[name],
                        f"{one.entity.id} is introduced by {name}, not in the atlas",
                        f"add it first: `lfm add {name}`; nothing of the file was taken",
                    )
                introduced.setdefault(key, set()).add(paper)
        catalogue.entities.remove(key for name, key in before.items() if name not in keys)
        extends = {(keys[one.entity.id], keys[p]) for one in listed for p in one.extends}
        kept = {pair for pair in catalogue.entities.extends() if pair[0] not in keys.values()}
        catalogue.entities.set_extends(kept | extends)
    return introduced


def take_cards(
    catalogue: Catalogue, cards: Mapping[int, Card], introduced: Mapping[int, set[int]]
) -> Taken:
    """Store what cards introduce and nobody listed, and return who introduces what.

    An entity of the list is introduced by the paper that the list names; where it names none, by
    each whose card says so. A name that two cards claim is two entities.

    Parameters
    ----------
    cards : mapping of int to Card
        By the keys of their papers.
    introduced : mapping of int to set of int
        Entity -> papers, as the list says.
    """
    known = catalogue.entities.all()
    fixed = {key: e for key, e in known.items() if e.source != Source.CARD}
    owners: dict[str, list[int]] = {}
    for key, entity in fixed.items():
        for name in entity.names:
            owners.setdefault(folded_name(name.text), []).append(key)
    introducers: dict[int, set[int]] = {key: set(some) for key, some in introduced.items()}
    wanted: dict[tuple[str, int], Name] = {}
    claims: Counter[str] = Counter()
    common = ordinary_words(card.summary for card in cards.values() if card.summary)
    for paper, card in cards.items():
        for text in dict.fromkeys(card.introduces):
            folded = folded_name(text)
            if not folded or not slug(text):
                continue
            own = owners.get(folded, ())
            free = [key for key in own if key not in introduced]
            if any(paper in introduced.get(key, ()) for key in own):
                continue
            if free:
                for key in free:
                    introducers.setdefault(key, set()).add(paper)
            elif not own and (folded, paper) not in wanted:
                wanted[folded, paper] = Name(text, recognised(text, common))
                claims[folded] += 1
    with catalogue.writing():
        made: dict[str, set[int]] = {}
        taken = {e.id for e in fixed.values()}
        kinds = _types(cards)
        papers = dict(
            zip(
                some := sorted({paper for _, paper in wanted}),
                catalogue.papers.get(some),
                strict=True,
            )
        )
        for (folded, paper), name in wanted.items():
            kind = _type(name.text, folded, cards[paper], kinds)
            ident = f"{kind}/{slug(name.text)}"
            if claims[folded] > 1 or ident in taken:
                ident = f"{ident}-{slug(papers[paper].id)}"
            taken.add(ident)
            made.setdefault(ident, set()).add(paper)
            key = catalogue.entities.put(Entity(ident, kind, (name,), None, Source.CARD))
            introducers[key] = made[ident]
        gone = [k for k, e in known.items() if e.source == Source.CARD and e.id not in made]
        catalogue.entities.remove(gone)
    return Taken(
        {key: frozenset(some) for key, some in introducers.items()},
        frozenset((key, paper) for key, some in introduced.items() for paper in some),
    )


def ordinary_words(sentences: Iterable[str]) -> Container[str]:
    """Return the words that are written in lower case in several sentences.

    Also the abbreviations of the field.
    """
    counts: Counter[str] = Counter()
    for one in sentences:
        counts.update(set(_WORD.findall(one)))
    return _ABBREVIATIONS | {
        word
        for word, number in counts.items()
        if number >= (_MIN_COMMON if word.islower() else _MIN_COMMON_ABBREVIATION)
    }


def _types(cards: Mapping[int, Card]) -> Mapping[str, EntityType]:
    """Return the types that the fields of cards give to names."""
    fields = {"models": EntityType.MODEL, "evaluates_on": EntityType.BENCHMARK}
    return {
        folded_name(text): kind
        for card in cards.values()
        for name, kind in fields.items()
        for text in getattr(card, name)
    }


def _type(text: str, folded: str, card: Card, kinds: Mapping[str, EntityType]) -> EntityType:
    """Return the type of what a card introduces."""
    if folded in kinds:
        return kinds[folded]
    if _MODEL.search(text) or (card.kind is Kind.SYSTEM and _MODEL_SYSTEM.search(text)):
        return EntityType.MODEL
    brings = Kind.BENCHMARK in (card.kind, *card.also_kind)
    only = card.kind is Kind.BENCHMARK and len(card.introduces) == 1
    if only or _BENCHMARK.search(text) or (brings and _DATA.search(text)):
        return EntityType.BENCHMARK
    return EntityType.METHOD
