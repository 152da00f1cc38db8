"""Deciding on candidates: into the atlas, into the review queue, or neither."""

from datetime import date
from functools import cached_property

from tqdm import tqdm

from ingest.merge.merger import Merger
from ingest.placement.placer import UNTRAINED_PROBABILITY, PlacementDecision, Placer, Verdict
from ingest.report import PlacementCounts
from kg.records import Paper, PlacedBy, Placement
from kg.store.catalogue import Catalogue
from kg.store.reviews import Decision
from kg.store.vectors import text_hash
from search.embedding.base import Embedder
from search.embedding.bulk import embed_papers
from search.embedding.open import open_embedder
from search.library import Library

MODEL_SOURCE = "placer"
"""Source of the model's placements."""

CHUNK_PAPERS = 512
"""Candidates that are embedded, decided on and committed together."""


class PlacementModels:
    """The models by which an atlas's candidates are decided on, each made when it is needed.

    Parameters
    ----------
    embedder : Embedder, optional
        Used in place of the model that the settings name.
    """

    def __init__(self, library: Library, embedder: Embedder | None = None) -> None:
        self._library, self._given = library, embedder

    @cached_property
    def embedder(self) -> Embedder:
        """The embedding model, for many papers."""
        settings = self._library.settings
        return self._given or open_embedder(settings.model, state=settings.cache, bulk=True)

    @cached_property
    def placer(self) -> Placer:
        """A placer that is trained on what is placed, and on what people rejected."""
        catalogue = self._library.catalogue
        rejected = [
            (one.title, one.abstract)
            for one in catalogue.reviews.decisions()
            if one.decision is Decision.REJECT
        ]
        return Placer.train(catalogue, self._library.taxonomy, self.embedder, rejected)


def triage_candidates(
    catalogue: Catalogue, models: PlacementModels, today: date, progress: bool = False
) -> PlacementCounts:
    """Decide on all candidates; each chunk is committed with its vectors.

    Papers in the review queue are decided on again once reviewers have made new decisions: those
    that are now sure enter the atlas, the others stay in the queue.

    Parameters
    ----------
    today : date
        The day under which papers outside the field are stored.
    progress : bool
        Show a progress bar on standard error.
    """
    counts = PlacementCounts()
    catalogue.candidates.prune_outsiders(today)
    _requeue_waiting(catalogue, models)
    total = catalogue.candidates.count()
    with tqdm(total=total, unit="paper", desc="placing", disable=not progress or not total) as bar:
        while papers := catalogue.candidates.first(CHUNK_PAPERS):
            triage(catalogue, papers, models, today, counts)
            bar.update(len(papers))
    return counts


def _requeue_waiting(catalogue: Catalogue, models: PlacementModels) -> None:
    """Make candidates of the papers in review on which another decision is possible now."""
    decisions = str(len(catalogue.reviews.decisions()))
    decided = (catalogue.journal.cursor("placing", "decisions") or "0") != decisions
    waiting = catalogue.reviews.waiting()
    # Queued before anything was placed, as when the lists could not be read at first.
    undecided = [
        one.paper for one in waiting if not one.suggestions and one.belongs == UNTRAINED_PROBABILITY
    ]
    if undecided and not models.placer.is_trained:
        undecided = []
    if undecided or decided:
        with catalogue.database.writing_without_revision():
            catalogue.candidates.add([one.paper for one in waiting] if decided else undecided)
            for paper in undecided:  # To be counted as new.
                catalogue.reviews.remove(paper.id)
            catalogue.journal.set_cursor("placing", "decisions", decisions)


def triage(
    catalogue: Catalogue,
    papers: list[Paper],
    models: PlacementModels,
    today: date,
    counts: PlacementCounts,
) -> None:
    """Decide on some candidates, store the outcome and add it to `counts`."""
    merger = Merger(catalogue)
    new = [paper for paper in papers if not merger.knows(paper)]
    decided: list[tuple[Paper, PlacementDecision, bytes]] = []
    if new:
        texts = ((paper.id, paper.title, paper.abstract) for paper in new)
        ((_, vectors),) = embed_papers(models.embedder, texts, len(new))
        decisions = models.placer.place(vectors, [paper.title for paper in new])
        decided = [
            (paper, decision, vector.astype("<f4").tobytes())
            for paper, decision, vector in zip(new, decisions, vectors, strict=True)
        ]
    waiting = catalogue.reviews.among(paper.id for paper in papers)
    outside = []
    with catalogue.writing():
        for paper in papers:
            if merger.knows(paper):  # A list named it meanwhile.
                merger.put_record(paper)
        for paper, decision, vector in decided:
            counts.judged += 1
            if merger.knows(paper):  # Another candidate had the same title.
                merger.put_record(paper)
            elif decision.verdict is Verdict.PLACED:
                counts.placed += 1
                merger.put_record(paper)
                catalogue.placements.add(paper.id, model_placements(decision))
                catalogue.reviews.remove(paper.id)
                key = catalogue.identifiers.key(paper.id)
                row = (key, text_hash(paper.text), vector)
                catalogue.vectors.add(models.embedder.model, [row])
            elif decision.verdict is Verdict.UNSURE or paper.id in waiting:
                counts.queued += catalogue.reviews.add(paper, decision.topics, decision.belongs)
            else:
                counts.outside += 1
                outside.append(paper)
        catalogue.candidates.add_outsiders(outside, today)
        catalogue.candidates.remove(papers)


def model_placements(decision: PlacementDecision) -> list[Placement]:
    """Return a decision's topics as placements by the model."""
    return [
        Placement(topic, PlacedBy.MODEL, MODEL_SOURCE, round(confidence, 4))
        for topic, confidence in decision.topics
    ]
