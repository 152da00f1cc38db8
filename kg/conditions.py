"""What filters mean in SQL."""

import json

from kg import identifiers
from kg.entities import Filters

NOT_WITHDRAWN = "NOT withdrawn"

_NUMBER = "substr(arxiv_id, instr(arxiv_id, '/') + 1)"
MONTH = (
    f"CASE WHEN {_NUMBER} GLOB '[0-9][0-9][01][0-9]*' THEN"
    f" CASE WHEN instr(arxiv_id, '/') AND {_NUMBER} >= '9' THEN '19' ELSE '20' END"
    f" || substr({_NUMBER}, 1, 2) || '-' || substr({_NUMBER}, 3, 2) END"
)
"""SQL of the month that an arXiv id tells: of 2405.01234 since 2007, of cs/0112017 before."""

_YEAR = "CASE WHEN year THEN printf('%04d', year) END"
DATED = (
    f"coalesce(published, CASE WHEN {_YEAR} = substr({MONTH}, 1, 4) THEN {MONTH} ELSE {_YEAR} END)"
)
"""SQL of when a paper appeared: its day, month or year, as far as that is known, or null.

The month is the one of its arXiv id, unless the year on record is another.
"""


def condition(filters: Filters) -> tuple[str, list[object]]:
    """Return the SQL condition on `papers` that `filters` mean, and its parameters."""
    parts: list[str] = []
    parameters: list[object] = []
    if not filters.withdrawn:
        parts.append(NOT_WITHDRAWN)
    if filters.topic:
        # '0' is the character after '/': the range holds the topic's descendants and no others.
        parts.append(
            "key IN (SELECT paper FROM placements"
            " WHERE topic = ? OR (topic >= ? || '/' AND topic < ? || '0'))"
        )
        parameters += [filters.topic] * 3
    if filters.categories:
        parts.append(
            "key IN (SELECT paper FROM categories WHERE category COLLATE NOCASE IN"
            " (SELECT value FROM json_each(?)))"
        )
        # As UTF-8: what is not Unicode text is refused, not escaped.
        parameters.append(json.dumps(filters.categories, ensure_ascii=False))
    if filters.author:
        folded = identifiers.normalised_title(filters.author).split()
        words = " AND ".join("instr(' ' || folded || ' ', ?)" for _ in folded) or "0"
        parts.append(f"key IN (SELECT paper FROM authorships WHERE {words})")
        parameters += [f" {word} " for word in folded]
    # Compared as far as the paper's date is known: one of May 2024 may be of any day of it.
    if filters.since is not None:
        parts.append(f"{DATED} >= substr(?, 1, length({DATED}))")
        parameters.append(filters.since.first.isoformat())
    if filters.until is not None:
        parts.append(f"{DATED} <= substr(?, 1, length({DATED}))")
        parameters.append(filters.until.last.isoformat())
    return " AND ".join(parts), parameters
