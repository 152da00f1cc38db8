"""What filters mean in SQL."""

import json

from kg import identifiers
from kg.entities import Filters

NOT_WITHDRAWN = "NOT withdrawn"


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
    if filters.since is not None:
        parts.append("year >= ?")
        parameters.append(filters.since)
    if filters.until is not None:
        parts.append("year <= ?")
        parameters.append(filters.until)
    return " AND ".join(parts), parameters
