"""Indexes over the catalogue: of vectors, and of words."""
