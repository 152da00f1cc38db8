"""Judging candidates: into the atlas, into the review queue, or neither."""

from collections.abc import Callable
from datetime import date

from tqdm import tqdm

from ingest.merge.merge import Merger
from ingest.placement.placement import UNKNOWN, Judgement, Placer, Verdict
from ingest.report import Placing
from kg.entities import Paper, PlacedBy, Placement
from kg.store.catalogue import Catalogue
from kg.store.reviews import Decision
from kg.store.vectors import text_hash
from kg.taxonomy.taxonomy import Taxonomy
from search.embedding.base import Embedder
from search.embedding.bulk import embed_papers

SOURCE = "placer"
"""Name of the model in placements."""

_CHUNK = 512
"""Candidates that are embedded, judged and stored together."""


def judge_candidates(
    catalogue: Catalogue,
    embedder: Callable[[], Embedder],
    placer: Callable[[], Placer],
    today: date,
    progress: bool = False,
) -> Placing:
    """Judge all candidates; each chunk is stored, with its vectors, as it is done.

    Papers that wait for a person are judged again when people have decided something since: who
    is now sure enters, who is not waits on.

    Parameters
    ----------
    catalogue : Catalogue
    embedder, placer : callable
        Make the model and the judge; called only where there is something to judge.
    today : date
        When outsiders are judged.
    progress : bool
        Show a progress bar on standard error.
    """
    placing = Placing()
    _hold_waiting(catalogue, placer)
    total = catalogue.candidates.count()
    with tqdm(total=total, unit="paper", desc="placing", disable=not progress or not total) as bar:
        while papers := catalogue.candidates.first(_CHUNK):
            judge(catalogue, papers, embedder, placer, today, placing)
            bar.update(len(papers))
    return placing


def _hold_waiting(catalogue: Catalogue, placer: Callable[[], Placer]) -> None:
    """Let papers that wait for a person be judged again where that may end otherwise now."""
    decisions = str(len(catalogue.reviews.decisions()))
    decided = (catalogue.journal.cursor("placing", "decisions") or "0") != decisions
    waiting = catalogue.reviews.waiting()
    # Judged when nothing was placed yet, as when the lists could not be read at first.
    blind = [one.paper for one in waiting if not one.suggestions and one.belongs == UNKNOWN]
    if blind and not placer().learnt:
        blind = []
    if blind or decided:
        with catalogue.database.writing_without_revision():
            catalogue.candidates.add([one.paper for one in waiting] if decided else blind)
            for paper in blind:  # No judgement was made of it: it is new.
                catalogue.reviews.remove(paper.id)
            catalogue.journal.set_cursor("placing", "decisions", decisions)


def judge(
    catalogue: Catalogue,
    papers: list[Paper],
    embedder: Callable[[], Embedder],
    placer: Callable[[], Placer],
    today: date,
    placing: Placing,
) -> None:
    """Judge some candidates and store what becomes of them; `placing` counts it."""
    merger = Merger(catalogue)
    strange = [paper for paper in papers if not merger.knows(paper)]
    judged: list[tuple[Paper, Judgement, bytes]] = []
    if strange:
        model = embedder()
        ((_, vectors),) = embed_papers(
            model, ((paper.id, paper.title, paper.abstract) for paper in strange), len(strange)
        )
        judgements = placer().judge(vectors, [paper.title for paper in strange])
        judged = [
            (paper, judgement, vector.astype("<f4").tobytes())
            for paper, judgement, vector in zip(strange, judgements, vectors, strict=True)
        ]
    waiting = catalogue.reviews.ids()
    outside = []
    with catalogue.writing():
        for paper in papers:
            if merger.knows(paper):  # A list named it meanwhile.
                merger.metadata(paper)
        for paper, judgement, vector in judged:
            placing.judged += 1
            if merger.knows(paper):  # Another candidate had the same title.
                merger.metadata(paper)
            elif judgement.verdict is Verdict.PLACED:
                placing.placed += 1
                _enter(catalogue, merger, paper, judgement)
                catalogue.reviews.remove(paper.id)
                key = catalogue.identifiers.key(paper.id)
                catalogue.vectors.add(model.model, [(key, text_hash(paper.text), vector)])
            elif judgement.verdict is Verdict.UNSURE or paper.id in waiting:
                placing.queued += catalogue.reviews.add(paper, judgement.topics, judgement.belongs)
            else:
                placing.outside += 1
                outside.append(paper)
        catalogue.candidates.add_outsiders(outside, today)
        catalogue.candidates.remove(papers)


def _enter(catalogue: Catalogue, merger: Merger, paper: Paper, judgement: Judgement) -> None:
    merger.metadata(paper)
    catalogue.placements.add(paper.id, placements(judgement))


def placements(judgement: Judgement) -> list[Placement]:
    """Return the placements that a judgement means."""
    return [
        Placement(topic, PlacedBy.MODEL, SOURCE, round(confidence, 4))
        for topic, confidence in judgement.topics
    ]


def trained(catalogue: Catalogue, taxonomy: Taxonomy, embedder: Embedder) -> Placer:
    """Return a judge that has learnt from what is placed, and from what people rejected."""
    rejected = [
        (one.title, one.abstract)
        for one in catalogue.reviews.decisions()
        if one.decision is Decision.REJECT
    ]
    return Placer.train(catalogue, taxonomy, embedder, rejected)
