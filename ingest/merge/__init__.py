"""Merging what the sources say of one paper."""
