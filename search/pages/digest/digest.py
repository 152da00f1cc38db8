"""A digest: what came since a time, by topic or by question, and what changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from kg.errors import BadRequest
from kg.ids.arxiv_id import arxiv_link, submission_order
from kg.ids.doi import doi_link
from kg.ids.topic_ids import depth, is_below, is_under
from kg.records import Filters, Paper, PlacedBy, Placement
from kg.store.clean_record import shown
from kg.store.details import Details
from kg.store.journal import Change, ChangeKind
from kg.taxonomy.taxonomy import Taxonomy
from kg.text.plain import web_address
from search.atlas import Atlas, of_one_state
from search.index.words.base import rarity as rarity_of
from search.index.words.query_words import words
from search.pages.digest.fetch_summary import REFRESH, FetchSummary, fetch_summary
from search.ranking import ask as asking
from search.ranking import evidence
from search.ranking.answers import Answer
from search.ranking.selection import clean_text
from search.ranking.strength import Strength, assess_each

DEFAULT_PERIOD = timedelta(days=7)
"""How far back a digest goes where nothing else is said."""

MAX_QUESTIONS = 20
"""The most questions of one digest."""

MAX_ANSWERS = 20
"""The most papers under one question."""

MAX_WEAK_ANSWERS = 5
"""The most of them for which the evidence is weak."""

NO_TOPIC = "Under no topic"
"""Heading of the papers that nothing has placed."""

CHANGE_KINDS = (
    *(ChangeKind.WITHDRAWN, ChangeKind.RESTORED, ChangeKind.RETITLED),
    *(ChangeKind.REVISED, ChangeKind.PUBLISHED),
)
"""Changes of papers that were there before, in the order in which they are listed."""


@dataclass(frozen=True, slots=True)
class DigestPaper:
    """One paper that came."""

    paper: Paper
    topics: tuple[str, ...]
    """Ids of its topics, the surest first."""
    entered: datetime
    """When it came, UTC."""
    reason: str
    """Why it is here: who placed it, or how it fits the question."""
    details: Details
    """Its card and its links."""
    evidence: str | None
    """The best sentence of its abstract, for the question where there is one."""
    strength: Strength | None = None
    """How well it fits the question."""

    @property
    def says(self) -> str | None:
        """The summary of its card, or else its best sentence."""
        return self.details.summary or self.evidence

    @property
    def code(self) -> str | None:
        """The link to its code, unless it is gone."""
        return self.details.code

    @property
    def url(self) -> str | None:
        """The link to the paper itself."""
        return _url(self.paper)


@dataclass(frozen=True, slots=True)
class DigestSection:
    """The papers of one topic, or those that fit one question, the best or newest first."""

    heading: str
    topic: str | None
    """Id of the topic, where it is one."""
    question: str | None
    papers: tuple[DigestPaper, ...]


@dataclass(frozen=True, slots=True)
class DigestChange:
    """A change of a paper that was there before."""

    change: Change
    id: str
    """The paper's present id."""
    title: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Digest:
    """What came in a period."""

    since: datetime
    """UTC."""
    until: datetime
    """UTC."""
    topic: str | None
    """The topic to which it is restricted."""
    questions: tuple[str, ...]
    sections: tuple[DigestSection, ...]
    """By topic in the order of the taxonomy, each paper once; or by question, as they were asked,
    each with all that fits."""
    changes: tuple[DigestChange, ...]
    """None where there are questions."""
    came: int
    """How many papers came in all, under whatever topic."""
    fetches: FetchSummary
    """What was looked at, and why nothing came, where nothing did."""

    @property
    def papers(self) -> int:
        """How many papers it names."""
        return len({one.paper.id for section in self.sections for one in section.papers})

    @property
    def is_empty(self) -> bool:
        """Whether it has nothing to tell but why that is so."""
        return not self.papers and not self.changes


@of_one_state
def digest(
    atlas: Atlas,
    since: datetime | None = None,
    topic: str | None = None,
    questions: Sequence[str] = (),
    after: int | None = None,
) -> Digest:
    """Return what came since a time.

    Parameters
    ----------
    since : datetime, optional
        With its zone; by default `DEFAULT_PERIOD` ago.
    topic : str, optional
        Only papers of this topic and those below it.
    questions : sequence of str
        Only papers that fit one of these.
    after : int, optional
        Only what the journal recorded after its change of this number, whatever its time.

    Raises
    ------
    NotFound
        If there is no such topic.
    BadRequest
        If a question is empty or too long, or there are too many.
    """
    until = atlas.catalogue.database.now()
    since = until - DEFAULT_PERIOD if since is None else since.astimezone(UTC)
    return _digest(atlas, since, until, topic, questions, after)


@of_one_state
def last_digest(atlas: Atlas) -> Digest:
    """Return what the last refresh brought, always the same until the next; see `digest`."""
    fetches = atlas.catalogue.journal.last_fetches()
    for name, ended, report in fetches:
        if name == REFRESH and report.get("started"):
            began = datetime.fromisoformat(report["started"])
            return _digest(atlas, began, datetime.fromisoformat(ended))
    return digest(atlas)


def _digest(
    atlas: Atlas,
    since: datetime,
    until: datetime,
    topic: str | None = None,
    questions: Sequence[str] = (),
    after: int | None = None,
) -> Digest:
    catalogue = atlas.catalogue
    within = atlas.taxonomy[topic].id if topic else None
    questions = _checked(questions)
    journal = catalogue.journal
    if after is None:
        changes = [one for one in journal.changes(since) if one.at <= until]
    else:
        changes = journal.changes_after(after)
    entered = _entered(atlas, changes)
    keys = list(entered)
    found = {
        key: shown(paper)
        for key, paper in zip(keys, catalogue.papers.get(keys), strict=True)
        if not paper.withdrawn
    }
    facts = _Facts(atlas, found, entered)
    changed = () if questions else _changed(atlas, changes, set(found), within)
    if questions:
        sections = [_answering(atlas, facts, question, within) for question in questions]
    else:
        sections = _by_topic(atlas, facts, within)
    some = any(section.papers for section in sections)
    where = " / ".join(atlas.taxonomy.path_names(within)) if within else ""
    return Digest(
        since,
        until,
        within,
        questions,
        tuple(sections),
        changed,
        len(found),
        fetch_summary(atlas, since, until, len(found), where, some),
    )


class _Facts:
    """What is told of each paper that came."""

    def __init__(
        self, atlas: Atlas, papers: Mapping[int, Paper], entered: Mapping[int, datetime]
    ) -> None:
        catalogue, keys = atlas.catalogue, list(papers)
        self.papers, self._entered = papers, entered
        self._details = dict(zip(keys, catalogue.details.get(keys), strict=True))
        placed = catalogue.placements.get(keys)
        self.placements = {
            key: atlas.taxonomy.known_placements(placed.get(key, ())) for key in keys
        }
        abstracts = {key: paper.abstract for key, paper in papers.items() if paper.abstract}
        self._sentences = evidence.best_sentences(catalogue, "", abstracts, {})

    def of(
        self,
        key: int,
        reason: str,
        sentence: str | None = None,
        strength: Strength | None = None,
    ) -> DigestPaper:
        """Return a paper with all that is told of it."""
        return DigestPaper(
            self.papers[key],
            tuple(dict.fromkeys(one.topic for one in self.placements[key])),
            self._entered[key],
            reason,
            self._details[key],
            sentence or self._sentences.get(key),
            strength,
        )


def _checked(questions: Sequence[str]) -> tuple[str, ...]:
    if len(questions) > MAX_QUESTIONS:
        raise BadRequest(f"{len(questions)} questions are too many", f"ask {MAX_QUESTIONS} at most")
    cleaned = tuple(dict.fromkeys(clean_text(one) for one in questions))
    if "" in cleaned:
        raise BadRequest("the question is empty", "ask something, such as 'model merging'")
    return cleaned


def _entered(atlas: Atlas, changes: Iterable[Change]) -> dict[int, datetime]:
    """Return when each paper came that is new by the journal, by their keys."""
    added = [one for one in changes if one.kind is ChangeKind.ADDED]
    # What turned out to be a paper that was there before is not new; if that one is new as well,
    # the journal has it by its own id.
    joined = {one.paper for one in changes if one.kind is ChangeKind.JOINED}
    keys = atlas.catalogue.identifiers.keys(list({one.paper for one in added}))
    there = atlas.catalogue.papers.existing(list(set(keys.values())))
    return {
        keys[one.paper]: one.at
        for one in added
        if one.paper not in joined and keys.get(one.paper) in there
    }


def _by_topic(atlas: Atlas, facts: _Facts, within: str | None) -> list[DigestSection]:
    taxonomy = atlas.taxonomy
    order = {topic.id: number for number, topic in enumerate(taxonomy)}
    found: dict[str | None, list[DigestPaper]] = {}
    for key, placements in facts.placements.items():
        chosen = _surest(placements, within, order)
        if chosen or not within:
            paper = facts.of(key, _placed(chosen))
            found.setdefault(chosen.topic if chosen else None, []).append(paper)
    return [
        DigestSection(_heading(taxonomy, topic), topic, None, tuple(_newest_first(papers)))
        for topic, papers in sorted(
            found.items(), key=lambda one: order[one[0]] if one[0] else len(order)
        )
    ]


def _surest(
    placements: Iterable[Placement], within: str | None, order: Mapping[str, int]
) -> Placement | None:
    """Return the surest placement of a paper, or else the surest of those below that."""
    left = [one for one in placements if not within or is_under(one.topic, within)]
    chosen = None
    while left:
        chosen = min(left, key=lambda p: (-p.confidence, -depth(p.topic), order[p.topic]))
        left = [one for one in left if is_below(one.topic, chosen.topic)]
    return chosen


def _placed(placement: Placement | None) -> str:
    if placement is None:
        return "nothing has placed it yet"
    if placement.placed_by is PlacedBy.LIST:
        return f"on the list {placement.source}"
    if placement.placed_by is PlacedBy.PERSON:
        return "placed by hand"
    return f"placed by the model, {placement.confidence:.0%} sure"


def _heading(taxonomy: Taxonomy, topic: str | None) -> str:
    return " / ".join(taxonomy.path_names(topic)) if topic else NO_TOPIC


def _newest_first(papers: Iterable[DigestPaper]) -> list[DigestPaper]:
    def appeared(one: DigestPaper) -> tuple[date, tuple[int, int, int], datetime]:
        when = one.paper.appeared
        first = when.first if when else date.min
        return first, submission_order(one.paper.arxiv_id or ""), one.entered

    return sorted(papers, key=appeared, reverse=True)


def _answering(atlas: Atlas, facts: _Facts, question: str, within: str | None) -> DigestSection:
    """Return the papers that fit a question, those of good evidence first."""
    if not facts.papers:
        return DigestSection(question, None, question, ())
    among = Filters(topic=within, among=tuple(facts.papers))
    answer = asking.ask(atlas, question, len(facts.papers), among)
    strengths = _strengths(atlas, answer)
    good, weak = (
        [
            facts.of(hit.key, _fit(hit.dense, hit.keyword, strength), hit.evidence, strength)
            for hit, strength in zip(answer.hits, strengths, strict=True)
            if strength is wanted and hit.key in facts.papers
        ]
        for wanted in (Strength.GOOD, Strength.WEAK)
    )
    fitting = (*good, *weak[:MAX_WEAK_ANSWERS])[:MAX_ANSWERS]
    return DigestSection(question, None, question, fitting)


def _strengths(atlas: Atlas, answer: Answer) -> list[Strength]:
    """Return how well each paper of an answer fits the question by itself."""
    hits = answer.hits
    cosines = {hit.key: hit.cosine for hit in hits if hit.cosine is not None}
    rarity = rarity_of(atlas.words, words(answer.text))
    keys = [hit.key for hit in hits]
    embedder = atlas.embedder if cosines else None
    found = assess_each(atlas.catalogue, embedder, cosines, rarity, keys)
    # What the question names, or states as a condition, fits whatever the words are.
    return [
        Strength.GOOD if hit.named or not answer.text else one.strength
        for hit, one in zip(hits, found, strict=True)
    ]


def _fit(dense: int | None, keyword: int | None, strength: Strength) -> str:
    ways = [name for name, rank in (("meaning", dense), ("words", keyword)) if rank]
    how = f"fits the question by {' and '.join(ways)}" if ways else "the question names it"
    return how if strength is Strength.GOOD else f"{how}; the evidence is weak"


def _changed(
    atlas: Atlas, changes: Sequence[Change], new: set[int], within: str | None
) -> tuple[DigestChange, ...]:
    """Return the changes of papers that were there before, each kind of a paper once."""
    catalogue = atlas.catalogue
    told = [one for one in changes if one.kind in CHANGE_KINDS]
    keys = catalogue.identifiers.keys(list({one.paper for one in told}))
    wanted = catalogue.papers.existing(list(set(keys.values()))) - new
    if within:
        placed = catalogue.placements.get(list(wanted))
        wanted = {k for k in wanted if any(is_under(p.topic, within) for p in placed.get(k, ()))}
    last: dict[tuple[int, ChangeKind], Change] = {}
    for one in told:  # The newest first.
        if keys.get(one.paper) in wanted:
            last.setdefault((keys[one.paper], one.kind), one)
    chosen = list(wanted)
    papers = dict(zip(chosen, map(shown, catalogue.papers.get(chosen)), strict=True))
    return tuple(
        DigestChange(change, papers[key].id, papers[key].title, _url(papers[key]))
        for (key, _), change in sorted(
            last.items(), key=lambda one: CHANGE_KINDS.index(one[1].kind)
        )
    )


def _url(paper: Paper) -> str | None:
    if not paper.url and paper.arxiv_id:
        return arxiv_link(paper.arxiv_id)
    return web_address(paper.url or (paper.doi and doi_link(paper.doi)))
