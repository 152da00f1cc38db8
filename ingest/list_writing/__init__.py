"""Writing new entries into an existing awesome list."""
