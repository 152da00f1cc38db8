"""Merging the records of one paper from several sources."""
