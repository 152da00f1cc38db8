"""Placing papers anew when the taxonomy has changed."""

from collections.abc import Callable

from ingest.placement.placement import Placer, Verdict
from ingest.placement.triage import placements
from ingest.report import SourceReport
from kg.entities import PlacedBy, Placement
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy
from search.index.stored import matrix


def place_anew(
    catalogue: Catalogue,
    taxonomy: Taxonomy,
    learnt: Callable[[], tuple[Placer, str, int]],
) -> SourceReport | None:
    """Judge again what the model has placed, where the taxonomy is another than at that time.

    The papers that wait for a person become candidates again. Lists place theirs themselves when
    they are read anew, and what a person decided stays.

    A paper of which the model is not sure under the new taxonomy keeps the placement that it had:
    it is shown under the nearest topic above, if there is one, and under the old topic again once
    the taxonomy has that back.

    Parameters
    ----------
    catalogue : Catalogue
    taxonomy : Taxonomy
        The one in use.
    learnt : callable
        Gives the judge, and name and dimension of the model whose vectors it judges by; called
        only where there is something to judge.

    Returns
    -------
    SourceReport or None
        What became of the papers; None where the taxonomy is as it was.
    """
    before = catalogue.journal.cursor("taxonomy", "digest") or Taxonomy.load().digest
    if before == taxonomy.digest:
        if catalogue.journal.cursor("taxonomy", "digest") is None:
            catalogue.journal.set_cursor("taxonomy", "digest", before)
        return None
    report = SourceReport("taxonomy")
    anew = _judged(catalogue, learnt, report)
    with catalogue.writing():
        for paper, topics in anew:
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


def _judged(
    catalogue: Catalogue, learnt: Callable[[], tuple[Placer, str, int]], report: SourceReport
) -> list[tuple[str, list[Placement]]]:
    """Return the ids of the papers that the model now places elsewhere, and where."""
    had = {
        key: {one.topic for one in placed if one.placed_by is PlacedBy.MODEL}
        for key, placed in catalogue.placements.get(catalogue.papers.keys()).items()
    }
    if not any(had.values()):
        return []
    placer, model, dim = learnt()
    stored = {key: vector for key, vector in catalogue.vectors.all(model) if had.get(key)}
    papers = catalogue.papers.get(list(stored))
    judgements = placer.judge(matrix(list(stored.values()), dim), [one.title for one in papers])
    anew = []
    for key, paper, judgement in zip(stored, papers, judgements, strict=True):
        topics = {topic for topic, _ in judgement.topics}
        if judgement.verdict is not Verdict.PLACED or topics == had[key]:
            report.unchanged += 1
            continue
        report.updated += 1
        anew.append((paper.id, placements(judgement)))
    return anew
