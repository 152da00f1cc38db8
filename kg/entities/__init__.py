"""Entities: the methods, benchmarks and models that papers name."""
