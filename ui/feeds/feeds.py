"""Atom feeds of topics, of saved questions and of all changes, and their routes."""

import hashlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from ingest.net.http_date import http_date
from kg.entities.entity import Entity
from kg.errors import BadRequest, NotFound, SeveralOwners
from kg.ids.arxiv_id import arxiv_link
from kg.ids.doi import doi_link
from kg.records import Filters, Paper
from kg.store.arrivals import Arrival
from kg.store.details import Details
from kg.store.journal import Change, ChangeKind
from kg.taxonomy.taxonomy import Taxonomy
from kg.text.plain import web_address
from search.library import Library
from search.pages.digest.digest import DigestPaper
from search.ranking.evidence import sentences
from ui.api.async_calls import response_of
from ui.feeds import atom
from ui.feeds.atom import AtomLink, Category, Entry, Feed
from ui.page import filters
from ui.page.address import Address
from ui.page.readings import READ_BY, asked_as
from ui.page.templating import rendered
from ui.text.refresh_report import without_files

MAX_ENTRIES = 50
"""Entries of a feed."""

MAX_QUESTION_CHARS = 2_000
"""Characters."""

MAX_AGE_S = 900
"""Seconds for which a feed reader may use its copy."""

_SUMMARY_CHARS = 600
_TITLE_CHARS = 120
_ARXIV = "http://arxiv.org/schemas/atom"
_MEDIA_TYPE = "application/atom+xml"


@dataclass(frozen=True, slots=True)
class Announced:
    """A feed as the page's head names it for feed readers."""

    href: str
    """Relative to the page."""
    title: str


CHANGES = Announced("feeds/changes.atom", "What is new in LFM Atlas")
"""Feed that every view announces."""


def announced(library: Library, address: Address) -> tuple[Announced, ...]:
    """Return the feeds of the view at an address, its own before that of all changes."""
    question, topic = address.one("q") or "", address.one("topic")
    name = address.one("id") if address.view == "entity" else None
    try:
        if name:
            entity = library.entity(name)
            return Announced(f"feeds/about/{entity.id}.atom", _entity_title(entity)), CHANGES
        if question and len(question) <= MAX_QUESTION_CHARS:
            filters.parse_strict(address, library)
            href = f"feeds/ask.atom{_saved(address)}"
            return Announced(href, _question_title(question)), CHANGES
        if topic and not question:
            found = library.taxonomy.find(topic).id
            return Announced(
                f"feeds/topic/{found}.atom", _topic_title(library.taxonomy, found)
            ), CHANGES
    except (BadRequest, NotFound, SeveralOwners):
        pass  # The view says what is wrong.
    return (CHANGES,)


def routes(library: Library) -> list[Route]:
    """Return the routes of all feeds."""

    def served(feed: Callable[[Request, str], Feed]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            page = str(request.base_url)
            return await response_of(lambda: _response(request, feed(request, page)))

        return answer

    def topic(request: Request, page: str) -> Feed:
        return of_topic(library, request.path_params["topic"], page, request.url.query)

    def entity(request: Request, page: str) -> Feed:
        return of_entity(library, request.path_params["name"], page, request.url.query)

    def index(request: Request) -> Response:
        del request
        return HTMLResponse(rendered("feeds.html", taxonomy=library.taxonomy))

    return [
        Route("/feeds/", index),
        Route("/feeds/topic/{topic:path}.atom", served(topic)),
        Route("/feeds/about/{name:path}.atom", served(entity)),
        Route("/feeds/ask.atom", served(lambda at, page: of_question(library, at.url.query, page))),
        Route("/feeds/changes.atom", served(lambda _, page: of_changes(library, page))),
    ]


def of_topic(library: Library, name: str, page: str, query: str = "") -> Feed:
    """Return the newest papers of a topic and of those below it.

    Parameters
    ----------
    name : str
        The topic's id.
    page : str
        URL of the page, to which the links lead.
    query : str
        Query part of the feed's address: filters, such as ``code=1``.
    """
    found = library.taxonomy[name]
    title = _topic_title(library.taxonomy, found.id)
    view = Address.of("topics", topic=found.id)
    return _newest(library, page, query, ("topic", found.id), title, found.definition, view)


def of_entity(library: Library, name: str, page: str, query: str = "") -> Feed:
    """Return the newest papers that relate to a method, benchmark or model.

    Parameters
    ----------
    name : str
        Its id, or a name of it alone; the others are those of `of_topic`.
    """
    found = library.entity(name)
    view = Address.of("entity", id=found.id)
    about = found.about or f"Papers that name {found.name}"
    return _newest(library, page, query, ("about", found.id), _entity_title(found), about, view)


def _newest(
    library: Library,
    page: str,
    query: str,
    of: tuple[str, str],
    title: str,
    subtitle: str,
    view: Address,
) -> Feed:
    """Return the newest papers that pass the filter `of`, a name and value, and the query's."""
    kind, value = of
    address = Address.parse(query).with_(**{kind: None})
    chosen = filters.parse_strict(address.with_(**{kind: value}), library)
    with library.reading():
        arrivals = library.catalogue.arrivals.get(chosen, MAX_ENTRIES)
        entries = tuple(_entries(library, arrivals, page, {}))
    parts = [(name, value) for name, value in address.params if name in filters.PARAMETERS]
    asked = f"?{urlencode(parts)}" if parts else ""
    return Feed(
        atom.urn("feeds", kind, value + asked),
        title,
        subtitle,
        (
            AtomLink("self", f"{page}feeds/{kind}/{value}.atom{asked}", _MEDIA_TYPE),
            AtomLink("alternate", page + str(view)),
        ),
        entries,
    )


def of_question(library: Library, query: str, page: str) -> Feed:
    """Return the papers that answer a question best, the latest arrivals first.

    Parameters
    ----------
    query : str
        Query part of the address of the answer: ``q`` and the filters.
    page : str
        URL of the page, to which the links lead.
    """
    address = Address.parse(query)
    question = address.one("q") or ""
    if not question:
        raise BadRequest("there is no question", "add one: /feeds/ask.atom?q=model+merging")
    if len(question) > MAX_QUESTION_CHARS:
        raise BadRequest(
            "the question is too long", f"use {MAX_QUESTION_CHARS:,} characters at most"
        )
    chosen = filters.parse_strict(address, library)
    how = asked_as(address)
    hits = library.ask(question, MAX_ENTRIES, chosen, literal=how.literal, without=how.without).hits
    evidence = {hit.paper.id: hit.evidence or "" for hit in hits}
    with library.reading():
        # The hits have passed the filters already, and may be withdrawn where these allow it.
        arrivals = library.catalogue.arrivals.get(
            Filters(withdrawn=True), MAX_ENTRIES, list(evidence)
        )
        entries = tuple(_entries(library, arrivals, page, evidence))
    saved = _saved(address)
    return Feed(
        atom.urn("feeds", "ask", str(saved)),
        _question_title(question),
        f"The {MAX_ENTRIES} papers that answer best, the newest first",
        (
            AtomLink("self", f"{page}feeds/ask.atom{saved}", _MEDIA_TYPE),
            AtomLink("alternate", page + str(saved)),
        ),
        entries,
    )


def of_changes(library: Library, page: str) -> Feed:
    """Return the last changes: papers that are new, changed or withdrawn."""
    found = library.latest_changes(MAX_ENTRIES)
    new = _new_papers(library, found)
    return Feed(
        atom.urn("feeds", "changes"),
        "Changes · LFM Atlas",
        " ".join(("Papers that are new, changed or withdrawn.", *_why_nothing(library))),
        (
            AtomLink("self", f"{page}feeds/changes.atom", _MEDIA_TYPE),
            AtomLink("alternate", page + str(Address.of("status"))),
        ),
        tuple({entry.id: entry for entry in (_change(one, page, new) for one in found)}.values()),
    )


def _why_nothing(library: Library) -> list[str]:
    """Return why the last refresh brought nothing, where it did not; it stays until the next."""
    fetches = library.last_digest().fetches
    if fetches.last_refresh is None or not fetches.reasons:
        return []
    return ["The last refresh brought nothing new.", *map(without_files, fetches.reasons)]


def _new_papers(library: Library, changes: Sequence[Change]) -> dict[str, DigestPaper]:
    """Return what a digest says of the papers that came by these changes, by their ids."""
    came = [one.at for one in changes if one.kind is ChangeKind.ADDED]
    sections = library.digest(min(came)).sections if came else ()
    return {one.paper.id: one for section in sections for one in section.papers}


def _saved(address: Address) -> Address:
    """Return the address of an answer with its question, its filters and how it is read only."""
    known = {name: address.all(name) for name in (*filters.PARAMETERS, *READ_BY)}
    return Address.of("ask", q=address.one("q"), **known)


def _question_title(question: str) -> str:
    return f"{question[:_TITLE_CHARS]} · LFM Atlas"


def _topic_title(taxonomy: Taxonomy, topic: str) -> str:
    return f"{' / '.join(taxonomy.path_names(topic))} · LFM Atlas"


def _entity_title(entity: Entity) -> str:
    return f"{entity.name} · LFM Atlas"


def _entries(
    library: Library, arrivals: list[Arrival], page: str, evidence: dict[str, str]
) -> Iterator[Entry]:
    keys = [arrival.key for arrival in arrivals]
    papers, topics_of = library.catalogue.papers.get(keys), library.topics_of(keys)
    known = library.catalogue.details.get(keys)
    for arrival, paper, topics, details in zip(arrivals, papers, topics_of, known, strict=True):
        published = _noon(paper.appeared.first) if paper.appeared else arrival.entered
        revised = _noon(paper.updated) if paper.updated else None
        times = (published, revised, arrival.entered, arrival.changed)
        yield Entry(
            _iri(paper),
            ("[withdrawn] " if paper.withdrawn else "") + paper.title,
            max((at for at in times if at), default=atom.EPOCH),
            _links(paper.id, paper.url, page, details.code),
            published,
            paper.authors,
            (
                *(Category(one, " / ".join(library.taxonomy.path_names(one))) for one in topics),
                *(Category(one, scheme=_ARXIV) for one in paper.categories),
            ),
            _summary(paper, details, evidence.get(paper.id, "")),
        )


def _change(change: Change, page: str, new: Mapping[str, DigestPaper]) -> Entry:
    title = change.title or change.paper
    one = new.get(change.paper) if change.kind is ChangeKind.ADDED else None
    summary = change.detail or _KINDS.get(change.kind, "")
    if one is not None:
        summary = f"{one.says or _KINDS[ChangeKind.ADDED]} ({one.reason})"
    return Entry(
        atom.urn("change", change.at.isoformat(), change.paper, change.kind, change.detail),
        f"{change.kind.capitalize()}: {title}",
        change.at,
        # The old id of a merged paper still leads to it.
        _links(change.paper, None, page, one.code if one else None),
        categories=(Category(change.kind),),
        summary=summary,
    )


_KINDS = {
    ChangeKind.ADDED: "It is new in the atlas.",
    ChangeKind.WITHDRAWN: "Its authors took it back.",
    ChangeKind.RESTORED: "It is no longer withdrawn.",
}


def _iri(paper: Paper) -> str:
    if paper.arxiv_id:
        return arxiv_link(paper.arxiv_id)
    return doi_link(paper.doi) if paper.doi else atom.urn("paper", paper.id)


def _links(paper: str, url: str | None, page: str, code: str | None = None) -> tuple[AtomLink, ...]:
    here = page + str(Address.of("paper", paper=paper))
    there = web_address(url)
    links = [AtomLink("alternate", there or here)]
    if there:
        links.append(AtomLink("related", here, title="In LFM Atlas"))
    if code:
        links.append(AtomLink("related", code, title="Code"))
    return tuple(links)


def _summary(paper: Paper, details: Details, evidence: str) -> str:
    """Return what a paper does and the sentence that answers, else what begins its abstract."""
    quoted = f"“{evidence}”" if details.summary and evidence else evidence
    summary = " ".join(filter(None, (details.summary, quoted)))
    if summary:
        return summary
    for sentence in sentences(paper.abstract or ""):
        if summary and len(summary) + len(sentence) > _SUMMARY_CHARS:
            break
        summary = f"{summary} {sentence}".strip()
    return summary or " ".join(
        str(fact) for fact in (paper.venue, paper.year) if paper.venue and fact
    )


def _noon(day: date) -> datetime:
    # It is the same day in most time zones.
    return datetime.combine(day, time(12), UTC)


def _response(request: Request, found: Feed) -> Response:
    body = atom.document(found)
    headers = {
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "Last-Modified": format_datetime(found.updated, usegmt=True),
        # Private: where there are accounts, a proxy must not share it.
        "Cache-Control": f"private, max-age={MAX_AGE_S}",
    }
    if _is_known(request, headers["ETag"], found.updated):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=f"{_MEDIA_TYPE}; charset=utf-8", headers=headers)


def _is_known(request: Request, tag: str, updated: datetime) -> bool:
    """Return whether the reader's copy is current (RFC 9110, section 13)."""
    if tags := request.headers.get("if-none-match"):
        known = {one.strip().removeprefix("W/") for one in tags.split(",")}
        return not known.isdisjoint({tag, "*"})
    since = http_date(request.headers.get("if-modified-since", ""))
    return since is not None and updated.replace(microsecond=0) <= since
