"""Awesome lists and publication pages."""
