"""Similar papers: which pairs are, of all papers at once or as papers come."""
