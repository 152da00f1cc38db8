"""Papers as stored values: dates are text, and a whole record may be JSON."""

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from kg.records import Paper
from kg.store.clean_record import cleaned


def paper_of(record: dict[str, Any]) -> Paper:
    """Return the paper of its fields as they are stored; `record` is used up."""
    for name in ("published", "updated"):
        if record[name]:
            record[name] = date.fromisoformat(record[name])
    for name in ("authors", "categories"):
        record[name] = tuple(record[name])
    return Paper(**record)


def to_json(paper: Paper) -> str:
    """Return the record of a paper as JSON."""
    return json.dumps(asdict(cleaned(paper)), default=date.isoformat, ensure_ascii=False)


def from_json(text: str) -> Paper:
    """Return the paper that `to_json` wrote."""
    return paper_of(json.loads(text))
