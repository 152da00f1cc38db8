"""Small catalogues whose papers are linked in known ways."""
