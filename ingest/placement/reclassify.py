"""Reclassifying papers when the taxonomy has changed."""

from ingest.placement.examples import READ, REFINED
from ingest.placement.placer import Verdict
from ingest.placement.triage import PlacementModels, model_placements
from ingest.report import SourceReport
from kg.records import PlacedBy, Placement
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy
from search.index.base import matrix


def reclassify(
    catalogue: Catalogue, taxonomy: Taxonomy, models: PlacementModels
) -> SourceReport | None:
    """Decide again on the papers that the model placed, if the taxonomy has changed since.

    Papers in the review queue become candidates again. Placements by lists are renewed when the
    lists are read anew; decisions of people stay, and so does what refines a list's placement.

    A paper of which the model is not sure under the new taxonomy keeps its placement: it is shown
    under the nearest topic above, if there is one, and under the old topic again once the taxonomy
    has that back.

    Returns
    -------
    SourceReport or None
        How many papers changed; None where the taxonomy did not.
    """
    before = catalogue.journal.cursor("taxonomy", "digest") or Taxonomy.load().digest
    if before == taxonomy.digest:
        if catalogue.journal.cursor("taxonomy", "digest") is None:
            catalogue.journal.set_cursor("taxonomy", "digest", before)
        return None
    report = SourceReport("taxonomy")
    changed = _changed(catalogue, models, report)
    with catalogue.writing():
        for paper, topics in changed:
            catalogue.placements.remove(paper, PlacedBy.MODEL)
            catalogue.placements.add(paper, topics)
        catalogue.candidates.add(one.paper for one in catalogue.reviews.waiting())
        catalogue.journal.set_cursor("taxonomy", "digest", taxonomy.digest)
    lost = sum(
        not any(taxonomy.known_topic(one.topic) for one in placed)
        for placed in catalogue.placements.get(catalogue.papers.keys()).values()
    )
    if lost:
        report.note(f"{lost:,} papers have no topic of the new taxonomy; they stay in the atlas")
    return report


def _changed(
    catalogue: Catalogue, models: PlacementModels, report: SourceReport
) -> list[tuple[str, list[Placement]]]:
    """Return the ids of the papers that the model now places elsewhere, and their placements."""
    had = {
        key: {one.topic for one in placed if one.placed_by is PlacedBy.MODEL}
        for key, placed in catalogue.placements.get(catalogue.papers.keys()).items()
        if not any(one.source in (READ, REFINED) for one in placed)
    }
    if not any(had.values()):
        return []
    model = models.embedder
    stored = {key: vector for key, vector in catalogue.vectors.all(model.model) if had.get(key)}
    papers = catalogue.papers.get(list(stored))
    vectors = matrix(list(stored.values()), model.dim)
    decisions = models.placer.place(vectors, [one.title for one in papers])
    changed = []
    for key, paper, decision in zip(stored, papers, decisions, strict=True):
        topics = {topic for topic, _ in decision.topics}
        if decision.verdict is not Verdict.PLACED or topics == had[key]:
            report.unchanged += 1
            continue
        report.updated += 1
        changed.append((paper.id, model_placements(decision)))
    return changed
