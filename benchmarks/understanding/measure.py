"""How well questions are understood: `questions.md` beside this file has the format.

    python benchmarks/understanding/measure.py tune|report|fresh|all [--faults] [--each]

Prints precision and recall of each filter over the questions, how many of those with nothing to
understand read anything, and of the questions from end to end how many have answers that meet
their condition. `--faults` names each question that went wrong, `--each` those from end to end with
whether they met it.
"""

import argparse
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does, before NumPy

import yaml

from kg import settings
from kg.ids.titles import normalised_title
from kg.ids.topic_ids import is_under
from search.library import Library
from search.ranking.answers import Answer, Hit

HERE = Path(__file__).parent
SETS = ("tune", "report", "fresh")
TODAY = datetime(2026, 11, 29, 12, tzinfo=UTC)

Reading = Mapping[str, Any]


def folded(value: str) -> str:
    """Return a value as it is compared."""
    return re.sub(r"[^\w/.]+", "", value.casefold())


def values(expected: Reading) -> set[tuple[str, str]]:
    """Return all (filter, value) pairs that are right for an expected reading."""
    name = expected["filter"]
    found = {(name, folded(str(one))) for one in (expected["value"], *expected.get("also", ()))}
    for other in expected.get("or", ()):
        found |= values(other)
    return found


def fits(read: tuple[str, str], right: set[tuple[str, str]]) -> bool:
    """Return whether a reading is one of the right ones; an author's surname is enough."""
    name, value = read
    if (name, folded(value)) in right:
        return True
    words = set(normalised_title(value).split())
    return name == "author" and any(
        name == other and (one in {folded(w) for w in words} or folded(value) in one)
        for other, one in right
    )


def judged(library: Library, questions: Sequence[Reading], faults: bool) -> Iterator[str]:
    """Yield the lines of the table of filters."""
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    nothing = spoilt = soft = 0
    for one in questions:
        answer = library.ask(one["question"], k=1)
        read = [(u.filter, u.value, u.hard) for u in answer.understood]
        expected = one["expected"]
        nothing += not expected
        spoilt += not expected and bool(read)
        names = {v for e in expected for n, v in values(e) if n in ("compare", "like", "not")}
        left = list(expected)
        bad = []
        for name, value, hard in read:
            found = next((e for e in left if fits((name, value), values(e))), None)
            if found is not None:
                left.remove(found)
                right[found["filter"]] += not found.get("optional", False)
                soft += "hard" in found and found["hard"] != hard
            elif not any(fits((name, value), values(e)) for e in expected) and not (
                name in ("topic", "about") and folded(value) in names
            ):
                wrong[name] += 1
                bad.append(f"{name}={value}")
        lost = [e for e in left if not e.get("optional", False)]
        missed.update(e["filter"] for e in lost)
        if faults and (bad or lost):
            gone = ", ".join(f"{e['filter']}={e['value']}" for e in lost)
            yield f"    {one['question']!r}: read {', '.join(bad) or '-'}; missed {gone or '-'}"
    yield "| filter | read right | read wrong | missed | precision | recall |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for name in sorted(right.keys() | wrong.keys() | missed.keys()):
        r, w, m = right[name], wrong[name], missed[name]
        precision, recall = r / max(r + w, 1), r / max(r + m, 1)
        yield f"| {name} | {r} | {w} | {m} | {precision:.2f} | {recall:.2f} |"
    r, w, m = right.total(), wrong.total(), missed.total()
    yield f"| all | {r} | {w} | {m} | {r / max(r + w, 1):.2f} | {r / max(r + m, 1):.2f} |"
    yield ""
    yield f"{spoilt} of {nothing} questions with nothing to understand read something."
    yield f"{soft} readings are hard where they should be preferences, or the other way round."


def met(library: Library, answer: Answer, condition: Reading, most: int) -> bool:
    """Return whether the first papers of an answer meet a condition."""
    hits = answer.hits[:most]
    if len(hits) < most or not all(_meets(library, hit, condition) for hit in hits):
        return False
    if (order := condition.get("order")) and not _in_order(hits, order):
        return False
    first = condition.get("first_two")
    return not first or {hit.paper.id for hit in hits[:2]} == set(first)


def _meets(library: Library, hit: Hit, condition: Reading) -> bool:
    paper, card = hit.paper, hit.details.card
    appeared = paper.appeared
    related = {
        library.catalogue.entities.get([one.entity])[0].id
        for one in library.catalogue.relations.of_papers([hit.key])
    }
    text = normalised_title(f"{paper.title} {paper.abstract or ''}").split()

    def has(name: str) -> set[str]:
        value = getattr(card, name, None) if card else None
        return set(map(str, value)) if isinstance(value, tuple) else {str(value)}

    tests = {
        # Sources write names in either order.
        "author": lambda v: any(
            set(normalised_title(v).split()) <= set(normalised_title(a).split())
            for a in paper.authors
        ),
        "venue": lambda v: v.casefold() in (paper.venue or "").casefold(),
        "category": lambda v: v in paper.categories,
        "code": lambda _: hit.details.code is not None,
        "about": lambda v: v in related,
        "about_any": lambda v: not related.isdisjoint(v),
        "not_about": lambda v: v not in related,
        "not_modality": lambda v: v not in has("modality"),
        "not_word": lambda v: v not in text,
        "topic": lambda v: any(is_under(topic, v) for topic in hit.topics),
        "since": lambda v: appeared is not None and appeared.last >= _day(v, first=True),
        "until": lambda v: appeared is not None and appeared.first <= _day(v, first=False),
        **{n: (lambda v, n=n: v in has(n)) for n in ("data", "access", "training", "modality")},
        "kind": lambda v: v in has("kind") | has("also_kind"),
    }
    return all(tests[n](v) for n, v in condition.items() if n not in ("order", "first_two"))


def _day(text: str, first: bool) -> date:
    from kg.text.partial_date import PartialDate

    parsed = PartialDate.parse(str(text))
    return parsed.first if first else parsed.last


def _in_order(hits: Sequence[Hit], order: str) -> bool:
    if order == "cited":
        counts = [hit.details.citations for hit in hits]
        known = [count for count in counts if count is not None]
        return known == sorted(known, reverse=True)
    days = [hit.paper.appeared for hit in hits]
    years = [day.first for day in days if day]
    return years == sorted(years, reverse=order == "newest")


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", choices=[*SETS, "all"])
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("--each", action="store_true")
    options = parser.parse_args()
    sets = SETS if options.set == "all" else (options.set,)

    def read(name: str) -> list[Reading]:
        files = [HERE / f"{name}_{one}.yaml" for one in sets]
        return [one for file in files for one in yaml.safe_load(file.read_text(encoding="utf-8"))]

    with tempfile.TemporaryDirectory() as home:
        os.environ.setdefault("LFM_HOME", home)
        with Library(settings.load(), clock=lambda: TODAY) as library:
            print("\n".join(judged(library, read("questions"), options.faults)))
            whole, good = read("end_to_end"), 0
            for one in whole:
                most = one["all_of_first"]
                answer = library.ask(one["question"], k=most)
                fits_all = met(library, answer, one["condition"], most)
                good += fits_all
                if options.each:
                    print(f"| {one['half']} | {one['question']} | {'yes' if fits_all else 'no'} |")
                if options.faults and not fits_all:
                    stated = ", ".join(f"{u.filter}={u.value}" for u in answer.understood)
                    print(f"    {one['question']!r}: understood {stated or '-'}")
            print(f"\n{good} of {len(whole)} questions have the first papers that they ask for.")


if __name__ == "__main__":
    main()
