"""Snapshots: the bundled one, and a whole catalogue as one file."""
