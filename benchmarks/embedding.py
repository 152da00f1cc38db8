"""Embedding: ours against sentence-transformers' own `encode`, in one run, in turn.

    python benchmarks/embedding.py ../shared/data/papers.jsonl.gz -n 600
    python benchmarks/embedding.py ../shared/data/papers.jsonl.gz -n 20000 --device cuda

Prints a markdown table. Each round embeds the same abstracts with both, one after the other, so
that other work on the machine slows both; the ratio is taken within a round and the median over
the rounds. On a GPU, theirs is measured in its default precision and in float16. The vectors are
held to sentence-transformers' in float32 on the CPU.
"""

import argparse
import gzip
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

QUESTION = "how can fine-tuned models be merged without any training data?"
ASK = """
import os, sys
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command `lfm` does
from pathlib import Path
from search.embedding.open import open_embedder
open_embedder(state=Path(sys.argv[1])).encode_query(sys.argv[2])
"""
ASK_THEIRS = """
import sys
from sentence_transformers import SentenceTransformer
SentenceTransformer(sys.argv[1], device="cpu").encode(sys.argv[2])
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("papers", type=Path, help="JSON lines with title and abstract, or .gz")
    parser.add_argument("-n", type=int, default=600, help="abstracts, chosen by lot (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--device", choices=["cpu", "cuda", "mps"], default="cpu")
    parser.add_argument(
        "--checked", type=int, default=2000, help="vectors held to the CPU's (%(default)s)"
    )
    parser.add_argument(
        "--peak", type=float, help="10^12 operations a second that the device's maker states"
    )
    options = parser.parse_args()

    texts = read(options.papers, options.n)
    lines = bulk(texts, options.device, options.rounds, options.checked, options.peak)
    lines += cold(options.rounds)
    print(f"{len(texts):,} abstracts, {options.rounds} rounds, {machine()}\n")
    print("| measure | sentence-transformers | ours | ratio |\n| --- | ---: | ---: | ---: |")
    print("\n".join(lines))


def read(path: Path, count: int) -> list[str]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        papers = [json.loads(line) for line in file]
    texts = [f"{paper['title']}. {paper['abstract']}" for paper in papers if paper["abstract"]]
    return random.Random(0).sample(texts, min(count, len(texts)))


def bulk(texts: list[str], device: str, rounds: int, checked: int, peak: float | None) -> list[str]:
    from sentence_transformers import SentenceTransformer

    from search.embedding.open import DEFAULT, default_folder
    from search.embedding.torch_bert import TorchBert

    folder = str(default_folder())
    ours = TorchBert(default_folder(), DEFAULT, device=device)
    models = {"default": SentenceTransformer(folder, device=device)}
    if device != "cpu":  # Where half precision is not faster, nobody would ask for it.
        kind = {"model_kwargs": {"torch_dtype": "float16"}}
        models["float16"] = SentenceTransformer(folder, device=device, **kind)
    ways: dict[str, Callable[[list[str]], Vectors]] = {
        name: partial(model.encode, show_progress_bar=False) for name, model in models.items()
    }
    ways["ours"] = ours.encode
    times: dict[str, list[float]] = {name: [] for name in ways}
    vectors: dict[str, Vectors] = {}
    for way in ways.values():
        way(texts[:64])
    for number in range(rounds):
        for name in list(ways)[:: 1 if number % 2 else -1]:
            start = time.perf_counter()
            vectors[name] = ways[name](texts)
            times[name].append(time.perf_counter() - start)
        told = ", ".join(f"{name} {each[-1]:.1f} s" for name, each in times.items())
        print(f"round {number + 1}: {told}", file=sys.stderr)

    some = random.Random(1).sample(range(len(texts)), min(checked, len(texts)))
    exact = vectors["default"][some]
    if device != "cpu":
        on_cpu = SentenceTransformer(folder, device="cpu")
        exact = on_cpu.encode([texts[row] for row in some], show_progress_bar=False)
    own = f"{ours.device}, {str(ours.dtype).removeprefix('torch.')}"
    fast = statistics.median(times["ours"])
    lines = []
    for name in models:
        ratios = [a / b for a, b in zip(times[name], times["ours"], strict=True)]
        lines.append(
            f"| abstracts per second (theirs {name}; ours {own}), median"
            f" | {len(texts) / statistics.median(times[name]):,.1f} | {len(texts) / fast:,.1f}"
            f" | {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) |"
        )
    rate = operations(texts) / fast / 1e12
    share = f"{100 * rate / peak:.1f} %" if peak else ""
    lines.append(f"| 10^12 operations a second, and of the peak | | {rate:.2f} | {share} |")
    for measure, of in (("minimum", np.min), ("median", np.median)):
        cosines = [of((vectors[name][some] * exact).sum(axis=1)) for name in (*models, "ours")]
        theirs = " and ".join(f"{one:.5f}" for one in cosines[:-1])
        lines.append(
            f"| cosine to float32 on the CPU, {len(some):,} vectors, {measure}"
            f" | {theirs} | {cosines[-1]:.5f} | |"
        )
    return lines


def operations(texts: list[str]) -> float:
    """Return the multiplications and additions of matrix products over texts, without padding.

    Of each token and layer: the products with the weights, and those with all tokens of its text
    in attention, once for the scores and once for their sum.
    """
    from search.embedding.folder import BertFolder
    from search.embedding.open import default_folder

    bert = BertFolder.read(default_folder())
    inner = bert.tensors()["encoder.layer.0.intermediate.dense.weight"].shape[0]
    weights = 4 * bert.dim**2 + 2 * bert.dim * inner
    lengths = np.array([len(one.ids) for one in bert.tokenizer().encode_batch_fast(texts)])
    each = 2.0 * bert.layers * (weights * lengths + 2 * bert.dim * lengths**2)
    return float(each.sum())


def cold(rounds: int) -> list[str]:
    from search.embedding.open import default_folder

    with tempfile.TemporaryDirectory() as state:
        ours = [sys.executable, "-c", ASK, state, QUESTION]
        theirs = [sys.executable, "-c", ASK_THEIRS, str(default_folder()), QUESTION]
        first = clock(ours)  # hashes the weights
        pairs = [(clock(theirs), clock(ours)) for _ in range(rounds)]
    slow, fast = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    return [
        f"| one question in a new process, s, median | {slow:.2f} | {fast:.2f} | {ratio:.0f} |",
        f"| the first ever, which checks the SHA-256, s | | {first:.2f} | |",
    ]


def clock(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def machine() -> str:
    import torch

    traits = [
        name
        for name, has in (
            ("AMX", torch.cpu._is_amx_tile_supported()),
            ("AVX512-BF16", torch.cpu._is_avx512_bf16_supported()),
            ("AVX2", torch.cpu._is_avx2_supported()),
        )
        if has
    ]
    return (
        f"{torch.get_num_threads()} threads on {os.cpu_count()} {platform.machine()} cores with "
        f"{', '.join(traits) or 'no AVX2'}, "
        f"torch {torch.__version__}"
    )


if __name__ == "__main__":
    main()
