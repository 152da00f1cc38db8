"""Answers that are more than a ranking: one module for each kind of page."""
