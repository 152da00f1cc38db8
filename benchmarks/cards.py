"""The bundled atlas's cards: agreement of readers, coverage, how often each value is given.

    python benchmarks/cards.py

Prints Markdown tables. `cards_second.jsonl.gz` has the cards of the second readers.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ingest.cards.agreement import agreement, as_markdown
from ingest.cards.bundled_file import DATA
from kg.cards.card import NAMES, Card, Modality, WrittenFrom
from kg.cards.file import read_cards
from kg.ids.topic_ids import area
from kg.snapshot import bundled
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy

SECOND = Path(__file__).with_name("cards_second.jsonl.gz")


def main() -> None:
    first, second = (
        {line.paper: line.card for line in read_cards(file)}
        for file in (DATA / bundled.CARDS, SECOND)
    )
    print("## Agreement\n")
    print("\n".join(as_markdown(agreement(first, second))))
    with tempfile.TemporaryDirectory() as folder, Catalogue(Path(folder, "a.sqlite")) as catalogue:
        dropped = bundled.load(catalogue, DATA)
        cards, keys = catalogue.cards.all(), catalogue.papers.keys()
        areas = {
            key: {area(one.topic) for one in placed}
            for key, placed in catalogue.placements.get(keys).items()
        }
    read = [card for card in cards.values() if card.by is not WrittenFrom.TITLE]
    print(f"\n## Coverage\n\n{len(keys):,} papers; {dropped} cards of papers that are not there.\n")
    print("\n".join(coverage(cards, keys, areas)))
    print(f"\n## Distribution\n\nOf {len(read):,} cards from an abstract.\n")
    print("\n".join(distribution(read)))
    print("\n## Names\n")
    print("\n".join(names(read)))


def coverage(
    cards: Mapping[int, Card], keys: Sequence[int], areas: Mapping[int, set[str]]
) -> Iterator[str]:
    """Yield the rows of a table of what cards the papers of each area have."""
    yield "| area | papers | card from an abstract | by title | none |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for one in (*(root.id for root in Taxonomy.load().roots), "all"):
        some = [key for key in keys if one == "all" or one in areas.get(key, ())]
        title = sum(key in cards and cards[key].by is WrittenFrom.TITLE for key in some)
        read = sum(key in cards for key in some) - title
        share = f"{read:,} ({read / len(some):.0%})"
        yield f"| {one} | {len(some):,} | {share} | {title:,} | {len(some) - read - title:,} |"


def distribution(cards: Sequence[Card]) -> Iterator[str]:
    """Yield the rows of a table of how often each value is given."""
    yield "| field | of how many known | values |"
    yield "| --- | ---: | --- |"
    for field in ("kind", "also_kind", "data", "access", "training", "modality", "by"):
        values = [getattr(card, field) for card in cards]
        known = [one if isinstance(one, tuple) else (one,) for one in values if one]
        counts = Counter(str(one) for some in known for one in some).most_common()
        words = ", ".join(f"{value} {count:,}" for value, count in counts)
        yield f"| `{field}` | {len(known):,} ({len(known) / len(cards):.0%}) | {words} |"
    several = sum(len(card.modality) > 1 for card in cards)
    yield f"\n{several:,} have several of the {len(Modality)} modalities."


def names(cards: Sequence[Card]) -> Iterator[str]:
    """Yield the rows of a table of of how many papers each list of names is known."""
    yield "| field | of how many known | names | the most frequent |"
    yield "| --- | ---: | ---: | --- |"
    for field in NAMES:
        some = [getattr(card, field) for card in cards if getattr(card, field)]
        counts = Counter(name for found in some for name in found)
        first = ", ".join(f"{name} {count}" for name, count in counts.most_common(8))
        share = f"{len(some):,} ({len(some) / len(cards):.0%})"
        yield f"| `{field}` | {share} | {len(counts):,} | {first} |"


if __name__ == "__main__":
    main()
