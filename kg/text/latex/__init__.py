"""LaTeX as authors write it in titles and abstracts: parsed, decoded to plain text, written."""
