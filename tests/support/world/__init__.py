"""A simulated outside world: arXiv, citation services and list hosts, in their own formats.

Tests reach it without a network and without waiting, or by a real server (`serving`); a person
starts it by ``python -m tests.support.world DATA``.
"""
