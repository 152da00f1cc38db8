"""Vectors and filters in a Milvus collection. Only this package imports pymilvus."""
