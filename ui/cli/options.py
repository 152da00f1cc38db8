"""Options that several commands have."""

import argparse

from kg.cards.card import CHOICES
from kg.text.partial_date import PartialDate
from ui.text.card_words import FIELDS


def json_option(made: argparse.ArgumentParser) -> None:
    """Let the answer be printed as JSON."""
    made.add_argument("--json", action="store_true", help="print one JSON document")


def filter_options(made: argparse.ArgumentParser) -> None:
    """Let papers be chosen by what `kg.records.Filters` has."""
    made.add_argument("--topic", metavar="ID", help="only this topic and those below it")
    made.add_argument(
        "--category",
        metavar="NAME",
        action="append",
        default=[],
        help="only this arXiv category, cs.LG, or any of several: give it again",
    )
    made.add_argument("--author", metavar="NAME", help="only papers by this author")
    made.add_argument(
        "--since",
        metavar="DATE",
        type=PartialDate.parse,
        help="no paper before it: 2024, 2024-05 or 2024-05-17",
    )
    made.add_argument(
        "--until", metavar="DATE", type=PartialDate.parse, help="no paper after it, likewise"
    )
    for field, values in CHOICES.items():
        made.add_argument(
            f"--{field}",
            metavar=field[0].upper(),
            choices=[str(value) for value in values],
            help=f"{FIELDS[field][1]}, by its card: {', '.join(values)}",
        )
    made.add_argument("--code", action="store_true", help="only papers with a link to their code")
    made.add_argument(
        "--cited",
        metavar="N",
        type=int,
        help="only papers that N papers or more cite, as a service counts over all literature",
    )
    made.add_argument(
        "--about",
        metavar="NAME",
        help="only papers that relate to this method, benchmark or model: its name or id",
    )
    made.add_argument(
        "--venue", metavar="V", help="only papers of this venue: ICLR, 'EMNLP Findings'"
    )
    made.add_argument("--withdrawn", action="store_true", help="let withdrawn papers in as well")


def count_option(made: argparse.ArgumentParser) -> None:
    """Let the number of papers be chosen."""
    made.add_argument("-k", type=int, default=10, help="how many papers (default: 10)")


def digest_options(made: argparse.ArgumentParser) -> None:
    """Let digests be sent to a file or a webhook."""
    made.add_argument(
        "--digest",
        metavar="FILE|URL",
        action="append",
        default=[],
        help="write what each refresh brings into a file, or post it to a webhook; may be given"
        " again",
    )
    made.add_argument(
        "--digest-form",
        choices=["slack", "json"],
        help="what the webhook gets (default: by its host)",
    )
    made.add_argument(
        "--digest-empty",
        choices=["daily", "always", "never"],
        help="when to tell that nothing came, and why (default: daily)",
    )
