"""Identifiers of papers and topics: arXiv ids, DOIs, normalised titles."""
