"""Embedding: ours against sentence-transformers' own `encode`, in one run, in turn.

    python benchmarks/embedding.py ../shared/data/papers.jsonl.gz -n 600
    python benchmarks/embedding.py ../shared/data/papers.jsonl.gz -n 20000 --device cuda

Prints a markdown table. Each round embeds the same abstracts with both, one after the other, so
that other work on the machine slows both; the ratio is taken within a round and the median over
the rounds. The vectors are held to sentence-transformers' in float32 on the CPU.
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
    options = parser.parse_args()

    texts = read(options.papers, options.n)
    lines = bulk(texts, options.device, options.rounds, options.checked)
    lines += cold(options.rounds)
    print(f"{len(texts):,} abstracts, {options.rounds} rounds, {machine()}\n")
    print("| measure | sentence-transformers | ours | ratio |\n| --- | ---: | ---: | ---: |")
    print("\n".join(lines))


def read(path: Path, count: int) -> list[str]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        papers = [json.loads(line) for line in file]
    texts = [f"{paper['title']}. {paper['abstract']}" for paper in papers if paper["abstract"]]
    return random.Random(0).sample(texts, min(count, len(texts)))


def bulk(texts: list[str], device: str, rounds: int, checked: int) -> list[str]:
    from sentence_transformers import SentenceTransformer

    from search.embedding.open import DEFAULT, default_folder
    from search.embedding.torch_bert import TorchBert

    theirs = SentenceTransformer(str(default_folder()), device=device)
    ours = TorchBert(default_folder(), DEFAULT, device=device)

    def encode_theirs() -> Vectors:
        vectors: Vectors = theirs.encode(texts, show_progress_bar=False)
        return vectors

    def encode_ours() -> Vectors:
        return ours.encode(texts)

    theirs.encode(texts[:64], show_progress_bar=False)
    ours.encode(texts[:64])
    slow: list[float] = []
    fast: list[float] = []
    vectors = reference = np.empty((0, 0), np.float32)
    for number in range(rounds):
        both: list[tuple[list[float], Callable[[], Vectors]]] = [
            (slow, encode_theirs),
            (fast, encode_ours),
        ]
        for times, encode in both if number % 2 else both[::-1]:
            start = time.perf_counter()
            result = encode()
            times.append(time.perf_counter() - start)
            if times is fast:
                vectors = result
            else:
                reference = result
        print(f"round {number + 1}: {slow[-1]:.1f} s, {fast[-1]:.1f} s", file=sys.stderr)

    some = random.Random(1).sample(range(len(texts)), min(checked, len(texts)))
    if device == "cpu":
        exact = reference[some]
    else:
        on_cpu = SentenceTransformer(str(default_folder()), device="cpu")
        exact = on_cpu.encode([texts[row] for row in some], show_progress_bar=False)
    cosine = (vectors[some] * exact).sum(axis=1)
    kind = f"{ours.device}, {str(ours.dtype).removeprefix('torch.')}"
    rate = [len(texts) / statistics.median(times) for times in (slow, fast)]
    ratios = [a / b for a, b in zip(slow, fast, strict=True)]
    return [
        f"| abstracts per second ({kind}), median | {rate[0]:,.1f} | {rate[1]:,.1f} "
        f"| {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) |",
        f"| cosine to float32 on the CPU, {len(some):,} vectors, minimum | 1 | {cosine.min():.5f} "
        "| |",
        f"| the same, median | 1 | {np.median(cosine):.5f} | |",
    ]


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
