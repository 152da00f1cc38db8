"""The write path: from the sources' bytes to the catalogue."""
