"""Columns: what papers are filtered by, so that filters are masks and no SQL; see `open`."""
