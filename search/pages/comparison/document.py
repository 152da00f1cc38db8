"""A comparison as a JSON document."""

from collections.abc import Mapping
from typing import Any

from search.pages.comparison.comparison import Comparison, Value


def document(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison: its columns, and the rows with a value for each of them."""
    names = [column.name for column in comparison.columns]
    asked = {"question": comparison.question, "strength": str(comparison.strength)}
    return {
        **(asked if comparison.question is not None else {}),
        "columns": names,
        "rows": [{name: _plain(row.values[name]) for name in names} for row in comparison.rows],
    }


def _plain(value: Value) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value
