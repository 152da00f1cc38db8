"""Embedding what is missing, on this machine or over a cluster of machines by Ray."""
