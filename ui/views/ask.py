"""The question box and its answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from kg.cards.card import CHOICES
from kg.errors import BadRequest, NotFound
from kg.export import formats
from kg.records import Filters
from search.library import Library
from search.pages.topic import TopicCount
from search.ranking.answers import Answer, Hit
from search.ranking.marking import MarkedSpan, marked_spans
from search.ranking.mode import Mode
from search.ranking.strength import HEADLINES, NEAREST
from ui.page import filters
from ui.page.address import Address
from ui.page.readings import READ_BY, asked_as, readings
from ui.page.templating import cut, rendered
from ui.page.visit import Page, Visit
from ui.text.card_words import FIELDS, words

COUNTS = (10, 20, 50)
"""Numbers of papers that one can choose; the last is the maximum."""

SORTS = ("relevance", "newest", "oldest", "cited", "title")
"""Orders of the papers found; the first is the default."""

MODES = {
    Mode.HYBRID: "by meaning and words",
    Mode.DENSE: "by meaning only",
    Mode.KEYWORD: "by words only",
}
"""Mode -> label; the first is the default."""

EXAMPLES = (
    ("model-tuning", "How does low-rank adaptation compare with full fine-tuning?"),
    ("model-distillation", "Can a student learn from a teacher without the training data?"),
    ("model-reuse", "How can models be merged without any training?"),
    ("meta-learning", "meta-learning from pre-trained models without data"),
    ("model-editing", "Does editing facts in a language model have ripple effects?"),
    ("model-reuse", "task arithmetic"),
)
"""Example questions, each with its area, for its colour."""

SHOWN_CATEGORIES = 6
"""Categories that are shown without unfolding."""

SENTENCE_CHARS = 1_000
"""Characters of the evidence of a paper."""

NAMED = ("introduces",)
"""Fields of a card whose names lead to their entities."""

_TITLE_CHARS = 80


@dataclass(frozen=True, slots=True)
class AskForm:
    """The fields of the question form, parsed; invalid ones have their defaults."""

    question: str
    like: str | None
    """Id of a paper whose nearest papers are wanted in place of an answer."""
    filters: Filters
    mode: Mode
    sort: str
    k: int
    wrong: dict[str, str]
    """Field -> what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A change of the filters that would find papers where these find none."""

    label: str
    address: Address
    count: int
    """Papers that it would find."""


def view(visit: Visit) -> Page:
    """Return the answer to the question in the address, or the empty box."""
    library = visit.library
    asked = parse(visit.address, library)
    address = visit.address.with_(picked=None)
    context: dict[str, Any] = {
        "asked": asked,
        "address": address,
        "picked": set((visit.address.one("picked") or "").split()),
        "taxonomy": library.taxonomy,
        "chips": list(_chips(address, asked, library)),
        "topics": list(_options(library, asked.filters.topic)),
        "categories": library.catalogue.papers.category_counts(),
        "few": SHOWN_CATEGORIES,
        "choices": _choices(library, asked.filters),
        "countable": library.filter_counts(),
        "counts": sorted({*COUNTS, asked.k}),
        "modes": MODES,
        "read_by": READ_BY,
    }
    if asked.wrong:
        return Page("Not understood", rendered("ask.html", **context, state="wrong"))
    if asked.like:
        return _alike(library, asked, context)
    if asked.question:
        return _answered(library, asked, context)
    context |= {
        "examples": [(area, q) for area, q in EXAMPLES if area in library.taxonomy],
        "size": library.catalogue.size(),
        "passing": library.count(asked.filters),
    }
    return Page("LFM Atlas", rendered("ask.html", **context, state="empty"))


def parse(address: Address, library: Library) -> AskForm:
    """Parse the fields of the question form; invalid ones are reported in `wrong`."""
    parsed = filters.parse(address, library)
    wrong = dict(parsed.wrong)

    def one_of(name: str, known: Sequence[str]) -> str:
        value = address.one(name) or known[0]
        if value in known:
            return value
        wrong[name] = f"there is no {name} '{value[:40]}': choose one of the list"
        return known[0]

    k = COUNTS[0]
    try:
        k = address.number("k", k) or 0
        if not 1 <= k <= COUNTS[-1]:
            raise BadRequest(f"cannot show {k:,} papers", f"{COUNTS[-1]} at most, one at least")
    except BadRequest as error:
        wrong["k"], k = str(error), COUNTS[0]
    question = address.one("q") or ""
    return AskForm(
        question=question,
        like=None if question else address.one("like"),
        filters=parsed.filters,
        mode=Mode(one_of("mode", list(Mode))),
        sort=one_of("sort", SORTS),
        k=k,
        wrong=wrong,
    )


def _answered(library: Library, asked: AskForm, context: dict[str, Any]) -> Page:
    try:
        how = asked_as(context["address"])
        answer = library.ask(
            asked.question, asked.k, asked.filters, asked.mode, how.literal, how.without
        )
    except BadRequest as error:
        asked.wrong["q"] = str(error)
        return Page("Not understood", rendered("ask.html", **context, state="wrong"))
    address: Address = context["address"]
    context |= _found(library, asked, answer, address)
    if answer.hits:
        context["summary"] = library.summary(answer)
        context |= {"headlines": HEADLINES, "nearest": NEAREST}
        near = {name: address.all(name) for name in ("topic", "since", "until", *READ_BY)}
        context["on_map"] = Address.of("map", q=asked.question, **near)
        context["by_rank"] = {hit.rank: hit for hit in answer.hits}
    title = asked.question[:_TITLE_CHARS] + (" …" if len(asked.question) > _TITLE_CHARS else "")
    return Page(title, rendered("ask.html", **context, state="answered"))


def _alike(library: Library, asked: AskForm, context: dict[str, Any]) -> Page:
    try:
        (found,) = library.listed([asked.like or ""])
    except NotFound as error:
        asked.wrong["like"] = str(error)
        return Page("Not found", rendered("ask.html", **context, state="wrong"))
    paper, started = found.paper, perf_counter()
    hits = library.similar(paper.id, k=asked.k, filters=asked.filters)
    answer = Answer(paper.title, (perf_counter() - started) * 1000, hits, paper.title)
    context |= _found(library, asked, answer, context["address"])
    context |= {"paper": paper, "paper_topics": found.topics, "paper_details": found.details}
    body = rendered("ask.html", **context, state="alike")
    return Page(f"Papers like {paper.title[:_TITLE_CHARS]}", body)


def _found(library: Library, asked: AskForm, answer: Answer, address: Address) -> dict[str, Any]:
    """Return the template variables of an answer."""
    hits = in_order(answer.hits, asked.sort)
    # Without an abstract, the title is the evidence.
    evidence: list[tuple[MarkedSpan, ...]] = marked_spans(
        answer.text,
        [
            cut(hit.evidence, SENTENCE_CHARS) if hit.evidence else cut(hit.paper.title)
            for hit in hits
        ],
    )
    text = (answer.text or None) if asked.mode is Mode.KEYWORD and not asked.like else None
    passing = asked.filters if asked.like else answer.filters
    best = max((hit.score for hit in answer.hits), default=0.0)
    # A paper is not like itself.
    of = library.count(passing, text) - (asked.like is not None)
    more = next((count for count in COUNTS if count > asked.k), None)
    return {
        "answer": answer,
        "readings": readings(library, address, answer, asked.filters),
        "links": library.entity_links({hit.paper.id: hit.details.card for hit in hits}, NAMED),
        "formats": formats.MENU,
        "compared": _compared(address, answer, hits),
        "cards": list(zip(hits, evidence, strict=True)),
        "sorts": _sorts(answer.hits, asked.sort),
        # BM25 has no maximum: scores are shown relative to the best one.
        "scale": best if text and best > 0 else 1.0,
        "of": of,
        "more": more if len(hits) == asked.k < of else None,
        "offers": [] if hits else list(_offers(library, asked, answer, address)),
    }


def _compared(address: Address, answer: Answer, hits: Sequence[Hit]) -> Address:
    """Return where what the question compares, or else the papers, stand side by side."""
    if answer.compared:
        return Address.of("compare", id=list(answer.compared))
    if address.one("q"):
        return Address("compare", address.with_(sort=None).params)
    return Address.of("compare", id=[hit.paper.id for hit in hits])


def _sorts(hits: Sequence[Hit], chosen: str) -> list[str]:
    """Return the orders that are of use: by citations, where any are known or it is chosen."""
    cited = chosen == "cited" or any(hit.details.citations is not None for hit in hits)
    return [name for name in SORTS if name != "cited" or cited]


def in_order(hits: Sequence[Hit], sort: str) -> list[Hit]:
    """Return the hits in an order of `SORTS`; unknown dates and citations come last."""

    def day(hit: Hit) -> tuple[bool, int]:
        known = hit.paper.appeared
        ordinal = known.first.toordinal() if known else 0
        return known is None, -ordinal if sort == "newest" else ordinal

    if sort == "title":
        return sorted(hits, key=lambda hit: hit.paper.title.casefold())
    if sort == "cited":
        return sorted(hits, key=lambda hit: -(hit.details.citations or 0))
    return list(hits) if sort == "relevance" else sorted(hits, key=day)


def _chips(address: Address, asked: AskForm, library: Library) -> Iterator[tuple[str, Address]]:
    for part in filters.parts(address, asked.filters, library.taxonomy):
        yield part.label, part.without
    if asked.mode is not Mode.HYBRID and not asked.like:
        yield f"found {MODES[asked.mode]}", address.with_(mode=None)


def _options(library: Library, chosen: str | None) -> Iterator[tuple[str, str, int, int]]:
    """Yield id, name, depth and number of papers of each topic that has any, or is chosen."""

    def walk(topic: TopicCount, depth: int) -> Iterator[tuple[str, str, int, int]]:
        if topic.papers or topic.id == chosen:
            yield topic.id, topic.name, depth, topic.papers
        for child in topic.children:
            yield from walk(child, depth + 1)

    for area in library.topics().tree:
        yield from walk(area, 0)


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter by cards, as the form offers it."""

    heading: str
    values: tuple[tuple[str, str, int], ...]
    """Value, its words, and how many papers have it, in the order of the field."""


def _choices(library: Library, chosen: Filters) -> dict[str, Choice]:
    """Return the filters by cards that find any paper, or are set."""
    counts = library.filter_counts().cards
    found = {}
    for name, values in CHOICES.items():
        known = [(v, counts[name].get(v, 0)) for v in map(str, values)]
        shown = [(v, words(name, v), n) for v, n in known if n or v == getattr(chosen, name)]
        if shown:
            found[name] = Choice(FIELDS[name][0], tuple(shown))
    return found


def _offers(library: Library, asked: AskForm, answer: Answer, address: Address) -> Iterator[Offer]:
    """Yield the changes of the filters that would find something."""
    by_words = asked.mode is Mode.KEYWORD and not asked.like

    def count(some: Filters, by_words: bool = by_words) -> int:
        stated = replace(some, terms=answer.filters.terms)
        return library.count(stated, (answer.text or None) if by_words else None)

    set_ones = list(filters.parts(address, asked.filters, library.taxonomy))
    offers = [Offer(f"without “{p.label}”", p.without, count(p.others)) for p in set_ones]
    if len(set_ones) > 1:
        free = address.with_(**dict.fromkeys(filters.PARAMETERS))
        offers.append(Offer("without any filter", free, count(Filters())))
    if by_words:
        both = address.with_(mode=None)
        offers.append(Offer("by meaning as well", both, count(asked.filters, by_words=False)))
    yield from (offer for offer in offers if offer.count)
