"""The map of all papers: projection to the plane, and what it shows."""
