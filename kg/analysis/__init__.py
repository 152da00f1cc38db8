"""Analyses of the citation graph and of the taxonomy."""
