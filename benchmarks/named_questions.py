"""Rank of the paper that introduced a method, benchmark or model, asked for by its name.

    python benchmarks/named_questions.py

Prints a Markdown table: each question, the paper that is right, its rank (of 20), and how many are
first or among the first three. Times and other figures of questions are in `questions.py`.
"""

import os
import sys
import tempfile
from statistics import median

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does, before NumPy

from kg import settings
from search.library import Library

DEPTH = 20

QUESTIONS = {
    "tuning": {
        "LoRA": "2106.09685",
        "low-rank adaptation": "2106.09685",
        "LoRA paper": "2106.09685",
        "who introduced LoRA?": "2106.09685",
        "LoRA: low rank adaptation": "2106.09685",
        "papers that build on LoRA": "2106.09685",
        "what is QLoRA": "2305.14314",
        "tell me about prefix tuning": "2101.00190",
        "prompt tuning": "2104.08691",
        "(IA)^3": "2205.05638",
        "explain bitfit": "2106.10199",
        "what are adapters": "1902.00751",
        "the original chain-of-thought paper": "2201.11903",
        "Self-Instruct": "2212.10560",
        "instruction tuning": "2109.01652",
        "What is retrieval-augmented generation?": "2005.11401",
        "what is in-context learning": "2005.14165",
        "visual prompt tuning (VPT)": "2203.12119",
    },
    "distillation": {
        "knowledge distillation": "1503.02531",
        "FitNets": "1412.6550",
        "what does DeepInversion do?": "1912.08795",
        "dataset distillation": "1811.10959",
        "attention transfer": "1612.03928",
        "born again networks": "1805.04770",
        "minillm": "2306.08543",
        "DistilBERT model": "1910.01108",
    },
    "reuse": {
        "explain TIES-Merging": "2306.01708",
        "what does DARE do": "2311.03099",
        "model soups": "2203.05482",
        "who proposed task arithmetic": "2212.04089",
        "stochastic weight averaging": "1803.05407",
        "Fisher merging": "2111.09832",
        "what is git re-basin": "2209.04836",
        "linear mode connectivity": "1912.05671",
        "dataless knowledge fusion": "2212.09849",
        "LLM-Blender": "2306.02561",
        "FrugalGPT": "2305.05176",
        "how does sparse upcycling work?": "2212.05055",
        "papers using AdaMerging": "2310.02575",
    },
    "meta-learning": {
        "MAML": "1703.03400",
        "model-agnostic meta-learning": "1703.03400",
        "What is Reptile?": "1803.02999",
        "prototypical networks": "1703.05175",
        "matching networks paper": "1606.04080",
        "Meta-Dataset": "1903.03096",
        "miniimagenet dataset": "1606.04080",
        "implicit MAML": "1909.04630",
    },
    "editing": {
        "what is ROME": "2202.05262",
        "rank-one model editing": "2202.05262",
        "MEMIT": "2210.07229",
        "what is mend?": "2110.11309",
        "serac": "2206.06520",
        "GRACE": "2211.11031",
        "knowledge neurons": "2104.08696",
        "CounterFact benchmark": "2202.05262",
        "what is MQuAKE": "2305.14795",
        "alphaedit": "2410.02355",
        "in-context knowledge editing": "2305.12740",
    },
}
"""Area -> question -> the paper that introduced what it names."""


def main() -> None:
    ranks, times = {}, []
    with tempfile.TemporaryDirectory() as home:
        os.environ.setdefault("LFM_HOME", home)
        with Library(settings.load()) as library:
            for questions in QUESTIONS.values():
                for question, right in questions.items():
                    answer = library.ask(question, DEPTH)
                    times.append(answer.took_ms)
                    found = [hit.rank for hit in answer.hits if hit.paper.id == right]
                    ranks[question] = found[0] if found else None
    first = sum(rank == 1 for rank in ranks.values())
    three = sum(rank is not None and rank <= 3 for rank in ranks.values())
    print(f"{len(ranks)} questions: {first} first, {three} among the first three;", end=" ")
    print(f"median {median(times):.1f} ms\n")
    if "--short" not in sys.argv:
        print("| area | question | paper | rank |\n| --- | --- | --- | ---: |")
        for area, questions in QUESTIONS.items():
            for question, right in questions.items():
                print(f"| {area} | {question} | {right} | {ranks[question] or f'over {DEPTH}'} |")


if __name__ == "__main__":
    main()
