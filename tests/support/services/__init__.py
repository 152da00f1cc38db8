"""Services that answer one test: from a script, or in the form of arXiv and citation services."""
