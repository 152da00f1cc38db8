"""Taking entities into a catalogue: those of a list, and those that cards say papers introduce."""

import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from kg.cards.card import Card, Kind
from kg.entities.entity import Entity, EntityType, Name, Relation, Source
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


def take_list(
    catalogue: Catalogue, path: Path, listed: Sequence[ListedEntity], source: str = Source.LIST
) -> set[int]:
    """Store the entities of a file, and return the papers whose relations changed.

    Entities that an earlier form of the file had are removed; what they extend may be stored.

    Raises
    ------
    BadSource
        If a paper is named that the catalogue lacks; nothing was stored.
    """
    introduced: set[tuple[int, int]] = set()
    with catalogue.writing():
        before = {e.id: key for key, e in catalogue.entities.all().items() if e.source == source}
        keys = catalogue.entities.put_all(one.entity for one in listed)
        own = {keys[one.entity.id] for one in listed}
        for one in listed:
            for name in one.introduced_by:
                paper = catalogue.identifiers.look_up(name)
                if paper is None:
                    raise BadSource(
                        path,
                        one.lines[name],
                        f"{one.entity.id} is introduced by {name}, not in the atlas",
                        f"add it first: `lfm add {name}`; nothing of the file was taken",
                    )
                introduced.add((keys[one.entity.id], paper))
        changed = catalogue.entities.remove(set(before.values()) - own)
        extends = {(keys[one.entity.id], keys[p]) for one in listed for p in one.extends}
        kept = {pair for pair in catalogue.entities.extends() if pair[0] not in own}
        catalogue.entities.set_extends(kept | extends)
        changed |= catalogue.relations.replace_introductions(Source.LIST, own, introduced)
    return changed


def take_cards(catalogue: Catalogue, cards: Mapping[int, Card]) -> set[int]:
    """Store what cards introduce and nobody listed; return the papers whose relations changed.

    An entity of the list is introduced by the paper that the list names; where it names none, by
    each whose card says so. A name that two cards claim is two entities.

    Parameters
    ----------
    cards : mapping of int to Card
        By the keys of their papers.
    """
    known = catalogue.entities.all()
    introduced = _stated(catalogue, known)
    fixed = {key: e for key, e in known.items() if e.source != Source.CARD}
    owners: dict[str, list[int]] = {}
    for key, entity in fixed.items():
        for name in entity.names:
            owners.setdefault(folded_name(name.text), []).append(key)
    introducers: set[tuple[int, int]] = set()
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
                introducers.update((key, paper) for key in free)
            elif not own and (folded, paper) not in wanted:
                wanted[folded, paper] = Name(text, recognised(text, common))
                claims[folded] += 1
    with catalogue.writing():
        made: dict[str, Entity] = {}
        claimants: set[tuple[str, int]] = set()
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
            made.setdefault(ident, Entity(ident, kind, (name,), None, Source.CARD))
            claimants.add((ident, paper))
        keys = catalogue.entities.put_all(made.values())
        gone = {k for k, e in known.items() if e.source == Source.CARD and e.id not in made}
        changed = catalogue.entities.remove(gone)
        introducers.update((keys[ident], paper) for ident, paper in claimants)
        changed |= catalogue.relations.replace_introductions(
            Source.CARD, catalogue.entities.all(), introducers
        )
    return changed


def _stated(catalogue: Catalogue, entities: Iterable[int]) -> dict[int, set[int]]:
    """Return entity -> the papers that introduce it, as lists say."""
    found: dict[int, set[int]] = {}
    for one in catalogue.relations.of_entities(list(entities), (Relation.INTRODUCES,)):
        if Source.LIST in one.sources:
            found.setdefault(one.entity, set()).add(one.paper)
    return found


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
