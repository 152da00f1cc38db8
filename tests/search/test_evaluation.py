"""Measures checked by hand, and benchmarks that are broken."""

import json
from math import log2
from pathlib import Path

import pytest

from kg.errors import AtlasError
from search.evaluation import evaluate, measure, read_benchmark
from search.ranking.mode import Mode


def write(folder: Path, corpus: list[dict], queries: list[dict], qrels: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, records in (("corpus", corpus), ("queries", queries)):
        text = "".join(json.dumps(record) + "\n" for record in records)
        (folder / f"{name}.jsonl").write_text(text)
    (folder / "qrels.tsv").write_text(qrels)
    return folder


@pytest.fixture
def benchmark(tmp_path: Path) -> Path:
    corpus = [
        {"_id": "a", "title": "Merging models", "text": "Weights are averaged."},
        {"_id": "b", "title": "Editing facts", "text": None},
        {"_id": "c", "title": "Prompts", "text": "Words are learned."},
    ]
    queries = [{"_id": "1", "text": "averaged weights"}, {"_id": "2", "text": "editing"}]
    qrels = "query-id\tcorpus-id\tscore\n1\ta\t1\n2\tb\t1\n2\tc\t1\n"
    return write(tmp_path / "benchmark", corpus, queries, qrels)


def test_measures_are_those_of_their_definitions() -> None:
    qrels = {"q": {"a": 2, "b": 1, "c": 0}, "r": {"d": 1}}
    found = measure(qrels, {"q": {"x": 3.0, "b": 2.0, "a": 1.0}, "r": {"d": 1.0}})
    ideal = 2 / log2(2) + 1 / log2(3)
    got = 1 / log2(3) + 2 / log2(4)
    assert found["ndcg@10"] == pytest.approx((got / ideal + 1) / 2)
    assert found["mrr"] == pytest.approx((1 / 2 + 1) / 2)
    assert found["recall@5"] == 1


def test_a_query_without_a_ranking_counts_as_zero() -> None:
    qrels = {"q": {"a": 1}, "r": {"d": 1}}
    assert measure(qrels, {"q": {"a": 1.0}})["mrr"] == pytest.approx(0.5)
    assert measure(qrels, {"q": {"a": 1.0}, "r": {}})["recall@20"] == pytest.approx(0.5)


def test_equal_scores_keep_the_order_given() -> None:
    for first, second in ("ab", "ba"):
        ranking = {first: 1.0, second: 1.0}
        expected = 1.0 if first == "a" else 0.5
        assert measure({"q": {"a": 1}}, {"q": ranking})["mrr"] == expected


def test_documents_without_text_are_counted_and_found_by_title(benchmark: Path) -> None:
    found = evaluate(benchmark, modes=[Mode.KEYWORD])
    assert (found.queries, found.documents, found.without_text) == (2, 3, 1)
    assert found.modes["keyword"]["mrr"] == 1
    assert found.modes["keyword"]["recall@5"] == pytest.approx(0.75)


@pytest.mark.model
def test_all_modes_are_measured(benchmark: Path) -> None:
    found = evaluate(benchmark)
    assert list(found.modes) == ["hybrid", "dense", "keyword"]
    assert found.modes["dense"]["recall@100"] == 1


def test_distractors_are_no_documents_of_the_benchmark(benchmark: Path, tmp_path: Path) -> None:
    extra = tmp_path / "papers.jsonl"
    papers = [{"arxiv_id": "a", "title": "Merging"}, {"arxiv_id": "9", "title": "Averaged weights"}]
    extra.write_text("".join(json.dumps(paper) + "\n" for paper in papers))
    found = evaluate(benchmark, modes=[Mode.KEYWORD], distractors=extra)
    assert found.distractors == 1
    assert found.modes["keyword"]["mrr"] == pytest.approx(0.75)


@pytest.mark.parametrize("missing", ["corpus.jsonl", "queries.jsonl", "qrels.tsv"])
def test_a_missing_file_is_named(benchmark: Path, missing: str) -> None:
    (benchmark / missing).unlink()
    with pytest.raises(AtlasError, match=missing.partition(".")[0]):
        read_benchmark(benchmark)


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [
        ("corpus.jsonl", '{"_id": "a", "title": "x"}\nnot json\n', "2"),
        ("corpus.jsonl", "[1]\n", "1"),
        ("corpus.jsonl", '{"title": "no id"}\n', "1"),
        ("queries.jsonl", "{\n", "1"),
        ("qrels.tsv", "1\ta\t1\n1\tb\tmany\n", "2"),
    ],
)
def test_a_broken_line_is_named(benchmark: Path, file: str, text: str, line: str) -> None:
    (benchmark / file).write_text(text)
    with pytest.raises(AtlasError, match=f"{file}:{line}"):
        read_benchmark(benchmark)


def test_a_benchmark_without_answers_is_refused(benchmark: Path) -> None:
    (benchmark / "qrels.tsv").write_text("1\ta\t0\n")
    with pytest.raises(AtlasError, match="no query"):
        read_benchmark(benchmark)


@pytest.mark.shared
def test_the_shared_benchmarks_are_read_whole(shared: Path) -> None:
    csfcube = read_benchmark(shared / "bench" / "csfcube")
    assert (len(csfcube.documents), len(csfcube.queries)) == (4205, 50)
    scholar = read_benchmark(shared / "bench" / "scholargym_dev")
    assert len(scholar.documents) == 2509
    assert 1200 < len(scholar.queries) <= 1301
