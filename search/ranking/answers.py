"""What a question is answered with."""

from kg.entities.entity import EntityType
from kg.records import Filters, Paper
from kg.store.details import NO_DETAILS, Details
from kg.values import dataclass
from search.ranking.strength import GOOD, AnswerStrength
from search.understanding.operators import Understood


@dataclass(frozen=True, slots=True)
class Hit:
    """One paper of an answer."""

    rank: int
    """1 is best."""
    key: int
    """The paper's key in the catalogue."""
    paper: Paper
    topics: tuple[str, ...]
    """Ids of its topics, the surest first."""
    score: float
    """Hybrid: part of the best paper's fused score, 0 to 1. Dense: cosine. Keyword: BM25."""
    evidence: str | None
    """The sentence of the abstract that answers best; None without an abstract."""
    dense: int | None
    """Rank by meaning, or None where it is not among the `search.ranking.fusion.DEPTH` nearest."""
    keyword: int | None
    """Rank by words, or None where none occurs."""
    cites: tuple[int, ...] = ()
    """Ranks of the papers of the same answer that it is known to cite."""
    cosine: float | None = None
    """Cosine with the question; None where `dense` is."""
    named: int | None = None
    """Rank among the papers that the question names: by title, identifier, author, or a method,
    benchmark or model that they introduce or build on."""
    details: Details = NO_DETAILS
    """Its card, links and reports."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked and what was found."""

    question: str
    took_ms: float
    """Milliseconds from question to hits, model loaded or not."""
    hits: tuple[Hit, ...]
    text: str
    """What papers were compared with: the question without the conditions that it states."""
    judgement: AnswerStrength = GOOD
    """How well the papers fit the question."""
    filters: Filters = Filters()
    """Which papers could be answers, by the filters and by the question."""
    understood: tuple[Understood, ...] = ()
    """The conditions that the question states."""
    notes: tuple[str, ...] = ()
    """Messages for the user, a line each."""
    entities: tuple[int, ...] = ()
    """Keys of the methods, benchmarks or models that the question asks for by name."""
    set_aside: tuple[Understood, ...] = ()
    """What it would state as well, and was asked without."""

    @property
    def compared(self) -> tuple[str, ...]:
        """Ids of the papers, methods, benchmarks and models that the question compares."""
        papers = {hit.paper.id for hit in self.hits}
        found = [
            one.value
            for one in self.understood
            if one.filter == "compare"
            and (one.value in papers or one.value.partition("/")[0] in set(EntityType))
        ]
        return tuple(found) if len(found) > 1 else ()
