"""Resolve a question against an atlas: what it names (papers, an author, a method), its filters."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import field, replace

from kg.entities.names import folded_name
from kg.errors import NotFound
from kg.ids.titles import normalised_title
from kg.records import Field, Filters
from kg.store.catalogue import Catalogue
from kg.text.stop_words import STOP_WORDS
from kg.values import dataclass
from search.atlas import Atlas
from search.ranking import entities, naming, preferences
from search.understanding import conflicts, languages, operators, people, topics
from search.understanding.operators import Question, Understood
from search.understanding.reading import Order, Reading
from search.understanding.understand import understand

# Words of a question around a paper's id that say nothing of a subject.
_REQUEST_WORDS = STOP_WORDS | frozenset(
    "abstract article articles arxiv but cite cited cites citing doi id like near nearest"
    " neighbours neighbors org paper preprint read related s see similar summarise summarize"
    " summary vs compare compared".split()
)
_COMPARING_WORDS = frozenset(
    "between compare compared comparing comparison difference differences differ or versus"
    " vs".split()
)
_WORD = re.compile(r"[^\W_]+")
_APART = frozenset((Field.AUTHOR, Field.CATEGORY, Field.YEAR))
"""Fields of which no word is part of the subject."""


@dataclass(frozen=True, slots=True)
class ResolvedQuestion:
    """A question whose names and filters are looked up in an atlas."""

    text: str
    """What papers are compared with; empty where nothing else is stated."""
    filters: Filters
    """Those of the caller, and what the question states."""
    first: tuple[int, ...] = ()
    """Papers that come before all others: those named, those of an author, or those that
    introduced what the question names."""
    named: tuple[int, ...] = ()
    """Papers whose neighbours are asked for, by their ids or as what introduced an entity."""
    alone: bool = False
    """True where the question is nothing but `named`; then their titles are its text."""
    entities: tuple[int, ...] = ()
    """Methods, benchmarks or models that are asked for by name."""
    followers: Mapping[int, int] = field(default_factory=dict)
    """Papers that build on these and pass the filters -> how often each is used."""
    preferred: tuple[Filters, ...] = ()
    """What the question prefers: papers that pass one of them come sooner."""
    subject: Filters | None = None
    """What the papers pass that are about the question's subject, where this is nothing but names
    of topics and entities."""
    order: Order | None = None
    """The order that the question asks for."""
    exact: tuple[int, ...] = ()
    """The few papers that pass all that the question states, where that was loosened."""
    understood: tuple[Understood, ...] = ()
    notes: tuple[str, ...] = ()
    """Messages for the user, a line each."""
    set_aside: tuple[Understood, ...] = ()
    """What the question would state as well, and was asked without."""


def resolve(
    atlas: Atlas,
    question: str,
    filters: Filters,
    literal: bool = False,
    without: Set[str] = frozenset(),
) -> ResolvedQuestion:
    """Resolve a question against an atlas.

    Parameters
    ----------
    literal : bool
        Whether the question is words to compare papers with and states nothing.
    without : set of str
        Names of readings that do not hold.
    """
    catalogue, english = atlas.catalogue, atlas.english_only
    if literal:
        return ResolvedQuestion(question, filters)
    parts = _parts(catalogue, question)
    made = ResolvedQuestion(
        parts.text,
        replace(filters, terms=(*filters.terms, *parts.terms)),
        understood=parts.understood,
        notes=parts.notes,
    )
    if parts.text:
        # One word that is left of operators is a subject; of "title:survey", it is that condition.
        beside = bool(parts.terms) and all(
            one.excluded or one.field in _APART for one in parts.terms
        )
        made = _stating(atlas, made, understand(atlas, parts.text, without, beside))
    if parts.papers:
        return _of_papers(catalogue, made, parts)
    if not made.text:
        return made
    if (named := _of_names(atlas, made)) is not None:
        return named
    asked = entities.asked_for(catalogue, made.text) or _first_of_topic(atlas, made)
    if asked and topics.is_rather_topic(atlas, asked.name):
        asked = None
    if asked:
        about = [Understood(asked.name, "about", one.id, False) for one in asked.entities]
        if without.isdisjoint(one.name for one in about):
            return _of_entities(atlas, made, asked, about)
        made = replace(made, set_aside=(*made.set_aside, *about))
    person = people.asked_for(catalogue, made.text, made.filters)
    if person and not atlas.words.named(made.text, made.filters):
        as_author = Understood(made.text, "author", person.name, False)
        if as_author.name in without:
            return replace(made, set_aside=(*made.set_aside, as_author))
        return replace(made, first=person.keys, understood=(*made.understood, as_author))
    return _in_english(catalogue, made) if english else made


def _stating(atlas: Atlas, made: ResolvedQuestion, reading: Reading) -> ResolvedQuestion:
    """Return a question with what its words state."""
    if not reading.spans and not reading.set_aside:
        return made
    reading, overruled = conflicts.settled(reading, made.filters)
    required = [span for span in reading.spans if span.filters and span.hard]
    preferred = [span for span in reading.spans if span.filters and not span.hard]
    found = preferences.conditions(
        atlas, made.filters, [(span.words, Filters(**span.filters)) for span in required]
    )
    loosened = [required[place] for place in found.loosened]
    return replace(
        made,
        text=reading.text,
        filters=found.filters,
        preferred=tuple(Filters(**span.filters) for span in (*loosened, *preferred)),
        exact=found.exact,
        subject=_subject(found.filters, reading),
        order=reading.order,
        understood=(
            *made.understood,
            *(
                Understood(span.words, one.filter, one.value, one.hard and span not in loosened)
                for span in reading.spans
                for one in span.stated
            ),
        ),
        set_aside=tuple(
            Understood(span.words, one.filter, one.value, one.hard)
            for span in reading.set_aside
            for one in span.stated
        ),
        notes=(
            *made.notes,
            *(note for span in reading.spans for note in span.notes),
            *overruled,
            *([found.note] if found.note else []),
        ),
    )


def _subject(filters: Filters, reading: Reading) -> Filters | None:
    """Return the filters of a question whose text is names that have filters, else None."""
    names = [span for span in reading.spans if span.stays and span.filters]
    rest = set(_WORD.findall(reading.text.casefold())) - STOP_WORDS
    if not names or not rest.issubset(
        _WORD.findall(" ".join(one.words for one in names).casefold())
    ):
        return None
    for span in names:
        filters = preferences.both(filters, Filters(**span.filters))
    return filters


def _parts(catalogue: Catalogue, question: str) -> Question:
    if catalogue.identifiers.is_id(question):
        return Question("", papers=((question, question),))
    parts = operators.understand(question)
    if parts == Question(question):
        return parts
    # What looks like an operator in a title is a part of it.
    titled = catalogue.papers.by("title", normalised_title(question))
    if titled and titled.title.casefold().split() == question.casefold().split():
        return Question(question)
    return parts


def _of_papers(catalogue: Catalogue, made: ResolvedQuestion, parts: Question) -> ResolvedQuestion:
    keys, missing = [], []
    words = set(_WORD.findall(_without_conditions(made).lower()))
    several = len(parts.papers) > 1 and not words.isdisjoint(_COMPARING_WORDS)
    asked = "compare" if several else "like"
    understood, notes = list(made.understood), list(made.notes)
    for written, identifier in parts.papers:
        try:
            key = catalogue.identifiers.key(identifier)
        except NotFound:
            missing.append(identifier)
            notes.append(f"{identifier} is not in the atlas: `lfm add {identifier}` brings it")
            continue
        (paper,) = catalogue.papers.get([key])
        keys.append(key)
        understood.append(Understood(written, asked, paper.id, False))
        if key not in catalogue.papers.passing([key], made.filters):
            notes.append(
                f"{paper.id} was withdrawn, and such papers are not shown unless asked for"
                if paper.withdrawn and not made.filters.withdrawn
                else f"{paper.id} does not pass the filters"
            )
    alone = words <= _REQUEST_WORDS | _COMPARING_WORDS
    allowed = catalogue.papers.passing(keys, made.filters)
    text = " ".join(paper.title for paper in catalogue.papers.get(keys)) if alone else made.text
    return replace(
        made,
        text=text,
        first=tuple(key for key in dict.fromkeys(keys) if key in allowed),
        named=tuple(dict.fromkeys(keys)),
        alone=alone,
        understood=tuple(understood),
        notes=tuple(notes),
    )


def _without_conditions(made: ResolvedQuestion) -> str:
    """Return a question's text without the words of conditions: what is left names a subject."""
    rest = made.text
    for one in made.understood:
        if one.filter not in ("about", "topic", "like", "compare"):
            rest = rest.replace(one.words, " ")
    return rest


def _of_names(atlas: Atlas, made: ResolvedQuestion) -> ResolvedQuestion | None:
    """Return a question that compares things or asks for the like of one, else None."""
    compared = [one.value for one in made.understood if one.filter == "compare"]
    if len(compared) > 1:
        found = naming.compared(atlas, compared, made.filters)
        return replace(
            made,
            first=found.introducing,
            entities=found.entities,
            followers=found.on_several,
        )
    like = [one for one in made.understood if one.filter == "like"]
    if not like:
        return None
    found = naming.alike(atlas.catalogue, [one.value for one in like], made.filters)
    rest = _without_conditions(made)
    for one in like:
        rest = rest.replace(one.words, " ")
    alone = bool(found.introducing) and _REQUEST_WORDS.issuperset(_WORD.findall(rest.lower()))
    titles = (paper.title for paper in atlas.catalogue.papers.get(found.introducing))
    return replace(
        made,
        text=" ".join(titles) if alone else made.text,
        first=found.introducing,
        named=found.introducing,
        alone=alone,
        notes=(*made.notes, *found.notes),
    )


def _first_of_topic(atlas: Atlas, made: ResolvedQuestion) -> entities.NamedEntities | None:
    """Return the method that has a name of the topic of which the first paper is asked for.

    The oldest paper of a topic may be older than its name: who was first, introduced that.
    """
    asked = [one for one in made.understood if one.filter == "order"]
    topics = [one.value for one in made.understood if one.filter == "topic" and not one.hard]
    if made.order is not Order.OLDEST or any(one.hard for one in asked) or not made.subject:
        return None
    return next(filter(None, (naming.of_topic(atlas, topic) for topic in topics)), None)


def _of_entities(
    atlas: Atlas,
    made: ResolvedQuestion,
    asked: entities.NamedEntities,
    about: Iterable[Understood],
) -> ResolvedQuestion:
    catalogue = atlas.catalogue
    introducing = catalogue.relations.introducing(asked.keys)
    papers = tuple(dict.fromkeys(key for one in asked.keys for key in introducing.get(one, ())))
    titled = entities.named_in_title(catalogue, asked)
    followers = catalogue.relations.followers(asked.keys, titled)
    allowed = atlas.passing_of((*papers, *followers), made.filters)
    # The field's name for it finds more than an alias, or a name that is an ordinary word.
    names = {folded_name(one): one for one in (asked.name, *(e.name for e in asked.entities))}
    return replace(
        made,
        text=" ".join(names.values()),
        first=tuple(key for key in papers if key in allowed),
        named=papers,
        entities=asked.keys,
        followers={
            key: uses for key, uses in followers.items() if key in allowed and key not in papers
        },
        # Papers on it before those that only extend what is on it.
        preferred=(*made.preferred, *_related(asked, made)),
        # A name within it is read as a part of the whole one.
        understood=(
            *(one for one in made.understood if one.hard or one.filter not in ("about", "topic")),
            *about,
        ),
        notes=(*made.notes, *_notes(catalogue, asked, introducing, allowed)),
    )


def _related(asked: entities.NamedEntities, made: ResolvedQuestion) -> Iterator[Filters]:
    """Yield the preference for papers on the one entity that is asked for."""
    if len(asked.entities) == 1:
        (entity,) = asked.entities
        if all(one.about != entity.id for one in made.preferred):
            yield Filters(about=entity.id)


def _notes(
    catalogue: Catalogue,
    asked: entities.NamedEntities,
    introducing: Mapping[int, Sequence[int]],
    allowed: set[int],
) -> Iterator[str]:
    keys = [key for own in introducing.values() for key in own]
    ids = {key: one.id for key, one in zip(keys, catalogue.papers.get(keys), strict=True)}
    named = []
    for key, entity in zip(asked.keys, asked.entities, strict=True):
        papers = [ids[one] for one in introducing.get(key, ())]
        named.append(f"{entity.id} ({', '.join(papers) or 'its own paper is not in the atlas'})")
        if len(asked.keys) == 1 and not papers:
            yield (
                f"The atlas lacks the paper that introduced {entity.name}: first are those that"
                " work with it or build on it"
            )
        if papers and allowed.isdisjoint(introducing[key]):
            yield f"{papers[0]}, which introduced {entity.name}, does not pass the filters"
    if len(asked.keys) > 1:
        *others, last = named
        yield f"{asked.name} is a name of {', '.join(others)} and {last}"


def _in_english(catalogue: Catalogue, made: ResolvedQuestion) -> ResolvedQuestion:
    rest = languages.in_english(
        made.text, lambda word: catalogue.words.document_frequency(f'"{word}"', 1) > 0
    )
    if rest is None:
        return made
    used = f"used of this question: {rest}" if rest else "ask in English"
    return replace(
        made, text=rest, notes=(*made.notes, f"The embedding model knows English only; {used}")
    )
