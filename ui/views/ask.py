"""The question box and its answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from time import perf_counter
from typing import TYPE_CHECKING, Any

from kg.entities import Filters
from kg.errors import BadRequest, NotFound
from kg.export import formats
from search.answers import Answer, Hit, Mode
from search.library import Library
from search.ranking.marking import Segment, segments
from search.ranking.strength import HEADLINES, NEAREST
from search.ranking.summary import summarise
from ui.page import filters
from ui.page.address import Address
from ui.page.templating import cut, rendered
from ui.page.visit import Page, Visit

if TYPE_CHECKING:
    from search.pages.topic import TopicCount

COUNTS = (10, 20, 50)
"""How many papers may be chosen; the last is the most."""

SORTS = ("relevance", "newest", "oldest", "title")
"""Orders of the papers found; the first is the default."""

MODES = {
    Mode.HYBRID: "by meaning and words",
    Mode.DENSE: "by meaning only",
    Mode.KEYWORD: "by words only",
}
"""How papers are found, in words; the first is the default."""

EXAMPLES = (
    ("model-tuning", "How does low-rank adaptation compare with full fine-tuning?"),
    ("model-distillation", "Can a student learn from a teacher without the training data?"),
    ("model-reuse", "How can models be merged without any training?"),
    ("meta-learning", "meta-learning from pre-trained models without data"),
    ("model-editing", "Does editing facts in a language model have ripple effects?"),
    ("model-reuse", "task arithmetic"),
)
"""Questions to begin with: the area of each, for its colour."""

FEW_CATEGORIES = 6
"""Categories that are shown at once."""

SENTENCE_CHARS = 1_000
"""Characters of what tells why a paper is here."""

_TITLE = 80


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for, as far as it can be read."""

    question: str
    like: str | None
    """A paper whose nearest papers are asked for in place of a question."""
    filters: Filters
    mode: Mode
    sort: str
    k: int
    wrong: dict[str, str]
    """By field, what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A way on from no results."""

    label: str
    address: Address
    count: int
    """How many papers it would find."""


def view(visit: Visit) -> Page:
    """Return the answer to the question in the address, or the empty box."""
    library = visit.library
    asked = read(visit.address, library)
    address = visit.address.with_(picked=None)
    context: dict[str, Any] = {
        "asked": asked,
        "address": address,
        "picked": set((visit.address.one("picked") or "").split()),
        "taxonomy": library.taxonomy,
        "chips": list(_chips(address, asked, library)),
        "topics": list(_options(library, asked.filters.topic)),
        "categories": library.catalogue.category_counts(),
        "few": FEW_CATEGORIES,
        "counts": sorted({*COUNTS, asked.k}),
        "modes": MODES,
        "sorts": SORTS,
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


def read(address: Address, library: Library) -> Asked:
    """Read what an address asks for; what cannot be read is told, and its default stands."""
    chosen = filters.parse(address, library.taxonomy)
    wrong = dict(chosen.wrong)

    def one_of(name: str, known: Sequence[str]) -> str:
        told = address.one(name) or known[0]
        if told in known:
            return told
        wrong[name] = f"there is no {name} '{told[:40]}': choose one of the list"
        return known[0]

    k = COUNTS[0]
    try:
        k = address.number("k", k) or 0
        if not 1 <= k <= COUNTS[-1]:
            raise BadRequest(f"cannot show {k:,} papers", f"{COUNTS[-1]} at most, one at least")
    except BadRequest as error:
        wrong["k"], k = str(error), COUNTS[0]
    question = address.one("q") or ""
    return Asked(
        question=question,
        like=None if question else address.one("like"),
        filters=chosen.filters,
        mode=Mode(one_of("mode", list(Mode))),
        sort=one_of("sort", SORTS),
        k=k,
        wrong=wrong,
    )


def _answered(library: Library, asked: Asked, context: dict[str, Any]) -> Page:
    try:
        answer = library.ask(asked.question, asked.k, asked.filters, asked.mode)
    except BadRequest as error:
        asked.wrong["q"] = str(error)
        return Page("Not understood", rendered("ask.html", **context, state="wrong"))
    address: Address = context["address"]
    context |= _found(library, asked, answer, address)
    if answer.hits:
        context["summary"] = summarise(library, answer)
        context |= {"headlines": HEADLINES, "nearest": NEAREST}
        near = {name: address.one(name) for name in ("topic", "since", "until")}
        context["on_map"] = Address.of("map", q=asked.question, **near)
        context["by_rank"] = {hit.rank: hit for hit in answer.hits}
    short = asked.question if len(asked.question) <= _TITLE else asked.question[:_TITLE] + " …"
    return Page(short, rendered("ask.html", **context, state="answered"))


def _alike(library: Library, asked: Asked, context: dict[str, Any]) -> Page:
    catalogue = library.catalogue
    try:
        key = catalogue.key(asked.like or "")
    except NotFound as error:
        asked.wrong["like"] = str(error)
        return Page("Not found", rendered("ask.html", **context, state="wrong"))
    paper = catalogue.papers([key])[0]
    started = perf_counter()
    hits = library.similar(paper.id, k=asked.k, filters=asked.filters)
    answer = Answer(paper.title, (perf_counter() - started) * 1000, hits, paper.title)
    context |= _found(library, asked, answer, context["address"])
    topics = library.taxonomy.topic_ids(catalogue.placements([key]).get(key, ()))
    body = rendered("ask.html", **context, paper=paper, paper_topics=topics, state="alike")
    return Page(f"Papers like {paper.title[:_TITLE]}", body)


def _found(library: Library, asked: Asked, answer: Answer, address: Address) -> dict[str, Any]:
    """Return what the page tells of an answer."""
    hits = in_order(answer.hits, asked.sort)
    # Of a paper that is known by title only, the title tells why it is here.
    told: list[tuple[Segment, ...]] = segments(
        answer.text,
        [
            cut(hit.evidence, SENTENCE_CHARS) if hit.evidence else cut(hit.paper.title)
            for hit in hits
        ],
    )
    words = (answer.text or None) if asked.mode is Mode.KEYWORD and not asked.like else None
    passing = asked.filters if asked.like else answer.filters
    best = max((hit.score for hit in answer.hits), default=0.0)
    # A paper is not like itself.
    of = library.count(passing, words) - (asked.like is not None)
    more = next((count for count in COUNTS if count > asked.k), None)
    return {
        "answer": answer,
        "formats": formats.MENU,
        "cards": list(zip(hits, told, strict=True)),
        # BM25 has no greatest value: it is told beside the best of the same answer.
        "scale": best if words and best > 0 else 1.0,
        "of": of,
        "more": more if len(hits) == asked.k < of else None,
        "offers": [] if hits else list(_offers(library, asked, answer, address)),
    }


def in_order(hits: Sequence[Hit], sort: str) -> list[Hit]:
    """Return the hits in an order of `SORTS`; papers without a date come last."""

    def day(hit: Hit) -> tuple[bool, int]:
        paper = hit.paper
        known = paper.published or (date(paper.year, 1, 1) if paper.year else None)
        ordinal = known.toordinal() if known else 0
        return known is None, -ordinal if sort == "newest" else ordinal

    if sort == "title":
        return sorted(hits, key=lambda hit: hit.paper.title.casefold())
    return list(hits) if sort == "relevance" else sorted(hits, key=day)


def _chips(address: Address, asked: Asked, library: Library) -> Iterator[tuple[str, Address]]:
    for part in filters.parts(address, asked.filters, library.taxonomy):
        yield part.label, part.without
    if asked.mode is not Mode.HYBRID and not asked.like:
        yield f"found {MODES[asked.mode]}", address.with_(mode=None)


def _options(library: Library, chosen: str | None) -> Iterator[tuple[str, str, int, int]]:
    """Yield id, name, depth and number of papers of each topic that has any, or is chosen."""

    def walk(topic: "TopicCount", depth: int) -> Iterator[tuple[str, str, int, int]]:
        if topic.papers or topic.id == chosen:
            yield topic.id, topic.name, depth, topic.papers
        for child in topic.children:
            yield from walk(child, depth + 1)

    for area in library.topics().tree:
        yield from walk(area, 0)


def _offers(library: Library, asked: Asked, answer: Answer, address: Address) -> Iterator[Offer]:
    """Yield the ways on that would find something."""
    by_words = asked.mode is Mode.KEYWORD and not asked.like

    def count(some: Filters, words: bool = by_words) -> int:
        stated = replace(some, terms=answer.filters.terms)
        return library.count(stated, (answer.text or None) if words else None)

    set_ones = list(filters.parts(address, asked.filters, library.taxonomy))
    offers = [Offer(f"without “{p.label}”", p.without, count(p.others)) for p in set_ones]
    if len(set_ones) > 1:
        free = address.with_(**dict.fromkeys(filters.PARAMETERS))
        offers.append(Offer("without any filter", free, count(Filters())))
    if by_words:
        both = address.with_(mode=None)
        offers.append(Offer("by meaning as well", both, count(asked.filters, words=False)))
    yield from (offer for offer in offers if offer.count)
