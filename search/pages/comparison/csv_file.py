"""A comparison as CSV (RFC 4180), one row each, with the escapes of `kg.export.table`."""

import csv
import io
from collections.abc import Mapping

from kg.export.table import escaped_formula
from kg.export.text import joined
from kg.text.plain import without_controls
from search.pages.comparison.comparison import Comparison, Value


def csv_file(comparison: Comparison) -> str:
    """Return the comparison as CSV; its first row has the names of the columns."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(column.name for column in comparison.columns)
    for row in comparison.rows:
        cells = (_cell(row.values[column.name]) for column in comparison.columns)
        writer.writerow(map(escaped_formula, cells))
    return file.getvalue()


def _cell(value: Value) -> str:
    if isinstance(value, tuple):
        return joined(map(without_controls, value))
    if isinstance(value, Mapping):
        return joined(f"{name} {sure:.2f}" for name, sure in value.items())
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else without_controls(str(value))
