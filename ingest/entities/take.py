"""Taking entities into a catalogue: those of a list, and those that papers introduce."""

import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from kg.cards.card import Card, Kind
from kg.entities.entity import (
    DERIVED,
    Entity,
    EntityType,
    Name,
    Recognised,
    Relation,
    Source,
)
from kg.entities.file import ListedEntity
from kg.entities.names import folded_name, recognised, slug
from kg.errors import BadSource
from kg.records import Paper
from kg.store.catalogue import Catalogue
from kg.text.latex.plain import decoded

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
_BEFORE_COLON = re.compile(r"\s*([^\s:]{2,40})\s*:\s+\S")
_MIN_CAPITALS: Final = 2
_MIN_SAID: Final = 2
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


def title_name(paper: Paper) -> str | None:
    """Return the name that a paper gives to what it introduces, before the colon of its title.

    It is one word with two capitals, and the abstract has it twice; of papers with a card, 98.7%
    of such names are among those that the card introduces (`benchmarks/names.md`).
    """
    found = _BEFORE_COLON.match(paper.title)
    if found is None or sum(letter.isupper() for letter in found[1]) < _MIN_CAPITALS:
        return None
    abstract = decoded(paper.abstract or "")
    said = re.findall(rf"(?<!\w){re.escape(found[1])}(?!\w)", abstract)
    return found[1] if len(said) >= _MIN_SAID and slug(found[1]) else None


def take_introduced(
    catalogue: Catalogue, cards: Mapping[int, Card], titles: Mapping[int, str]
) -> set[int]:
    """Store what papers introduce and nobody listed; return the papers whose relations changed.

    An entity of the list is introduced by the paper that the list names; where it names none, by
    each whose card introduces it by its own name. A name that two papers claim is two entities, and
    so is one that the list has as another name of what no paper of the atlas introduces.

    Parameters
    ----------
    cards : mapping of int to Card
        By the keys of their papers.
    titles : mapping of int to str
        Names in titles (`title_name`) of papers without a card that somebody wrote; those that
        another entity has are left out.
    """
    known = catalogue.entities.all()
    introduced = _stated(catalogue, known)
    fixed = {key: e for key, e in known.items() if e.source not in DERIVED}
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
            if any(paper in introduced.get(key, ()) for key in own):
                continue
            known_papers = any(key in introduced for key in own)
            free = [key for key in own if folded_name(fixed[key].name) == folded]
            if free and not known_papers:
                introducers.update((key, paper) for key in free)
            elif not known_papers and (folded, paper) not in wanted:
                # That something older has it as another name, it keeps in running text.
                where = Recognised.ASKED if own else recognised(text, common)
                wanted[folded, paper] = Name(text, where)
                claims[folded] += 1
    claimed = owners.keys() | claims.keys()
    for paper, text in titles.items():
        if (folded := folded_name(text)) not in claimed:
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
            kind = _type(name.text, folded, cards.get(paper), kinds)
            source = Source.CARD if paper in cards else Source.MATCH
            ident = f"{kind}/{slug(name.text)}"
            if claims[folded] > 1 or ident in taken:
                ident = f"{ident}-{slug(papers[paper].id)}"
            taken.add(ident)
            made.setdefault(ident, Entity(ident, kind, (name,), None, source))
            claimants.add((ident, paper))
        keys = catalogue.entities.put_all(made.values())
        gone = {k for k, e in known.items() if e.source in DERIVED and e.id not in made}
        changed = catalogue.entities.remove(gone)
        introducers.update((keys[ident], paper) for ident, paper in claimants)
        for source in DERIVED:
            pairs = {pair for pair in introducers if (pair[1] in cards) is (source is Source.CARD)}
            changed |= catalogue.relations.replace_introductions(
                source, catalogue.entities.all(), pairs
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


def _type(text: str, folded: str, card: Card | None, kinds: Mapping[str, EntityType]) -> EntityType:
    """Return the type of what a paper introduces."""
    if folded in kinds:
        return kinds[folded]
    paper_kinds = (card.kind, *card.also_kind) if card else ()
    if _MODEL.search(text) or (paper_kinds[:1] == (Kind.SYSTEM,) and _MODEL_SYSTEM.search(text)):
        return EntityType.MODEL
    brings = Kind.BENCHMARK in paper_kinds
    only = card and card.kind is Kind.BENCHMARK and len(card.introduces) == 1
    if only or _BENCHMARK.search(text) or (brings and _DATA.search(text)):
        return EntityType.BENCHMARK
    return EntityType.METHOD
