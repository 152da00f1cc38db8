"""Vector indexes, one file each, behind `search.vector_index.VectorIndex`."""
