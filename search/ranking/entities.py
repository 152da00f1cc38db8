"""Questions that ask for a method, benchmark or model by its name: "what is ROME", "LoRA paper"."""

import re
from collections.abc import Iterable, Iterator, Sequence

from kg.entities.entity import Entity, EntityType, Recognised, Relation
from kg.entities.names import folded_name
from kg.store.catalogue import Catalogue
from kg.store.entities import MIN_USUAL_PAPERS, USUAL
from kg.values import dataclass
from search.index.words.fts5 import any_of

MAX_WORDS = 24
"""A longer question is not taken for a name."""

# What may stand around a name in a question that asks for what bears it. No negations, and nothing
# that names a kind of paper: a survey of LoRA is not what introduced it.
_FRAME = frozenset(
    "a about actually algorithm an and any application applications apply applying approach"
    " approaches are article articles as background based basics behind benchmark build building"
    " builds built called came can cite cites citing corpus data dataset define definition"
    " describe did do does exactly explain explained explanation extend extended extending extends"
    " extension extensions find first follow-up follow-ups followup for from give how i idea"
    " improvement improvements in introduce introduced introduces introducing introduction invent"
    " invented inventing invention invents is it its know learn library list loss me mean meaning"
    " means method methods model named need of on optimiser optimizer origin original originally"
    " origins over overview paper papers please present presented presenting presents propose"
    " proposed proposes proposing publication published purpose read refer reference refers"
    " seminal show source stand stands successor successors summary technique techniques tell that"
    " the their these this to understand understanding up upon use used uses using variant"
    " variants via want was we were what what's whats when where which who whose with work works"
    " you your".split()
)
_BENCHMARKS = frozenset(("benchmark", "dataset"))
"""Words that say which of several owners of a name is meant."""
_PARTS = re.compile(r"[:(){}\[\]]|\s[-–—]\s|,?\s(?:aka|i\.e\.|also called|also known as)\s")
_WORD = re.compile(r"\w+")
_VERB = re.compile(
    r"\b(?:that|which|(?:approaches|how|methods|techniques) to|(?:can|do) (?:i|we|you))$"
)
"""What stands before a verb, which is then no name."""
_EDGE = " \t\n?!.,;:\"'`“”‘’«»*"


@dataclass(frozen=True, slots=True)
class NamedEntities:
    """The methods, benchmarks or models that a question asks for by one name."""

    name: str
    """The name as written."""
    keys: tuple[int, ...]
    """Those that have it; several where it has several owners."""
    entities: tuple[Entity, ...]


def asked_for(catalogue: Catalogue, question: str) -> NamedEntities | None:
    """Return what a question asks for, where it is a name and words around one.

    The name counts in any case, and in the singular or plural. Two names, as in "LoRA: low-rank
    adaptation", must be of one entity. Of several owners of a name, those that write it as the
    question does come first.
    """
    words = question.split()
    if not 0 < len(words) <= MAX_WORDS:
        return None
    spans = list(_without_frame(words))
    texts = [
        (text, [folded_name(part) for part in parts])
        for text in spans
        for parts in ([text], _parts(text))
    ]
    # A word in lower case is too short to be told from another by its ending.
    texts += [(text, [_other_number(text)]) for text in spans if " " in text or not text.islower()]
    owners = catalogue.entities.named({name for _, names in texts for name in names})
    for text, names in texts:
        keys = _of_all([owners.get(name, {}) for name in names], text)
        if keys:
            found = tuple(catalogue.entities.get(keys))
            if not _BENCHMARKS.isdisjoint(question.lower().split()):
                kept = [at for at, one in enumerate(found) if one.type is EntityType.BENCHMARK]
                keys = [keys[at] for at in kept] or keys
                found = tuple(found[at] for at in kept) or found
            if usual := _usual(catalogue, keys, found, names):
                keys, found = [usual[0]], (usual[1],)
            if _is_ordinary(catalogue, text, found):
                continue
            return NamedEntities(text.strip(_EDGE), tuple(keys), found)
    return None


def _usual(
    catalogue: Catalogue, keys: Sequence[int], owners: Sequence[Entity], names: Sequence[str]
) -> tuple[int, Entity] | None:
    """Return the owner of a name that texts mean by it, where the others are only asked for."""
    meant = [
        (key, owner)
        for key, owner in zip(keys, owners, strict=True)
        if any(
            name.recognised is not Recognised.ASKED and folded_name(name.text) in names
            for name in owner.names
        )
    ]
    if len(owners) < 2 or len(meant) != 1:
        return None
    papers = catalogue.relations.paper_counts(keys)
    others = max(papers.get(key, 0) for key in keys if key != meant[0][0])
    usual = papers.get(meant[0][0], 0) >= max(MIN_USUAL_PAPERS, USUAL * others)
    return meant[0] if usual else None


def _is_ordinary(catalogue: Catalogue, text: str, owners: Iterable[Entity]) -> bool:
    """Return whether a text in lower case is an ordinary word, and a name in capitals only."""
    word = text.strip(_EDGE)
    if not word.islower() or not word.isalpha():
        return False
    folded = folded_name(word)
    return all(
        name.recognised is Recognised.EXACT and name.text != word
        for owner in owners
        for name in owner.names
        if folded_name(name.text) == folded
    ) and catalogue.words.is_ordinary(word)


def named_in_title(catalogue: Catalogue, asked: NamedEntities) -> set[int]:
    """Return the papers that name in their title what is asked for, and say no more of it.

    Of a paper that nobody described, the title is all that says that it builds on something.
    """
    mentioning = catalogue.relations.of_entities(asked.keys, [Relation.MENTIONS])
    names = [
        " ".join(_WORD.findall(name.text))
        for entity in asked.entities
        for name in entity.names
        if name.recognised is not Recognised.ASKED
    ]
    expression = any_of(filter(None, names))
    if not mentioning or not expression:
        return set()
    keys = [one.paper for one in mentioning]
    return catalogue.words.matching(f"title : ({expression})", keys)


def _without_frame(words: list[str]) -> Iterator[str]:
    """Yield what remains of a question without words around a name, the longest first."""
    framed = [word.strip(_EDGE).lower().replace("’", "'") in _FRAME for word in words]
    if all(framed):
        yield " ".join(words)
        return
    first, last = framed.index(False), len(words) - framed[::-1].index(False)
    ends = [(at, end) for at in range(first + 1) for end in range(last, len(words) + 1)]
    for start, end in sorted(ends, key=lambda one: one[0] - one[1]):
        before = " ".join(words[:start]).lower()
        if end - start == 1 and words[start].islower() and _VERB.search(before):
            continue
        yield " ".join(words[start:end])


def _parts(text: str) -> list[str]:
    return [part for part in _PARTS.split(text) if folded_name(part)] or [text]


def _other_number(text: str) -> str:
    """Return the folded name of a text in the plural, or in the singular where it is a plural."""
    folded = folded_name(text)
    return folded[:-1] if folded.endswith("s") else f"{folded}s"


def _of_all(owners: list[dict[int, str]], text: str) -> list[int]:
    """Return the entities that have all names, those first that write one as `text` has it."""
    common = [key for key in owners[0] if all(key in one for one in owners)]
    return sorted(common, key=lambda key: not any(one[key] in text for one in owners))
