"""Texts for the page: LaTeX as HTML and MathML, reports in words."""
