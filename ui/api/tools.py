"""What programs may ask of an atlas: each method is an endpoint of the API and a tool of MCP.

Both faces are made from the methods as they stand: name, parameters with their descriptions, and
docstring. An answer is what the command of that name prints by `--json`.
"""

from collections.abc import Callable, Mapping
from inspect import Signature, signature
from time import perf_counter
from types import MethodType
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from kg.cards.card import CHOICES
from kg.errors import BadRequest
from kg.export import formats
from kg.records import Filters
from kg.text.durations import parse_since
from kg.text.partial_date import PATTERN, PartialDate
from search.library import Library
from search.pages.comparison import document as comparisons
from search.pages.comparison.comparison import MAX_ROWS
from search.pages.digest import document as digests
from search.pages.digest.digest import MAX_QUESTIONS
from search.ranking.mode import Mode
from ui.api import documents, entity_documents
from ui.api.arguments import lines, names
from ui.text.card_words import FIELDS

Document = dict[str, Any]

MAX_RESULTS = 200
"""Papers of one answer."""

MAX_IDS = 200
"""Papers of one reading list."""


def _text(description: str, most: int = 500) -> Any:
    return Field(description=description, max_length=most)


def _date(description: str) -> Any:
    return Field(
        description=f"{description}: 2024, 2024-05 or 2024-05-17",
        # Not `format`: some clients refuse any but a few of its values.
        json_schema_extra={"pattern": f"^({PATTERN})?$"},
        max_length=500,
    )


Question = Annotated[
    str, _text("a question in natural language, or words such as a method's name", 2_000)
]
Name = Annotated[str, _text("arXiv id (2203.05482) or link, DOI, or exact title of a paper")]
End = Annotated[
    str,
    _text("arXiv id or link, DOI or exact title of a paper, id of a topic, or name of a method"),
]
Topic = Annotated[
    str, _text("id of a topic, a path such as model-reuse/model-fusion; `topics` lists them")
]
Within = Annotated[str, _text("only papers of this topic and those below it: its id, a path")]
Categories = Annotated[
    str, _text("only papers in this arXiv category, cs.LG, or in any of: cs.LG, cs.CL")
]
Author = Annotated[str, _text("only papers by this author: words of the name in any order")]
# A year may come as a number.
_YEAR = BeforeValidator(lambda value: f"{value:04}" if type(value) is int else value)
Since = Annotated[str, _date("no paper before this year, month or day"), _YEAR]
Until = Annotated[str, _date("no paper after this year, month or day"), _YEAR]
Withdrawn = Annotated[bool, Field(description="let withdrawn papers in as well")]
Count = Annotated[int, Field(description="how many at most", ge=1, le=MAX_RESULTS)]
Ids = Annotated[
    list[Annotated[str, Field(max_length=500)]],
    Field(description="papers: arXiv ids or links, DOIs or exact titles", max_length=MAX_IDS),
    # The last comes first: the text becomes a list before the list is measured.
    BeforeValidator(names),
]
MaybeIds = Annotated[
    Ids | None, Field(description="papers, in this order: arXiv ids or links, DOIs or exact titles")
]
Names = Annotated[
    Annotated[
        list[Annotated[str, Field(max_length=500)]],
        Field(description="names or ids of methods, ids or titles of papers", max_length=MAX_IDS),
        BeforeValidator(names),
    ]
    | None,
    Field(
        description="methods, benchmarks or models by name or id, papers by id, link or exact"
        " title; a text has one a line"
    ),
]
Questions = Annotated[
    Annotated[
        list[Annotated[str, Field(max_length=2_000)]],
        Field(description="questions in natural language", max_length=MAX_QUESTIONS),
        BeforeValidator(lines),
    ]
    | None,
    Field(description="only papers that fit any of these questions; a text has one a line"),
]
Readings = Annotated[
    Annotated[
        list[Annotated[str, Field(max_length=500)]], Field(max_length=50), BeforeValidator(lines)
    ]
    | None,
    Field(
        description="what `understood` says and was not meant, each as filter:value, kind:survey;"
        " a text has one a line"
    ),
]
if TYPE_CHECKING:
    _ModeName = str
    _FormatName = str
    _KindName = str
    _DataName = str
    _AccessName = str
    _TrainingName = str
    _ModalityName = str
else:  # Pydantic reads the choices; mypy takes literals alone.
    _ModeName = Literal[tuple(map(str, Mode))]
    _FormatName = Literal[formats.NAMES]
    _KindName, _DataName, _AccessName, _TrainingName, _ModalityName = (
        Literal[tuple(map(str, values))] for values in CHOICES.values()
    )


def _card(field: str) -> Any:
    return Field(description=f"only papers with this on their card: {FIELDS[field][1]}")


OfKind = Annotated[_KindName | None, _card("kind")]
OfData = Annotated[_DataName | None, _card("data")]
OfAccess = Annotated[_AccessName | None, _card("access")]
OfTraining = Annotated[_TrainingName | None, _card("training")]
OfModality = Annotated[_ModalityName | None, _card("modality")]
WithCode = Annotated[bool, Field(description="only papers with a link to their code")]
Cited = Annotated[
    int | None,
    Field(description="only papers that so many cite, as a service counts over all papers"),
]
About = Annotated[
    str, _text("only papers that relate to this method, benchmark or model: its name or id")
]
Venue = Annotated[str, _text("only papers of this venue: ICLR, or EMNLP Findings")]
Modes = Annotated[
    _ModeName,
    Field(description="find by meaning (dense), by words (keyword) or by both (hybrid)"),
]
Format = Annotated[
    _FormatName,
    Field(description="the form to write the papers in; list is a Markdown list by topic"),
]


class Tools:
    """The questions that a program may ask."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def all(self) -> dict[str, Callable[..., Document | str]]:
        """Return the tools by name."""
        return {method.__name__: MethodType(method, self) for method in _METHODS}

    def ask(
        self,
        question: Question,
        k: Count = 10,
        topic: Within = "",
        category: Categories = "",
        author: Author = "",
        since: Since = "",
        until: Until = "",
        withdrawn: Withdrawn = False,
        mode: Modes = "hybrid",
        summary: Annotated[
            bool,
            Field(description="add `summary`: what the papers say, and how strong the evidence is"),
        ] = False,
        kind: OfKind = None,
        data: OfData = None,
        access: OfAccess = None,
        training: OfTraining = None,
        modality: OfModality = None,
        code: WithCode = False,
        cited: Cited = None,
        about: About = "",
        literal: Annotated[
            bool, Field(description="compare papers with the words as they are, all of them")
        ] = False,
        without: Readings = None,
        venue: Venue = "",
    ) -> Document:
        """Answer a question with papers, best first.

        Each result has `summary`, what the paper does in a sentence of the atlas's own; `card`,
        its kind, its needs and the methods, benchmarks and models that it names (predicted where
        `confidence` has the field); `links` to code and data; `evidence`, the sentence of its
        abstract that answers best (null where the atlas has no abstract); its rank by meaning
        (`why.dense`), by words (`why.keyword`) and among papers that the question names
        (`why.named`), its topics, and `cites`, the ranks of the results that it is known to cite.
        As many papers come back as were asked for, fitting or not: `strength` says whether they
        fit, and is good, weak or none. `understood` says what the question states beside its
        subject, in plain words (authors, dates, kinds of papers, what a method needs, venues,
        names, an order) or as -word, "a phrase", title:word, author:name, abstract:word,
        category:cs.LG, year:2023, an arXiv id or DOI; `notes`, where there are any, what was not
        understood or hardly any paper meets. Ask again `without` what was not meant. The `summary`
        of the whole has `definitions` of the methods, benchmarks or models that the question asks
        for by name; the atlas's own sentences on the papers, or theirs (`quoted`), by rank, those
        of an `approach` together; and the reasons for the strength.
        """
        others = _others(kind, data, access, training, modality, code, cited, about, venue)
        filters = _filters(topic, category, author, since, until, withdrawn, others)
        with self._library.reading():
            found = self._library.ask(question, k, filters, Mode(mode), literal, without or ())
            document = documents.answer(found)
            if summary:
                document["summary"] = documents.plain(self._library.summary(found))
            return document

    def compare(
        self,
        names: Names = None,
        question: Annotated[
            str, _text("in place of names: compare the papers that answer it", 2_000)
        ] = "",
        k: Annotated[int, Field(description="how many answers at most", ge=1, le=MAX_ROWS)] = 10,
        topic: Within = "",
        category: Categories = "",
        author: Author = "",
        since: Since = "",
        until: Until = "",
        withdrawn: Withdrawn = False,
        kind: OfKind = None,
        data: OfData = None,
        access: OfAccess = None,
        training: OfTraining = None,
        modality: OfModality = None,
        code: WithCode = False,
        cited: Cited = None,
        about: About = "",
        venue: Venue = "",
    ) -> Document:
        """Compare papers, methods, benchmarks or models side by side; give names or a question.

        Each of `rows` has a value for each of `columns`; what no row has is no column. A method,
        benchmark or model is told of by the paper that introduced it. An entity's `id` is as in
        method/lora; `confidence` names the predicted fields of a row. Of a question, `strength`
        says whether the papers fit it.
        """
        others = _others(kind, data, access, training, modality, code, cited, about, venue)
        filters = _filters(topic, category, author, since, until, withdrawn, others)
        if bool(names) == bool(question.strip()):
            raise BadRequest("give names or a question", "one of `names` and `question`")
        if names:
            return comparisons.document(self._library.compare(names))
        return comparisons.document(self._library.compare_answer(question, k, filters))

    def paper(self, id: Name) -> Document:
        """Show one paper: facts, card, links, abstract, topics, citations and similar papers.

        `reports` tells how many papers cite it over all literature, by whose count and of what day.
        `placements` tells who put it under each topic (a list, a model or a person) and how sure.
        References and citations are those among the papers of the atlas that are known.
        """
        return documents.paper(self._library.paper(id))

    def about(
        self,
        name: Annotated[
            str,
            _text("name or id (method/lora) of a method, benchmark or model, or its paper's id"),
        ],
    ) -> Document:
        """Show what a method, benchmark or model is, where it comes from and who uses it.

        `about` is one sentence (of the summary of the paper `about_by`, where that is not null).
        `introduced_by` and `used_by` are ids of papers, `papers` has these by relation;
        `builds_on`, `built_on_by` and `compared_with` are ids of entities, the most used first, and
        `years` counts the papers by year. `family` is what it extends and what extends it, step by
        step: a `source` is `list`, which people keep, or `card`, what one card says. A name that
        several have is an error that names them: ask again by id.
        """
        return entity_documents.about(self._library.about(name))

    def methods(self, topic: Within = "", k: Count = 50) -> Document:
        """List the methods of a topic: year, what each needs, code and number of papers using it.

        The most used first; `total` says how many there are. `data` is what a user must bring,
        `access` that to the model's weights, `training` what is repeated at each use; null is
        unknown, and the fields in `predicted` nobody has read.
        """
        return entity_documents.methods(self._library.methods(topic.strip() or None, k))

    def topics(self, topic: Topic = "") -> Document:
        """Show the topic tree with counts, or all about one topic.

        Without a topic: the whole tree, each topic with its id, name and number of papers. With
        one: its definition, subtopics, papers (newest first), influential papers and related
        topics.
        """
        return documents.topics(self._library.topics(topic or None))

    def similar(
        self,
        id: Name = "",
        text: Annotated[
            str, _text("a text in place of a paper, such as a draft's abstract", 20_000)
        ] = "",
        k: Count = 10,
        topic: Within = "",
        category: Categories = "",
        author: Author = "",
        since: Since = "",
        until: Until = "",
        withdrawn: Withdrawn = False,
        kind: OfKind = None,
        data: OfData = None,
        access: OfAccess = None,
        training: OfTraining = None,
        modality: OfModality = None,
        code: WithCode = False,
        cited: Cited = None,
        about: About = "",
        venue: Venue = "",
    ) -> Document:
        """Find the papers nearest in meaning to a paper or to a text; give one of the two."""
        if bool(id.strip()) == bool(text.strip()):
            raise BadRequest("give a paper or a text", "one of `id` and `text`")
        others = _others(kind, data, access, training, modality, code, cited, about, venue)
        filters = _filters(topic, category, author, since, until, withdrawn, others)
        name, pasted = (None, text) if text.strip() else (id, None)
        return documents.similar(self._library.similar(name, pasted, k, filters))

    def path(
        self,
        a: End,
        b: End,
        n: Annotated[int, Field(description="how many ways at most", ge=1, le=20)] = 3,
    ) -> Document:
        """Explain how two papers, topics or methods are connected.

        Ways lead over citations, shared topics, methods, benchmarks and models, and likeness; each
        is told in a sentence, the strongest first.
        """
        return _timed(lambda: self._library.path(a, b, n - 1))

    def related(self, ids: Ids, k: Count = 10) -> Document:
        """Recommend what belongs with a paper or with a reading list.

        Papers are joined by citations between them, references in common, being cited together,
        and likeness; `reasons` say which of these, in numbers.
        """
        if not ids:
            raise BadRequest("the list of papers is empty", "give one or more ids")
        return _timed(lambda: self._library.related(ids, k))

    def influential(
        self,
        topic: Within = "",
        since: Since = "",
        k: Count = 10,
        methods: Annotated[
            bool, Field(description="rank methods by the papers that use them, in place of papers")
        ] = False,
    ) -> Document:
        """Rank papers by their influence through citations, across years, or methods by use.

        `coverage` says of how many papers a citation is known at all: of the others nothing is
        known, which does not mean that nobody cites them.
        """
        library = self._library
        ask = library.influential_methods if methods else library.influential
        return _timed(lambda: ask(topic or None, _when(since), k))

    def lineage(
        self,
        id: Name,
        n: Annotated[int, Field(description="papers on each side", ge=1, le=MAX_RESULTS)] = 20,
    ) -> Document:
        """Show what a paper builds on and what builds on it, with the main path of citations."""
        return _timed(lambda: self._library.lineage(id, n))

    def bridges(self, a: Topic, b: Topic, k: Count = 10) -> Document:
        """Find the papers that connect two topics, with the reasons."""
        return _timed(lambda: self._library.bridges(a, b, k))

    def timeline(self, topic: Topic = "") -> Document:
        """Count papers by topic and year, and tell which topics grow and which fade."""
        return _timed(lambda: self._library.timeline(topic or None))

    def gaps(self, k: Count = 10) -> Document:
        """Find topics that are close in meaning and hardly cite each other."""
        return _timed(lambda: self._library.gaps(k))

    def changes(
        self,
        since: Annotated[
            str, _date("from this day (UTC) on, else the last seven days"), _YEAR
        ] = "",
    ) -> Document:
        """Tell which papers are new, changed or withdrawn since a day, the newest first."""
        day = PartialDate.parse_day(since) if since.strip() else None
        return documents.changes(self._library.changes(day))

    def digest(
        self,
        since: Annotated[
            str, _text("7d, 48h, or a day or time (UTC): 2026-11-20, 2026-11-20T06:00+01:00", 40)
        ] = "7d",
        topic: Within = "",
        questions: Questions = None,
    ) -> Document:
        """Tell what came since a time, by topic, each paper once, or by question.

        Each paper has `summary`, our own sentence of what it does, or else `evidence`, the best
        sentence of its abstract, `code`, and the `reason` why it is here. With questions, only
        papers of good or weak `strength` are named. `changes` tells of withdrawals and revisions.
        Where nothing came, `reasons` says why: a source failed, arXiv announced nothing, or no
        refresh ran; `sources` says when each was read last.
        """
        period = parse_since(since, self._library.now())
        return digests.document(
            self._library.digest(period, topic.strip() or None, questions or ())
        )

    def export(
        self,
        format: Format,
        ids: MaybeIds = None,
        topic: Within = "",
        category: Categories = "",
        author: Author = "",
        since: Since = "",
        until: Until = "",
        withdrawn: Withdrawn = False,
        kind: OfKind = None,
        data: OfData = None,
        access: OfAccess = None,
        training: OfTraining = None,
        modality: OfModality = None,
        code: WithCode = False,
        cited: Cited = None,
        about: About = "",
        venue: Venue = "",
    ) -> str:
        """Write papers in a form that other programs read; give ids or filters.

        With ids, these papers and no others; with filters, all that pass; with neither, the whole
        atlas.
        """
        others = _others(kind, data, access, training, modality, code, cited, about, venue)
        filters = _filters(topic, category, author, since, until, withdrawn, others)
        if ids is None:
            return self._library.export(format, filters)
        if filters != Filters(withdrawn=withdrawn):
            raise BadRequest("give ids or filters", "not both")
        if not ids:
            raise BadRequest("the list of papers is empty", "give one or more ids")
        return self._library.export_papers(format, ids)

    def health(self) -> Document:
        """Tell how much the atlas knows, and how fresh it is.

        Counts of papers, abstracts, citations and so on, the embedding model, and when it was
        last refreshed (null where it is as it was installed).
        """
        return documents.health(self._library.health())


_METHODS: tuple[Callable[..., Document | str], ...] = (
    *(Tools.ask, Tools.paper, Tools.topics, Tools.about, Tools.methods),
    *(Tools.compare, Tools.similar, Tools.path, Tools.related),
    *(Tools.influential, Tools.lineage, Tools.bridges, Tools.timeline, Tools.gaps),
    *(Tools.changes, Tools.digest, Tools.export, Tools.health),
)
NAMES = tuple(method.__name__ for method in _METHODS)
"""The tools, in the order in which they are listed."""


def signatures() -> dict[str, Signature]:
    """Return the arguments of each tool, by its name."""
    # Of methods, so that `self` is no argument.
    return {one.__name__: signature(MethodType(one, Tools)) for one in _METHODS}


def _filters(
    topic: str,
    category: str,
    author: str,
    since: str,
    until: str,
    withdrawn: bool,
    others: Mapping[str, Any],
) -> Filters:
    return Filters(
        topic.strip() or None,
        tuple(category.replace(",", " ").split()),
        author.strip() or None,
        _when(since),
        _when(until),
        withdrawn,
        **others,
    )


def _others(
    kind: str | None,
    data: str | None,
    access: str | None,
    training: str | None,
    modality: str | None,
    code: bool,
    cited: int | None,
    about: str,
    venue: str,
) -> dict[str, Any]:
    """Return the filters by cards, code, citations and names as arguments of `Filters`."""
    by_card = {"kind": kind, "data": data, "access": access, "training": training}
    others = {"modality": modality, "code": code, "cited": cited}
    return {**by_card, **others, "about": about.strip() or None, "venue": venue.strip() or None}


def _when(text: str) -> PartialDate | None:
    return PartialDate.parse(text) if text.strip() else None


def _timed(ask: Callable[[], object]) -> Document:
    started = perf_counter()
    document: Document = documents.plain(ask())
    document["took_ms"] = round((perf_counter() - started) * 1000, 2)
    return document
