"""The awesome lists that a refresh reads, and the topics of their headings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

import yaml

from kg.errors import BadSource, NotFound
from kg.files.yaml_file import YamlFile
from kg.taxonomy.taxonomy import Taxonomy
from kg.taxonomy.topic import heading_key

BUILT_IN: Final = Path(str(resources.files("ingest.sources.lists") / "lists.yaml"))
"""The lists that come with the package."""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class HeadingRule:
    """What one heading of a list means."""

    headings: tuple[str, ...]
    """The heading, after those above it that distinguish it from others of the same name."""
    topic: str | None
    """Id of the topic, or None where the entries belong to none."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The headings in the form in which they are compared."""
        return tuple(heading_key(heading) for heading in self.headings)


@dataclass(frozen=True, slots=True)
class ListSource:
    """One awesome list: where it is, and where its entries belong."""

    name: str
    """Name in placements and on the command line."""
    repository: str
    """Owner and name on GitHub, such as ``thunlp/DeltaPapers``."""
    url: str
    """Address of the page that is read."""
    default: str | None
    """Id of the topic of entries under no heading that is named, or None."""
    rules: tuple[HeadingRule, ...] = ()
    """What its headings mean."""
    taxonomy: Taxonomy | None = None
    """The taxonomy whose own names decide, where the list follows it; else None."""

    def topic_of(self, headings: Sequence[str]) -> str | None:
        """Return the id of the topic of an entry under these headings, the outermost first.

        The innermost heading that is named decides; of two rules for it, the one that names
        more of the headings above it. None where the entry belongs to no topic.

        Examples
        --------
        >>> editing = load_lists(Taxonomy.load())["knowledge-editing"]
        >>> editing.topic_of(["📜 Resources", "Methods", "Modify Parameters", "Finetuning"])
        'model-editing/parameter-based/constrained-tuning'
        >>> editing.topic_of(["🧰 Resources", "Tools"]) is None
        True
        """
        if self.taxonomy is not None:
            return self.taxonomy.match_headings(headings) or self.default
        keys = [heading_key(heading) for heading in headings]
        while keys:
            fitting = [rule for rule in self.rules if _fits(rule.keys, keys)]
            if fitting:
                return max(fitting, key=lambda rule: len(rule.headings)).topic
            keys.pop()
        return self.default


def load_lists(taxonomy: Taxonomy, path: Path | None = None) -> dict[str, ListSource]:
    """Return the lists of a file by name, in its order, and check their topics.

    Parameters
    ----------
    taxonomy : Taxonomy
        The topics that headings may mean.
    path : Path, optional
        The file; by default the one that comes with the package.

    Raises
    ------
    BadSource
        If the file cannot be read, breaks a rule or names a topic that neither `taxonomy` nor the
        built-in one has; carries the line.

    Examples
    --------
    >>> load_lists(Taxonomy.load())["delta-tuning"].repository
    'thunlp/DeltaPapers'
    """
    file = YamlFile(path or BUILT_IN, BadSource)
    lists: dict[str, ListSource] = {}
    for node in file.items(file.root, "the file"):
        source = _source(file, node, taxonomy)
        if source.name in lists:
            file.refuse(node, f"list {source.name!r} comes twice", "rename one of the two")
        lists[source.name] = source
    return lists


def _fits(rule: Sequence[str], keys: Sequence[str]) -> bool:
    """True where `rule` ends as `keys` does and the rest of it stands above, in order."""
    above = iter(keys[:-1])
    return rule[-1] == keys[-1] and all(key in above for key in rule[:-1])


def _source(file: YamlFile, node: yaml.Node, taxonomy: Taxonomy) -> ListSource:
    required = ("name", "repository", "url", "default")
    fields = file.fields(node, "a list", required=required, optional=("headings",))
    name, repository, url = (file.text(fields[key], key) for key in required[:3])
    if not _NAME.fullmatch(name):
        file.refuse(fields["name"], f"{name!r} is not a name", "join lower-case words by hyphens")
    if not _REPOSITORY.fullmatch(repository):
        file.refuse(fields["repository"], f"{repository!r} is not a repository", "write owner/name")
    if not url.startswith("https://"):
        file.refuse(fields["url"], f"{url!r} is not an https address")
    return ListSource(
        name=name,
        repository=repository,
        url=url,
        default=_topic(file, fields["default"], taxonomy),
        rules=_rules(file, fields["headings"], taxonomy) if "headings" in fields else (),
        taxonomy=None if "headings" in fields else taxonomy,
    )


def _rules(file: YamlFile, node: yaml.Node, taxonomy: Taxonomy) -> tuple[HeadingRule, ...]:
    rules: dict[tuple[str, ...], HeadingRule] = {}
    for text, (key, value) in file.pairs(node, "headings").items():
        rule = HeadingRule(tuple(text.split(" > ")), _topic(file, value, taxonomy))
        if not all(rule.keys):
            file.refuse(key, f"heading {text!r} says nothing", "name it in words")
        if rule.keys in rules:
            file.refuse(key, f"heading {text!r} comes twice", "keep one of them")
        rules[rule.keys] = rule
    return tuple(rules.values())


def _topic(file: YamlFile, node: yaml.Node, taxonomy: Taxonomy) -> str | None:
    """Id of a topic that exists, or None for null and for what a user's taxonomy lacks."""
    if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null":
        return None
    name = file.text(node, "a topic")
    if name not in taxonomy and name in Taxonomy.load():  # A user's own taxonomy is without it.
        return None
    try:
        return taxonomy[name].id
    except NotFound as problem:
        file.refuse(node, problem.message, problem.mend)
