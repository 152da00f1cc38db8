"""Kinds of paper that a question asks for as such: surveys of X, an X benchmark, a library for X.

A word for a kind counts where it heads what is asked for. In "survey propagation" and "dataset
distillation" it describes another noun, and in "accuracy on benchmarks" something is said of it.
"""

from collections.abc import Iterator
from typing import Any, Final

from kg.cards.card import Kind
from kg.entities.names import folded_name
from kg.text.stop_words import STOP_WORDS
from search.understanding.known import Known
from search.understanding.phrases import in_title, negated
from search.understanding.reading import Span, Stated
from search.understanding.words import Words

_NOUNS: Final = {
    word: kind
    for kind, words in {
        Kind.SURVEY: "survey surveys overview overviews review reviews tutorial tutorials"
        " ubersichtsartikel ubersicht uberblick ubersichtsarbeit 综述",
        Kind.BENCHMARK: "benchmark benchmarks dataset datasets leaderboard leaderboards testbed"
        " testbeds corpus corpora datensatz datensatze 数据集 基准",
        Kind.SYSTEM: "library libraries package packages toolkit toolkits toolbox toolboxes"
        " software bibliothek bibliotheque biblioteca",
    }.items()
    for word in words.split()
}
_PAIRS: Final = {
    pair: kind
    for kind, pairs in {
        Kind.SURVEY: "literature review,systematic review,literature survey,revue de",
        Kind.BENCHMARK: "data set,data sets,test suite,test suites,evaluation suite,test set"
        ",test sets,benchmark suite,benchmark suites,benchmark dataset,benchmark datasets",
        Kind.SYSTEM: "python package,python packages,software package,software framework"
        ",open-source framework,software library",
        Kind.ANALYSIS: "empirical study,empirical studies,empirical analysis,empirical analyses"
        ",empirical evaluation,comparative study,comparative studies,comparative analysis"
        ",reproducibility study,replication study,analysis paper,analysis papers",
        Kind.THEORY: "theoretical analysis,theoretical analyses,theoretical study,theoretical"
        " studies,theoretical work,theoretical works,theoretical results,theoretical papers"
        ",theoretical paper,theory paper,theory papers,theory work",
        Kind.POSITION: "position paper,position papers,position piece,perspective paper"
        ",perspective papers,perspective piece,perspective article,opinion paper,opinion papers"
        ",opinion piece,opinion pieces",
        Kind.METHOD: "method paper,method papers,methods papers",
    }.items()
    for pair in (tuple(words.split()) for words in pairs.split(","))
}
_NAMED: Final = frozenset(("article", "articles", "paper", "papers", "piece", "pieces"))
"""With these, as in "analysis papers", a kind is asked for wherever it stands."""
TRIGGERS: Final = (
    frozenset(_NOUNS) | {word for _, word in _PAIRS} | frozenset("analysis analyses theory".split())
)

_BEHIND: Final = STOP_WORDS | frozenset(
    "about across after against among around at before between beside by covering during en exist"
    " exists for fur from in into like measuring measure measures evaluating evaluate evaluates"
    " test testing tests comparing compare compares no not of on only or over paper papers article"
    " articles per please published release released regarding since sobre sur su through to"
    " towards und until uber von via where within without zu zum zur et ou y e o de del della du"
    " des auf mit newest oldest first sorted recent last past this cited available covers cover"
    " discuss discusses include includes summarise summarize".split()
)
"""What may stand behind a noun that is no part of another noun."""
_REQUESTS: Final = frozenset(
    "a an the any some all more good best better great recent recently new newest latest oldest"
    " earliest first most highly widely top cited influential find show me give us list get see"
    " want need i i'm am we is are there there's exists exist what which whats what's looking"
    " search searching for of to please hi hello can could you recommend suggest know read do have"
    " comprehensive systematic short brief critical gentle open official public large big popular"
    " important one two three ein eine einen une un una les des la el los welche gibt es quels"
    " quelles que python only introducing introduce introduces propose proposes proposing"
    " presenting papers paper that with and or as well this last past year month".split()
)
"""What may stand between the beginning of a question, or of a part, and what it asks for."""
_DETERMINERS: Final = frozenset(
    "a an any some the good best better comprehensive systematic short brief critical gentle python"
    " ein eine einen un une una les los".split()
)
"""Before a noun for a kind, these say nothing of the subject either."""
_GOVERNING: Final = frozenset(
    "on across from with without over in into to using by against between of through under about"
    " for than via per within at towards like beyond auf mit".split()
)
"""Behind these, a noun is what something else is done with."""
_ASKED_IN: Final = frozenset("do does did are is can should will could why how if whether".split())
_MADE: Final = frozenset(
    "apply applies build builds collect collects construct constructs create creates employ employs"
    " use uses utilise utilises utilize utilizes".split()
)
"""Verbs: what they are said of is no paper."""
_ASKING: Final = frozenset(("i", "one", "we", "you"))
_FIELDS: Final = frozenset(
    "editing tuning fine-tuning finetuning prompting unlearning routing reasoning coding planning"
    " pretraining pre-training post-training ensembling steering captioning grounding understanding"
    " programming".split()
)
"""Words in -ing that are subjects; datasets behind another are what it is done to."""
_OF_DATA: Final = frozenset(
    "small large big tiny imbalanced noisy biased heterogeneous private unlabeled labeled multiple"
    " different several many few new-task unseen limited same massive public own other non-iid"
    " downstream target source proxy".split()
)
"""Datasets with such an adjective alone are what a method is used on."""
_OTHERS: Final = {
    Kind.SURVEY: frozenset(
        "peer code product movie film app customer book restaurant hotel amazon yelp user users"
        " online paper performance design press household national phone health opinion".split()
    ),
    Kind.SYSTEM: frozenset("skill prompt adapter lora expert module digital open-source".split()),
}
"""Before these nouns, what makes them another thing: movie reviews, a library of adapters."""
_NO_THEORY: Final = frozenset("mind everything games change control".split())


def spans(words: Words, known: Known) -> Iterator[Span]:
    """Yield the kinds that a question asks for as such; one of several is preferred only."""
    if TRIGGERS.isdisjoint(words.folded):
        return
    found = [
        (start, end, kind)
        for start, end, kind in _named(words, known)
        if _is_apart(words, end)
        and not _is_joined(words, start, end)
        and _is_asked_for(words, start, end, kind)
    ]
    hard = len({kind for *_, kind in found}) == 1
    for start, end, kind in found:
        if end < len(words.folded) and not words.all[end - 1].ends_part:
            end += words.folded[end] in ("paper", "papers", "article", "articles")
        while start and words.folded[start - 1] in _DETERMINERS:
            start -= 1
        filters: dict[str, Any] = {"kind": str(kind)}
        yield Span(start, end, (Stated("kind", str(kind), hard),), filters=filters)


def _named(words: Words, known: Known) -> Iterator[tuple[int, int, Kind]]:
    """Yield each run of words that names a kind."""
    folded = words.folded
    at = 0
    while at < len(folded):
        pair = _PAIRS.get(folded[at : at + 2])
        kind = pair or _NOUNS.get(folded[at])
        end = at + (2 if pair else 1)
        if kind is None and _is_study(words, at, known):
            kind = Kind.THEORY if folded[at] == "theory" else Kind.ANALYSIS
        if kind and not (kind is Kind.SYSTEM and folded[end : end + 1] == ("of",)):
            yield at, end, kind
        at = end


def _is_study(words: Words, at: int, known: Known) -> bool:
    """Return whether "theory" or "analysis" is what is asked for, about something."""
    behind = words.folded[at + 1 : at + 3]
    if len(behind) < 2 or (at and words.folded[at - 1] not in _REQUESTS):
        return False
    if words.folded[at] in ("analysis", "analyses"):
        return behind[0] == "of" and behind[1] not in ("variance", "algorithms")
    if words.folded[at] != "theory" or behind[0] not in ("of", "behind", "on", "for"):
        return False
    if behind[0] != "of":
        return True
    names = {
        folded_name(" ".join(words.folded[at + 2 : end])) for end in range(at + 3, at + 7)
    } - _NO_THEORY
    return bool(known.atlas.catalogue.entities.named(names))


def _is_apart(words: Words, end: int) -> bool:
    """Return whether a noun ends there, and is no part of another: survey propagation."""
    if in_title(words, end):
        return False
    if end == len(words.folded) or words.all[end - 1].ends_part:
        return True
    behind, *further = words.folded[end : end + 2]
    if behind in _ASKED_IN:
        chosen = words.folded[:1] in (("what",), ("which",)) and further and further[0] in _ASKING
        return "there" in further or bool(chosen)
    if behind in ("has", "have"):
        # "Benchmarks have others used" asks for no paper that is one.
        return not further or further[0] == "been" or further[0].endswith("ed")
    return behind in _BEHIND or behind[0].isdigit()


def _is_joined(words: Words, start: int, end: int) -> bool:
    """Return whether a noun alone is one of two things of a subject: libraries and open access."""
    if start and not words.all[start - 1].ends_part:
        return False
    if words.all[end - 1].ends_part or words.folded[end : end + 1] not in (("and",), ("or",)):
        return False
    return _NOUNS.keys().isdisjoint(words.folded[end + 1 : end + 4])


def _is_asked_for(words: Words, start: int, end: int, kind: Kind) -> bool:
    """Return whether a noun heads what is asked for."""
    first = start
    while first and words.folded[first - 1] in _DETERMINERS:
        first -= 1
    if negated(words, first):
        return False
    if words.folded[end - 1] in _NAMED:
        return True
    first = start
    while first and not _ends_phrase(words, first - 1):
        first -= 1
    modifiers = words.folded[first:start]
    if modifiers and modifiers[-1] in _OTHERS.get(kind, ()):
        return False
    if kind is Kind.BENCHMARK and modifiers:
        if modifiers[0].endswith("ing") and modifiers[0] not in _FIELDS:
            return False
        if _OF_DATA.issuperset(modifiers):
            return False
    before = words.folded[first - 1] if first and not words.all[first - 1].ends_part else ""
    if not before or before[0].isdigit():
        return True
    if not _MADE.isdisjoint(modifiers):
        return False
    if before in ("has", "have") and modifiers and modifiers[0].endswith("ed"):
        return False
    if before in _ASKED_IN and "exist" not in words.folded[end : end + 1]:
        return False
    if _is_request(words, first):
        return True
    last = end == len(words.folded) or words.all[end - 1].ends_part
    return kind is Kind.SURVEY and last and bool(modifiers) and before in _GOVERNING


def _ends_phrase(words: Words, at: int) -> bool:
    """Return whether a word is before a noun phrase and no part of it."""
    word = words.folded[at]
    return (
        words.all[at].ends_part
        or word in STOP_WORDS
        or word in _GOVERNING
        or word in _REQUESTS
        or word in _ASKED_IN
        or word[0].isdigit()
    )


def _is_request(words: Words, end: int) -> bool:
    """Return whether all words before belong to a request, from its beginning."""
    at = end
    while at and not words.all[at - 1].ends_part:
        word = words.folded[at - 1]
        if word not in _REQUESTS and word not in _NOUNS and not word[0].isdigit():
            return False
        at -= 1
    return True
