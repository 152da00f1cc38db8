"""Texts as HTML and in words: LaTeX, counts, reports."""
