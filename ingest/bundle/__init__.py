"""Making the bundled snapshot: `python -m ingest.bundle DATA_FOLDER kg/snapshot/data`."""
