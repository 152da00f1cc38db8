"""Files of entities: YAML, a list with one mapping an entity; `docs/entities.md` shows the keys."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Final

import yaml

from kg.entities.entity import Entity, EntityType, Source
from kg.entities.names import folded_name, named
from kg.errors import BadSource
from kg.files.yaml_file import YamlFile
from kg.text.plain import plain_text, without_controls

MAX_NAME_CHARS: Final = 120
MAX_ABOUT_WORDS: Final = 30
YAML_SUFFIXES: Final = (".yaml", ".yml")
MAX_FILE_BYTES: Final = 16_000_000
"""The longest file that is read."""

_ID = re.compile(r"([a-z]+)/[a-z0-9]+(?:-[a-z0-9]+)*")
REQUIRED_KEYS: Final = ("id", "name", "about")
OPTIONAL_KEYS: Final = ("also", "case", "weak", "shared", "introduced_by", "extends")
_LOOKED_AT: Final = 200
"""Lines by which a file of entities is recognised."""
_SAYS = re.compile(r"\s*[^\s#]")
_KEY = re.compile(
    r"[\s-]*['\"]?(?:id['\"]?\s*:\s*['\"]?[\w-]+/|(?:about|introduced_by|extends|shared)['\"]?\s*:)"
)
MEND: Final = "nothing of the file was taken; `docs/entities.md` shows each key"
"""What to do about a fault of a file."""


@dataclass(frozen=True, slots=True)
class ListedEntity:
    """One entity of a file."""

    entity: Entity
    line: int
    """1-based."""
    introduced_by: tuple[str, ...] = ()
    """Ids of the papers that introduced it, such as a preprint and its longer version, as the
    file names them."""
    extends: tuple[str, ...] = ()
    """Ids of the entities that it extends directly."""
    shared: frozenset[str] = frozenset()
    """Folded names that other entities have as well."""
    lines: dict[str, int] = field(default_factory=dict)
    """Folded name, id of an entity or paper -> the line on which it stands."""


def built_in() -> Path:
    """Return the path of the package's own list of entities."""
    with resources.as_file(resources.files("kg") / "entities.yaml") as path:
        return path


def built_in_digest() -> str:
    """Return a digest of the package's own list, which tells its versions apart."""
    return hashlib.blake2b(built_in().read_bytes(), digest_size=8).hexdigest()


def is_entity_file(path: Path) -> bool:
    """Return whether a file is a YAML list of entities, even one with a mistake.

    Its first lines have a key that only entities have, or an id with a slash.
    """
    if path.suffix.lower() not in YAML_SUFFIXES:
        return False
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            lines = [line for line in islice(file, _LOOKED_AT) if _SAYS.match(line)]
    except OSError:
        return False
    return any(map(_KEY.match, lines)) and lines[0].startswith("-")


def read_entities(
    path: Path,
    source: str = Source.LIST,
    stored: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> list[ListedEntity]:
    """Return the entities of a file, all or none; `stored` is as of `faults_between`.

    Raises
    ------
    BadSource
        If it cannot be read or has any fault; the first one, with its line.
    """
    entities = []
    for one in each_entity(path, source):
        if isinstance(one, BadSource):
            raise one
        entities.append(one)
    for fault in faults_between(path, entities, stored):
        raise fault
    return entities


def each_entity(path: Path, source: str = Source.LIST) -> Iterator[ListedEntity | BadSource]:
    """Yield the entities of a file in its order, and an error for each entry that is none.

    Raises
    ------
    BadSource
        If the file cannot be read or is no YAML list.
    """
    if path.is_file() and path.stat().st_size > MAX_FILE_BYTES:
        most = f"{MAX_FILE_BYTES // 1_000_000} MB"
        raise BadSource(path, None, f"the file has more than {most}", "split it")
    file = YamlFile(path, BadSource)
    for node in file.items(file.root, "the file"):
        try:
            yield _listed(file, node, source)
        except BadSource as error:
            yield error


def faults_between(
    path: Path,
    entities: Sequence[ListedEntity],
    stored: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Iterator[BadSource]:
    """Yield what is wrong with entities beside each other.

    Two of one id, a name of two that do not both say so, what extends an entity that is not
    there or extends itself in a circle.

    Parameters
    ----------
    stored : mapping of str to sequence of str, optional
        Entities that there are beside those of the file -> those that they extend, by their ids.
    """

    def fault(line: int, message: str) -> BadSource:
        return BadSource(path, line, message, MEND)

    by_id: dict[str, ListedEntity] = {}
    owners: dict[str, ListedEntity] = {}
    for one in entities:
        if one.entity.id in by_id:
            first = by_id[one.entity.id].line
            yield fault(one.line, f"a second {one.entity.id}, first on line {first}")
            continue
        by_id[one.entity.id] = one
        for name in one.entity.names:
            folded = folded_name(name.text)
            other = owners.setdefault(folded, one)
            if other is one or (folded in one.shared and folded in other.shared):
                continue
            message = (
                f"{name.text!r} is a name of {one.entity.id} and of {other.entity.id} (line"
                f" {other.line}): both must say `shared: [{name.text}]`"
            )
            yield fault(one.lines[folded], message)
    for one in entities:
        for parent in one.extends:
            if parent not in by_id and parent not in stored:
                where = "in the file or the atlas" if stored else "in the file"
                message = f"{one.entity.id} extends {parent}, which is not {where}"
                yield fault(one.lines[parent], message)
    extends = dict(stored) | {name: one.extends for name, one in by_id.items()}
    for circle in _circles(extends):
        own = [place for place, name in enumerate(circle) if name in by_id]
        if own:
            # Told from the last one of the file, whose entry closes it.
            chain = [*circle[own[-1] :], *circle[: own[-1]]]
            message = f"a circle in `extends`: {' -> '.join((*chain, chain[0]))}"
            yield fault(by_id[chain[0]].lines[[*chain, chain[0]][1]], message)


def _circles(extends: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Yield the circles of a graph, each in the order of its edges.

    Without recursion; each node is visited once.
    """
    done: set[str] = set()
    for start in extends:
        way: dict[str, Iterator[str]] = {start: iter(extends[start])}
        while way and start not in done:
            last = next(reversed(way))
            following = next(way[last], None)
            if following is None:
                done.add(last)
                del way[last]
            elif following in way:
                names = list(way)
                yield names[names.index(following) :]
            elif following in extends and following not in done:
                way[following] = iter(extends[following])


def _listed(file: YamlFile, node: yaml.Node, source: str) -> ListedEntity:
    fields = file.fields(node, "an entity", REQUIRED_KEYS, OPTIONAL_KEYS)
    line = node.start_mark.line + 1

    def refuse(name: str, message: str, mend: str = "") -> None:
        file.refuse(fields[name], message, mend)

    ident = file.text(fields["id"], "an id")
    found = _ID.fullmatch(ident)
    if not found:
        refuse("id", f"{ident[:60]!r} is no id", "write its type and a slug: method/lora")
    elif len(ident) > MAX_NAME_CHARS:
        refuse("id", f"an id has {MAX_NAME_CHARS} characters at most", "make it shorter")
    elif found[1] not in list(EntityType):
        known = ", ".join(EntityType)
        refuse("id", f"there is no type {found[1]!r}", f"known are {known}")
    about = _text(file, fields["about"], "about")
    if len(about.split()) > MAX_ABOUT_WORDS:
        refuse("about", f"`about` has more than {MAX_ABOUT_WORDS} words", "say it shorter")
    if "case" in fields and file.text(fields["case"], "case") != "exact":
        refuse("case", "`case` can only be exact", "leave it out otherwise")
    exact = "case" in fields
    weak = _texts(file, fields, "weak")
    name = _text(file, fields["name"], "a name")
    nodes = {name: fields["name"], **_texts(file, fields, "also"), **weak}
    names, lines = {}, {"id": line}
    for text, where in nodes.items():
        if not (folded := folded_name(text)):
            file.refuse(where, f"{text[:60]!r} is no name", "it needs a letter or digit")
        if len(text) > MAX_NAME_CHARS:
            most = f"a name has {MAX_NAME_CHARS} characters at most"
            file.refuse(where, f"{text[:60]!r}… is too long", most)
        if folded not in names:
            names[folded] = named(text, exact, weak)
            lines[folded] = where.start_mark.line + 1
    shared = _texts(file, fields, "shared")
    for text, where in shared.items():
        if folded_name(text) not in names:
            file.refuse(
                where, f"{ident} shares {text!r}, which is no name of it", "add it to `also`"
            )
    extends = _texts(file, fields, "extends")
    lines |= {parent: where.start_mark.line + 1 for parent, where in extends.items()}
    introduced = _texts(file, fields, "introduced_by")
    lines |= {paper: where.start_mark.line + 1 for paper, where in introduced.items()}
    entity = Entity(ident, EntityType(ident.split("/")[0]), tuple(names.values()), about, source)
    return ListedEntity(
        entity,
        line,
        tuple(introduced),
        tuple(extends),
        frozenset(folded_name(text) for text in shared),
        lines,
    )


def _texts(file: YamlFile, fields: dict[str, yaml.Node], key: str) -> dict[str, yaml.Node]:
    """Return the texts of a list, or the only one, each with its node."""
    if key not in fields:
        return {}
    node = fields[key]
    nodes = [node] if isinstance(node, yaml.ScalarNode) else file.items(node, f"`{key}`")
    return {_text(file, one, key): one for one in nodes}


def _text(file: YamlFile, node: yaml.Node, what: str) -> str:
    text = file.text(node, what)
    plain = " ".join(without_controls(plain_text(text)).split())
    if plain != text:
        file.refuse(node, f"{what} has control characters: {text[:60]!r}", "remove them")
    return text
