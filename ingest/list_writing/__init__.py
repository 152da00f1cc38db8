"""Writing new entries into an existing awesome list, in its own style."""
