"""Topics that a question names: "model editing", "PEFT", "surveys of distillation"."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from kg.entities.entity import Recognised
from kg.entities.names import folded_name
from kg.store.entities import MIN_USUAL_PAPERS
from search.atlas import Atlas
from search.index.words.fts5 import any_of
from search.understanding import names
from search.understanding.known import Known
from search.understanding.names import Gram
from search.understanding.reading import Span, Stated
from search.understanding.words import Words

if TYPE_CHECKING:
    from kg.taxonomy.taxonomy import Taxonomy

_LEFT_OUT: Final = str.maketrans("", "", " -/")
_GENERAL: Final = (" methods", " models")
"""Ends of labels that say nothing of the topic."""

_KINDS: Final = frozenset(("benchmark", "benchmarks", "overview", "review", "survey", "surveys"))
"""A label with one of these asks for a kind of paper on what the rest of it names."""

_OTHER_SUBJECTS: Final = frozenset("cascade editing language routing text tuning".split())
"""Labels that name other subjects beside another noun: "image editing", "routing protocols"."""

_OF_VERBS: Final = frozenset("a an my of the their this those your".split())
"""Behind one of these labels, what is done to something: "tuning a guitar"."""

_ONE_OF: Final = frozenset("a an another each every".split())
"""Behind these, a word is one thing of that name: "distil an ensemble"."""

_DEEDS: Final[Mapping[str, str]] = {
    **{word: word for word in "averaging editing merging tuning".split()},
    **dict.fromkeys(("distil", "distill", "distilling"), "distillation"),
    **dict.fromkeys(("fuse", "fusing"), "fusion"),
    **dict.fromkeys(("fine-tune", "fine-tuning", "finetune", "finetuning", "tune"), "tuning"),
    "edit": "editing",
    "merge": "merging",
    "composing": "composition",
    "ensembling": "ensemble",
    "interpolating": "interpolation",
}
"""What is done to something -> the noun for it in labels of topics."""

_DONE_TO: Final = frozenset(
    "a all big deep different expert fine-tuned finetuned foundation independently language large"
    " llm many multiple neural of open-source pre-trained pretrained separately several small some"
    " specialised specialized the together trained transformer two various vision"
    " vision-language".split()
)
"""Words between what is done and to what: "merging of two fine-tuned language models"."""

_UNCOUNTED: Final = frozenset(("knowledge",))

_BESIDE: Final = names.SMALL | frozenset(
    "algorithm algorithms analyses analysis application applications approach approaches"
    " article articles baseline baselines benchmark benchmarks besides but dataset datasets"
    " except excluding framework frameworks implementation implementations libraries library"
    " literature method methods no overview overviews paper papers publications research review"
    " reviews scheme schemes since study survey surveys technique techniques theory toolkit"
    " until work works year years".split()
)
"""Words that may stand behind a topic of one ordinary word."""


class NamedTopic(NamedTuple):
    """A topic's name in a question."""

    start: int
    end: int
    topic: str
    """Its id."""


def spans(words: Words, known: Known) -> Iterator[Span]:
    """Yield the topics that a question names; papers on them are preferred."""
    for one in known.once(topics, words):
        stated = (Stated("topic", one.topic, False),)
        filters = {"topic": one.topic}
        yield Span(one.start, one.end, stated, filters=filters, stays=True, sure=0.85)


def topics(words: Words, known: Known) -> tuple[NamedTopic, ...]:
    """Return the topics that a question names, from left to right, the longest names."""
    grams = known.once(names.grams, words)
    if not grams or known.once(names.is_titled, words):
        return ()
    atlas = known.atlas
    labels = atlas.catalogue.cache.get("topics by label", lambda: _labels(atlas.taxonomy))
    named = [
        (gram, labels[one])
        for gram in grams
        if gram.whole
        for one in _numbers(gram)
        if one in labels
    ]
    found = list(_done(words, labels))
    taken = {at for one in found for at in range(one.start, one.end)}
    ends_at = 0
    # The longest first of those that begin at one place.
    for gram, label in sorted(named, key=lambda one: (one[0].start, -one[0].end, -one[0].parts)):
        if (
            gram.start >= ends_at
            and taken.isdisjoint(range(gram.start, gram.end))
            and _meant(words, known, gram, *label)
        ):
            found.append(NamedTopic(gram.start, gram.end, label[0]))
            ends_at = gram.end
    return tuple(sorted(found))


def _done(words: Words, labels: Mapping[str, tuple[str, str]]) -> Iterator[NamedTopic]:
    """Yield the topics whose label is what is done to something, said as a verb.

    "Model merging" is "merging models", "merging of several language models", "merge models".
    """
    for at, word in enumerate(words.folded[:-1]):
        noun = _DEEDS.get(word)
        if noun is None or words.all[at].ends_part:
            continue
        end = at + 1
        while (
            end < len(words.all) - 1
            and words.folded[end] in _DONE_TO
            and not words.all[end].ends_part
        ):
            end += 1
        label = labels.get(f"{words.folded[end].removesuffix('s')}{noun}")
        if label and (words.folded[end].endswith("s") or words.folded[end] in _UNCOUNTED):
            yield NamedTopic(at, end + 1, label[0])


def is_rather_topic(atlas: Atlas, text: str) -> bool:
    """Return whether a text is a label of a topic rather than a name of entities that have it.

    So it is where it is their name in another writing only, and few papers are on any of them:
    "meta-RL" is a topic, and "MetaRL" a method.
    """
    rare = atlas.catalogue.cache.get("rare names that are labels", lambda: _rare_names(atlas))
    names_so = rare.get(folded_name(text))
    return names_so is not None and text not in names_so


def _rare_names(atlas: Atlas) -> Mapping[str, frozenset[str]]:
    """Return folded label of a topic -> the same as rare entities write it, if only they do."""
    catalogue = atlas.catalogue
    labels = catalogue.cache.get("topics by label", lambda: _labels(atlas.taxonomy))
    found = {}
    named = catalogue.entities.named(set(labels))
    keys = sorted({key for owners in named.values() for key in owners})
    entities = dict(zip(keys, catalogue.entities.get(keys), strict=True))
    for folded, owners in named.items():
        own = [
            name
            for key in owners
            for name in entities[key].names
            if folded_name(name.text) == folded
        ]
        if all(name.recognised is Recognised.EXACT for name in own):
            papers = catalogue.relations.paper_counts(list(owners)).values()
            if max(papers, default=0) < MIN_USUAL_PAPERS:
                found[folded] = frozenset(name.text for name in own)
    return found


def _numbers(gram: Gram) -> tuple[str, ...]:
    """Return a name, and the same in the plural or singular."""
    other = gram.folded[:-1] if gram.folded[-1] == "s" else f"{gram.folded}s"
    return gram.folded, other


def _meant(words: Words, known: Known, gram: Gram, topic: str, label: str) -> bool:
    """Return whether words name the topic that has the label, not another thing."""
    if gram.parts > 1:
        return True
    written = words.all[gram.start].text
    if any(letter.isupper() for letter in label[1:]):
        # An acronym in lower case may be a word: the methods of that name say whether it is.
        if written.isupper() or not written.islower():
            return True
        own = [one for one in known.once(names.mentions, words) if one.start == gram.start]
        return all(one.sure for one in own) and words.question.islower()
    # What states a condition is apart: "adapters before 2022".
    before, after = (
        words.folded[at] if 0 <= at < len(words.all) and at not in known.stated else ""
        for at in (gram.start - 1, gram.end)
    )
    if after and not words.all[gram.end - 1].ends_part and not _follows(after):
        return False
    if before in _ONE_OF:
        return False
    apart = after not in _OF_VERBS and (not before or before in names.SMALL)
    if gram.folded in _OTHER_SUBJECTS and not apart:
        return False
    expression = any_of(names.subject_words(words, {*known.stated, *range(gram.start, gram.end)}))
    return not expression or known.atlas.catalogue.words.any_under(expression, topic)


def _follows(word: str) -> bool:
    return word in _BESIDE or not word[0].isalpha()


def _labels(taxonomy: "Taxonomy") -> Mapping[str, tuple[str, str]]:
    """Return folded label -> the topic that has it, and the label as written."""
    found: dict[str, tuple[str, str]] = {}
    terms = Counter(_folded(term) for topic in taxonomy for term in topic.terms)
    for topic in taxonomy:
        for label in (topic.name, *topic.aliases):
            found[_folded(label)] = (topic.id, label)
    for topic in taxonomy:
        for label in (topic.name, *topic.aliases):
            for end in _GENERAL:
                if label.lower().endswith(end):
                    short = label[: -len(end)]
                    found.setdefault(_folded(short), (topic.id, short))
        for term in topic.terms:
            folded = _folded(term)
            if " " in term and terms[folded] == 1:
                found.setdefault(folded, (topic.id, term))
    return {
        folded: named
        for folded, named in found.items()
        if _KINDS.isdisjoint(named[1].lower().split())
    }


def _folded(label: str) -> str:
    """Return the form by which a label is compared: that of `folded_name`, which takes longer."""
    plain = label.lower().translate(_LEFT_OUT)
    return plain if plain.isascii() and plain.isalnum() else folded_name(label)
