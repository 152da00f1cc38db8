"""Collections of Milvus: vectors or words, and filters. Only this package imports pymilvus."""
