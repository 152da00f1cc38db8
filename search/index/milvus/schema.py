"""Fields of collections and their indexes, as pymilvus takes them."""

from pymilvus import CollectionSchema, DataType, Function, FunctionType, MilvusClient
from pymilvus.milvus_client import IndexParams

from search.index.milvus.limits import (
    MAX_NAME_BYTES,
    MAX_TEXT_BYTES,
    MAX_VALUE_BYTES,
    MAX_VALUES,
)

__all__ = ["CollectionSchema", "IndexParams"]

K1, B = 1.2, 0.75
"""Parameters of BM25, those of SQLite's FTS5."""


def with_facts(client: MilvusClient) -> CollectionSchema:
    """Return a schema of the key and what papers are filtered by."""
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("key", DataType.INT64, is_primary=True)
    schema.add_field("withdrawn", DataType.BOOL)
    for name in ("first_day", "last_day"):
        schema.add_field(name, DataType.INT64)
    for name in ("topics", "categories", "card"):
        schema.add_field(
            name,
            DataType.ARRAY,
            element_type=DataType.VARCHAR,
            max_capacity=MAX_VALUES,
            max_length=MAX_VALUE_BYTES,
        )
    return schema


def add_vector(schema: CollectionSchema, dim: int) -> None:
    """Add a vector, and whether it is one."""
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
    schema.add_field("embedded", DataType.BOOL)


def add_vector_index(params: IndexParams, is_file: bool) -> None:
    """Add the index of `vector`, by inner product."""
    # Milvus Lite builds a graph whenever it is opened: 15 s of 20,000 vectors.
    kind = "FLAT" if is_file else "AUTOINDEX"
    params.add_index("vector", index_name="vector", index_type=kind, metric_type="IP")


def add_words(schema: CollectionSchema) -> None:
    """Add the terms of a paper, from which Milvus computes `bm25`, and its names."""
    schema.add_field(
        "terms",
        DataType.VARCHAR,
        max_length=MAX_TEXT_BYTES,
        enable_analyzer=True,
        enable_match=True,
        # There are no other marks between terms than spaces.
        analyzer_params={"tokenizer": "standard"},
    )
    for name in ("name", "short_name"):
        schema.add_field(name, DataType.VARCHAR, max_length=MAX_NAME_BYTES)
    schema.add_field("bm25", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(
        Function(
            name="bm25",
            function_type=FunctionType.BM25,
            input_field_names=["terms"],
            output_field_names=["bm25"],
        )
    )


def add_words_index(params: IndexParams) -> None:
    """Add the index of `bm25`."""
    params.add_index(
        "bm25",
        index_name="bm25",
        index_type="SPARSE_INVERTED_INDEX",
        metric_type="BM25",
        params={"bm25_k1": K1, "bm25_b": B},
    )
