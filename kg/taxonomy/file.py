"""Taxonomy files: reads and checks the topics of one; each error names its line."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kg.errors import BadTaxonomy
from kg.files.yaml_file import YamlFile
from kg.ids import topic_ids
from kg.taxonomy.topic import BUILT_IN, ORIGINS, Topic, heading_key

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)*")
_FIELDS = ("name", "definition", "origin", "terms", "aliases", "local_aliases")
_EXTENDS = "write `extends: built-in`, or a plain list of topics to replace it"


@cache
def built_in() -> Mapping[str, Topic]:
    """Return the topics of the built-in taxonomy by their ids, read once."""
    return {topic.id: topic for topic in read(BUILT_IN)}


def read(path: Path) -> list[Topic]:
    """Read and check the topics of a file, in its order."""
    file = YamlFile(path, BadTaxonomy)
    topics: dict[str, Topic] = {}
    own: dict[str, yaml.Node] = {}
    listed = file.root
    if isinstance(file.root, yaml.MappingNode):
        fields = file.fields(file.root, "the taxonomy", ("extends", "topics"), ())
        if file.text(fields["extends"], "extends") != "built-in":
            file.refuse(fields["extends"], "only the built-in taxonomy can be extended", _EXTENDS)
        listed = fields["topics"]
        topics = dict(built_in())
    known = set(topics)
    for node in file.items(listed, "the taxonomy"):
        topic = _topic(file, node, known)
        if topic.id in own:
            file.refuse(node, f"topic {topic.id!r} comes twice", "remove one of the two")
        if topic.parent is not None and topic.parent not in topics:
            mend = f"add {topic.parent!r} first"
            file.refuse(node, f"topic {topic.id!r} has no topic above it", mend)
        own[topic.id] = node
        topics[topic.id] = topic
    if not topics:
        file.refuse(listed, "the taxonomy has no topic")
    _check_labels(file, topics, own)
    return list(topics.values())


def _check_labels(file: YamlFile, topics: dict[str, Topic], own: dict[str, yaml.Node]) -> None:
    """Refuse a label that is empty, or that two topics have in one area."""
    labels: dict[tuple[str, str], str] = {}
    # The file's own topics last: theirs are the lines that can be named.
    for topic in sorted(topics.values(), key=lambda topic: topic.id in own):
        for area, label in topic.labels():
            key = heading_key(label)
            if not key:
                message = f"{topic.id!r} has the label {label!r}, which says nothing"
                file.refuse(own[topic.id], message)
            if labels.setdefault((area, key), topic.id) != topic.id:
                mend = "keep it for one of them, or make it a local alias"
                message = f"{labels[area, key]!r} has the label {label!r} too"
                file.refuse(own[topic.id], message, mend)


def _topic(file: YamlFile, node: yaml.Node, known: Collection[str]) -> Topic:
    """Read one topic; a built-in one keeps the fields that are left out."""
    named = file.fields(node, "a topic", ("id",), _FIELDS)
    topic = file.text(named["id"], "id")
    if not _ID.fullmatch(topic):
        mend = "write lower-case words joined by hyphens, and slashes between levels"
        file.refuse(named["id"], f"{topic!r} is not an id", mend)
    required = ("id",) if topic in known else ("id", "name", "definition")
    fields = file.fields(node, "a topic", required, _FIELDS)
    given: dict[str, Any] = {
        key: file.text(fields[key], key)
        for key in ("name", "definition", "origin")
        if key in fields
    }
    for key in ("terms", "aliases", "local_aliases"):
        if key in fields:
            items = file.items(fields[key], key)
            given[key] = tuple(file.text(item, f"each of {key}") for item in items)
    if given.get("origin", "own") not in ORIGINS:
        message, mend = f"origin {given['origin']!r} is unknown", f"use {' or '.join(ORIGINS)}"
        file.refuse(fields["origin"], message, mend)
    if topic in known:
        return replace(built_in()[topic], **given)
    return Topic(topic, parent=topic_ids.parent(topic), **{"origin": "own", **given})
