"""What `benchmarks/scale.py` measures of one atlas in a process of its own: JSON on stdout.

LFM_HOME=FOLDER/SIZE python benchmarks/scale_probe.py warm|looked-up|recall|add|export [ARGUMENT]
"""

import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does, before NumPy

from kg.records import Filters, Term
from kg.settings import load
from search.embedding.open import DEFAULT, open_embedder
from search.library import Library

QUESTIONS = """\
How can models be merged without any training data?
low-rank adaptation of large language models
prompt tuning for vision-language models
data-free knowledge distillation with a generator
editing factual knowledge in a language model
Which papers average the weights of fine-tuned models?
mode connectivity of neural networks
meta-learning without access to training data
instruction tuning with multimodal data
mixture of experts built from existing models
adapter layers for parameter-efficient transfer learning
locate and edit facts in transformers
ripple effects of knowledge editing
task arithmetic
black-box meta learning from pre-trained models
adversarial exploration for data-free distillation
ensembling of pre-trained language models
Does knowledge editing harm general abilities?
quantized fine-tuning on a single GPU
resolve interference between merged models
gradient-based meta-learning
batch normalization statistics for image reconstruction
sequential editing collapse
retrieval of prompts for continual learning
training-free composition of several fine-tuned checkpoints
visual prompts for adapting frozen vision transformers
why do merged networks lose accuracy and how to repair them
permutation symmetries and linear connectivity of minima
can a small student learn from a teacher without the original images
updating outdated facts stored in a language model without retraining
multi-hop evaluation of edited language models
rank-decomposed weight updates for efficient fine-tuning
soft prompts versus full fine-tuning at scale
methods that route each query to the cheapest good model
retrieval-augmented generation for open-domain question answering
distilling chain-of-thought reasoning into small models
reward models learnt from human preferences
how many demonstrations does in-context learning need
merging LoRA adapters of different tasks
surveys of model merging
benchmarks for knowledge editing
learning from a model that is available as an API only
weight averaging for out-of-distribution generalisation
hypernetworks that generate adapters
federated distillation without shared data
pruning before or after fine-tuning
teacher assistants for large capacity gaps
catastrophic forgetting in fine-tuned language models
membership inference against fine-tuned models
self-distillation as regularisation
""".splitlines()
"""Fifty questions of the field."""
FILTERS = {
    "topic": Filters(topic="model-reuse/model-fusion"),
    "category": Filters(categories=("cs.LG",)),
    "year": Filters(since=2022),
    "kind": Filters(kind="method"),
}
"""Those that columns and indexes know."""
LOOKED_UP = {
    "author": Filters(author="Dacheng Tao"),
    "a word": Filters(terms=(Term("vision"),)),
    "not a word": Filters(terms=(Term("vision", excluded=True),)),
    "a phrase": Filters(terms=(Term("language models", exact=True),)),
}
"""Those that the catalogue is asked for."""
K = 10
ADDED = 1_000


def clocks() -> tuple[float, float]:
    """Return milliseconds of the clock, and of this process's processor time."""
    return time.perf_counter() * 1000, time.process_time() * 1000


class TimedModel:
    """An embedding model that counts the time of its forward passes."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.spent = [0.0, 0.0]

    def encode_query(self, text: str) -> Any:
        """Embed a question."""
        started = clocks()
        vector = self._model.encode_query(text)
        for at, (end, start) in enumerate(zip(clocks(), started, strict=True)):
            self.spent[at] += end - start
        return vector

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


def warm(rounds: str) -> dict[str, Any]:
    """Return milliseconds beyond the forward pass: p50 and p95 over the questions' medians."""
    settings = load()
    model = TimedModel(open_embedder(state=settings.cache))
    with Library(settings, embedder=model) as library:
        ways: dict[str, Callable[[str], object]] = {
            mode: lambda question, mode=mode: library.ask(question, K, mode=mode)
            for mode in ("hybrid", "dense", "keyword")
        }
        started = time.perf_counter()
        library.ask(QUESTIONS[0])
        first = (time.perf_counter() - started) * 1000
        found = timed(model, {**ways, **_filtered(library, FILTERS)}, int(rounds))
        index = type(library.index).__name__
    return {"first": first, **found, "index": index, "memory": memory()}


def looked_up(rounds: str) -> dict[str, Any]:
    """Return the same of filters that the catalogue is asked for, and of none."""
    settings = load()
    model = TimedModel(open_embedder(state=settings.cache))
    with Library(settings, embedder=model) as library:
        return timed(model, _filtered(library, {"none": Filters(), **LOOKED_UP}), int(rounds))


def _filtered(library: Library, some: dict[str, Filters]) -> dict[str, Callable[[str], object]]:
    return {
        f"hybrid, {name}": lambda question, filters=filters: library.ask(question, K, filters)
        for name, filters in some.items()
    }


def timed(
    model: TimedModel, ways: dict[str, Callable[[str], object]], rounds: int
) -> dict[str, Any]:
    """Return for each way of asking p50 and p95 beyond the forward pass, in milliseconds."""
    # Way -> for each question, of each round: wall time and processor time.
    times: dict[str, list[list[tuple[float, float]]]] = {}
    for _ in range(rounds):
        for at, question in enumerate(QUESTIONS):
            for name, ask in ways.items():  # In turn: other work on the machine slows all.
                model.spent, started_at = [0.0, 0.0], clocks()
                ask(question)
                whole = [end - start for end, start in zip(clocks(), started_at, strict=True)]
                beyond = whole[0] - model.spent[0], whole[1] - model.spent[1]
                of_way = times.setdefault(name, [[] for _ in QUESTIONS])
                of_way[at].append(beyond)
                if name == "hybrid":
                    passes = times.setdefault("forward pass", [[] for _ in QUESTIONS])
                    passes[at].append((model.spent[0], model.spent[1]))
    found = {}
    for name, each in times.items():
        wall, processor = (
            sorted(statistics.median(pair[clock] for pair in one) for one in each)
            for clock in (0, 1)
        )
        found[name] = {
            "p50": statistics.median(wall),
            "p95": wall[int(0.95 * len(wall))],
            "processor": statistics.median(processor),
        }
    return found


def memory() -> dict[str, float]:
    """Return MB of this process: peak, and of now what is its own and what files are mapped."""
    lines = Path("/proc/self/status").read_text().splitlines()
    names = {"VmHWM": "peak", "RssAnon": "anonymous", "RssFile": "file"}
    pairs = (line.split(":") for line in lines)
    return {names[n]: int(value.split()[0]) / 1000 for n, value in pairs if n in names}


def recall(questions: str) -> dict[str, Any]:
    """Return recall@10 of the vector index against exact search, and milliseconds of a search.

    Of questions other than those on which `search.index.vectors.ivf_build` chose how many lists
    are looked into.
    """
    import numpy as np

    from search.index.base import matrix

    lines = Path(questions).read_text(encoding="utf-8").splitlines()
    chosen_on = set(random.Random(0).sample(lines, 200))
    others = [line for line in lines if line not in chosen_on]
    texts = [json.loads(line)["text"] for line in random.Random(1).sample(others, 400)]
    settings = load()
    with Library(settings) as library:
        model = library.embedder
        queries = np.stack([model.encode_query(text) for text in texts])
        index, found, times = library.index, [], []
        index.search(queries[0], K)
        for query in queries:
            started = time.perf_counter()
            keys, _ = index.search(query, K)
            times.append((time.perf_counter() - started) * 1000)
            found.append(set(keys.tolist()))
        best_keys = np.zeros((len(texts), 0), np.int64)
        best = np.zeros((len(texts), 0), np.float32)
        every = library.catalogue.vectors.keys(model.model)
        for start in range(0, len(every), 20_000):  # All at once would take gigabytes.
            some = library.catalogue.vectors.get(model.model, every[start : start + 20_000])
            scores = queries @ matrix(list(some.values()), model.dim).T
            keys = np.broadcast_to(np.array(list(some)), scores.shape)
            best, best_keys = np.hstack([best, scores]), np.hstack([best_keys, keys])
            order = np.argsort(-best, axis=1, kind="stable")[:, :K]
            best = np.take_along_axis(best, order, axis=1)
            best_keys = np.take_along_axis(best_keys, order, axis=1)
        shared = [len(one & set(row)) for one, row in zip(found, best_keys.tolist(), strict=True)]
        return {
            "recall": sum(shared) / (K * len(texts)),
            "search": statistics.median(times),
            "index": type(index).__name__,
        }


def add(file: str) -> dict[str, Any]:
    """Return seconds of adding papers by a file, embedding aside, and of the question after it."""
    from ingest.adding.add import add as add_file

    with Library(load()) as library:
        library.ask(QUESTIONS[0])
        model = _RandomVectors(library.embedder.dim)
        started = time.perf_counter()
        counts = add_file(library, Path(file), take_all=True, embedder=model).counts
        added = time.perf_counter() - started
        assert counts["added"] == counts["embedded"] == ADDED, counts
    with Library(load()) as library:
        library.embedder.encode_query("the model is loaded")
        started = time.perf_counter()
        library.ask(QUESTIONS[1])
        first = time.perf_counter() - started
    return {"added": added, "first question": first, "memory": memory()}


class _RandomVectors:
    """Gives out random unit vectors under the name of the project's model."""

    model = DEFAULT
    device = "none"

    def __init__(self, dim: int) -> None:
        import numpy as np

        self.dim = dim
        self._rng = np.random.default_rng(3)

    def encode(self, texts: Sequence[str], progress: object = None) -> Any:  # noqa: ARG002
        import numpy as np

        vectors = self._rng.standard_normal((len(texts), self.dim), dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def encode_query(self, text: str) -> Any:
        return self.encode([text])[0]

    def knows(self, word: str) -> bool:  # noqa: ARG002
        return False


def export(folder: str) -> dict[str, Any]:
    """Write texts (JSON lines) and vectors (raw float32) for the peers, and return how many."""
    to = Path(folder)
    to.mkdir(parents=True, exist_ok=True)
    with Library(load()) as library:
        catalogue = library.catalogue
        keys = catalogue.vectors.keys(DEFAULT)
        with (to / "texts.jsonl").open("w") as texts, (to / "vectors.f4").open("wb") as vectors:
            for some in _parts(keys):
                stored = catalogue.vectors.get(DEFAULT, some)
                for key, paper in zip(some, catalogue.papers.get(some), strict=True):
                    vectors.write(stored[key])
                    print(json.dumps(paper.text), file=texts)
    (to / "questions.json").write_text(json.dumps(QUESTIONS))
    return {"papers": len(keys)}


def _parts(keys: Sequence[int], size: int = 10_000) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


if __name__ == "__main__":
    work = {
        **{"warm": warm, "looked-up": looked_up, "recall": recall},
        **{"add": add, "export": export},
    }[sys.argv[1]]
    print(json.dumps(work(*sys.argv[2:])))
