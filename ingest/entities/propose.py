"""Proposing entities to a reviewer: names that several papers use which nobody has read."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from kg.entities.abbreviations import abbreviations, same_phrase
from kg.entities.entity import CARD_FIELDS, EntityType, Name, Recognised
from kg.entities.gazetteer import Gazetteer
from kg.entities.names import WORD, folded_name
from kg.records import Paper
from kg.store.catalogue import Catalogue
from kg.text.latex.plain import decoded

MAX_PAPERS: Final = 3_000
"""The most papers that are looked at, the last that came."""
MIN_PAPERS: Final = 3
"""Papers that use a name which is proposed."""
ORDINARY_SHARE: Final = 0.2
"""Papers that were read and have a word that their cards do not name, for each paper that was not:
from this share on it is an ordinary word."""

_FORM: Final = 1
"""To be raised with every change of what is proposed."""
_CURSOR: Final = ("entities", "proposed")
_MAX_TITLE_WORDS: Final = 3
_CONTEXT_CHARS: Final = 60

_TOKEN = re.compile(
    r"(?<![\w\-‐‑/.@\\=+${^])[A-Za-z]\w*(?:[-‐‑.][A-Za-z0-9]\w*)*\+*(?![\w@=^}])", re.ASCII
)
_LIKE_A_NAME = re.compile(r"[A-Za-z].*[A-Z]|[A-Za-z]{2}.*\d")
"""A capital behind the first letter, or a digit behind two letters."""
_ORDINARY = re.compile(r"[A-Za-z]|[A-Z]?[a-z]+")
_ORDINARY_PARTS = re.compile(
    rf"(?:{_ORDINARY.pattern})(?:[-‐‑.](?:{_ORDINARY.pattern}|\d+))*|[a-z]{{2,}}[-‐‑].*"
)
"""Ordinary words with hyphens, and what begins with one."""
_VARIANT = re.compile(
    r"(?:[-‐‑](?:\d+(?:\.\d+)?[BMKbmk]|Instruct|Chat|Base|[a-z]{2,}))+$|(?<=[A-Z]{3})(?:20)?2\d$"
)
"""Behind a name: a size, a variant of a model, words that describe, a year."""
_TITLED = re.compile(r"([^:?!.,;()]{2,40}):\s")
_VENUE = re.compile(
    r"(?:NeurIPS|NIPS|ICML|ICLR|CVPR|ICCV|ECCV|ACL|EMNLP|NAACL|AAAI|IJCAI|KDD|COLM|TMLR|JMLR)\b"
)
_DATA = re.compile(r"\b(?:benchmarks?|data ?sets?|corpus|corpora|leaderboards?|suites?)\b", re.I)
_RESULTS_ON = re.compile(r"\b(?:on|across)\s+(?:[\w.+-]+(?:,|\s+and|,\s+and)\s+)*$", re.I)
_SIZED = re.compile(r"[-‐‑ ]\d+(?:\.\d+)?B\b|\s*(?:models?|family|series|backbones?)\b")
_VERSION = re.compile(r"[A-Za-z]{3}[A-Za-z]*-?\d(?:\.\d+)?(?:\b|-)")


@dataclass(slots=True)
class _Use:
    """How papers use a name."""

    name: str
    papers: dict[int, str | None] = field(default_factory=dict)
    """Each with the phrase that the name stands for there, if it says so."""
    types: Counter[EntityType] = field(default_factory=Counter)


def propose(catalogue: Catalogue) -> int:
    """Propose names that nobody knows, and return how many are new.

    They are looked for in the titles and abstracts of the last papers whose card nobody wrote from
    an abstract. What a reviewer has decided on is not proposed again, and what has become an entity
    waits no longer. Where neither these papers nor what they say changed, nothing is looked for.
    """
    known = {folded_name(name.text) for _, name in catalogue.entities.names()}
    for waiting in catalogue.proposals.waiting():
        if folded_name(waiting.name) in known:
            catalogue.proposals.remove(waiting.name)
    unread = catalogue.cards.unread(MAX_PAPERS)
    states = repr((_FORM, sorted(catalogue.reads.states(unread).items())))
    digest = blake2b(states.encode(), digest_size=8).hexdigest()
    if catalogue.journal.cursor(*_CURSOR) == digest:
        return 0
    papers = dict(zip(unread, catalogue.papers.get(unread), strict=True))
    uses = [use for use in _uses(papers, known) if len(use.papers) >= MIN_PAPERS]
    new = 0
    with catalogue.writing():
        for use in _without_ordinary(catalogue, uses, unread, known) if uses else ():
            kind = max(EntityType, key=lambda one: use.types[one])
            ids = [papers[key].id for key in use.papers]
            new += catalogue.proposals.add(use.name, kind, ids)
        catalogue.journal.set_cursor(*_CURSOR, digest)
    return new


def _uses(papers: Mapping[int, Paper], known: set[str]) -> Iterator[_Use]:
    """Yield the unknown names in the texts of papers, by their letters with their case."""
    found: dict[str, _Use] = {}
    titles = dict.fromkeys(name for paper in papers.values() if (name := _titled(paper.title)))
    begun = Gazetteer(enumerate(Name(name, Recognised.EXACT) for name in titles))
    for key, paper in papers.items():
        if not paper.abstract:
            continue
        text = f"{paper.title}. {decoded(paper.abstract)}"
        phrases = abbreviations(text)
        names = dict.fromkeys(_names(text))
        names |= dict.fromkeys(text[start:end] for start, end, _ in begun.matches(text))
        for name in names:
            if folded_name(name) in known:
                continue
            use = found.setdefault("".join(WORD.findall(name)), _Use(name))
            if key not in use.papers:
                use.types[_type(name, text)] += 1
            use.papers[key] = use.papers.get(key) or phrases.get(name)
    for use in found.values():
        _keep_one_meaning(use)
        yield use


def _titled(title: str) -> str | None:
    """Return the name with which a title begins.

    >>> _titled("Muon: a method"), _titled("How to merge: a survey")
    ('Muon', None)
    """
    if (match := _TITLED.match(title)) is None:
        return None
    words = match[1].split()
    if len(words) > _MAX_TITLE_WORDS or any(word[0].islower() for word in words):
        return None
    return " ".join(words)


def _names(text: str) -> Iterator[str]:
    """Yield what may be a name in a text by its letters.

    >>> sorted(_names("We run SWE-Bench with On-Policy steps, Qwen3-8B and forward-KL."))
    ['Qwen3', 'SWE-Bench']
    """
    for match in _TOKEN.finditer(text):
        name = _VARIANT.sub("", match[0])
        if name.endswith("s") and name[-2:-1].isupper():
            name = name[:-1]  # The plural of an acronym.
        if len(folded_name(name)) < 3 or _VENUE.match(name):
            continue
        if _LIKE_A_NAME.match(name) and not _ORDINARY_PARTS.fullmatch(name):
            yield name


def _keep_one_meaning(use: _Use) -> None:
    """Leave out the papers that say that a name stands for another phrase than most do."""
    said = Counter(phrase for phrase in use.papers.values() if phrase)
    if not said:
        return

    def papers(phrase: str) -> int:
        return sum(n for other, n in said.items() if same_phrase(phrase, other))

    usual = max(said, key=papers)
    use.papers = {k: p for k, p in use.papers.items() if p is None or same_phrase(p, usual)}


def _type(name: str, text: str) -> EntityType:
    """Return the type that the words around the first place of a name suggest."""
    start = text.find(name)
    before = text[max(0, start - _CONTEXT_CHARS) : start]
    after = text[start + len(name) : start + len(name) + _CONTEXT_CHARS // 2]
    if _SIZED.match(after):
        return EntityType.MODEL
    if _DATA.search(before) or _DATA.search(after) or _RESULTS_ON.search(before):
        return EntityType.MODEL if _VERSION.match(name) else EntityType.BENCHMARK
    return EntityType.MODEL if _VERSION.match(name) else EntityType.METHOD


def _without_ordinary(
    catalogue: Catalogue, uses: Sequence[_Use], unread: Sequence[int], known: set[str]
) -> Iterator[_Use]:
    """Yield the uses of what readers of other papers do not take for an ordinary word.

    What they met and did not name in a card is one; so is the abbreviation of such a phrase.
    """
    cards = catalogue.cards.get(catalogue.cards.written())
    read = sorted(cards.keys() - {*unread})
    named = Counter(
        folded
        for key in read
        for folded in {folded_name(n) for kind in CARD_FIELDS for n in getattr(cards[key], kind)}
    )

    phrases = {use.name: _usual_phrase(use) for use in uses}
    parts = {use.name: re.split("[-‐‑]", use.name) for use in uses}
    asked = {words for use in uses for words in (use.name, phrases[use.name], *parts[use.name])}
    quoted = {words: " ".join(WORD.findall(words.replace("+", " "))) for words in sorted(asked)}
    # How often readers met each, and did not name it.
    unnamed = dict.fromkeys(asked, 0)
    unknown = [w for w, text in quoted.items() if text and folded_name(w) not in known]
    counts = catalogue.words.counts_matching([f'"{quoted[words]}"' for words in unknown], read)
    for words, count in zip(unknown, counts, strict=True):
        unnamed[words] = count - 2 * named[folded_name(words)]
    for use in uses:
        most, phrase = ORDINARY_SHARE * len(use.papers), phrases[use.name]
        if unnamed[use.name] > most or unnamed[phrase] > 0:
            continue
        own = parts[use.name]
        if len(own) > 1 and all(_ORDINARY.fullmatch(one) or unnamed[one] > most for one in own):
            continue
        yield use


def _usual_phrase(use: _Use) -> str:
    """Return the phrase that a name stands for in most papers, empty where none says so."""
    phrases = Counter(phrase.lower() for phrase in use.papers.values() if phrase)
    return phrases.most_common(1)[0][0] if phrases else ""
