"""Similarity by embeddings: of papers to each other, and of topics."""
