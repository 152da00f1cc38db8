"""A simulated outside world: arXiv, citation services and list hosts, in their own formats."""
