"""Adding entities that a user listed."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ingest.entities.take import take_list
from ingest.entities.update import LIST_CURSOR, take_built_in, update
from kg.entities.entity import DERIVED, Entity, Relation, Source
from kg.entities.file import MEND, ListedEntity, read_entities
from kg.entities.names import folded_name
from kg.errors import BadSource
from kg.store.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class EntityFile:
    """The entities of one file."""

    path: Path
    entities: tuple[ListedEntity, ...]

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name


def read_entity_file(catalogue: Catalogue, path: Path) -> EntityFile:
    """Return the entities of a file that agrees with itself and with the atlas.

    Whether the atlas has their papers is checked when they are stored: these may be added along
    with them.

    Raises
    ------
    BadSource
        If there is any fault; the first one, with its line.
    """
    take_built_in(catalogue)
    stored = {e.id: e for e in catalogue.entities.all().values() if e.source != path.name}
    extends = _extends(catalogue)
    others = {name: extends.get(name, ()) for name in stored}
    entities = read_entities(path, path.name, others)
    own = {one.entity.id for one in entities}
    owners = {
        folded_name(name.text): entity.id
        for entity in stored.values()
        # What only a card named gives way to what is listed.
        if entity.id not in own and entity.source not in DERIVED
        for name in entity.names
    }
    for one in entities:
        for name in one.entity.names:
            folded = folded_name(name.text)
            if folded in owners and folded not in one.shared:
                raise BadSource(
                    path,
                    one.lines[folded],
                    f"{name.text!r} is a name of {one.entity.id} and of {owners[folded]}, which"
                    f" the atlas has: say `shared: [{name.text}]`, or use that id",
                    MEND,
                )
    return EntityFile(path, tuple(entities))


def add_entities(catalogue: Catalogue, file: EntityFile) -> Counter[str]:
    """Store the entities of a file in place of those of their ids, and return the counts.

    What an earlier file of the name had, and this one lacks, is removed.

    Raises
    ------
    BadSource
        If the atlas lacks a paper that introduces one; nothing of the file was stored.
    """
    counts: Counter[str] = Counter()
    with catalogue.writing():
        before = _states(catalogue, file.name)
        changed = take_list(catalogue, file.path, file.entities, file.name)
        after = _states(catalogue, file.name)
        for name, state in after.items():
            counts["entities_unchanged" if before.get(name) == state else "entities"] += 1
        if gone := before.keys() - after.keys():
            counts["entities_removed"] += len(gone)
            # The package's list may have some of them, which come back.
            catalogue.journal.set_cursor(*LIST_CURSOR, None)
        if related := update(catalogue, changed):
            counts["related"] += related
    return counts


def _extends(catalogue: Catalogue) -> dict[str, list[str]]:
    """Return entity -> those that it extends by the lists, as ids."""
    pairs = catalogue.entities.extends()
    ids = catalogue.entities.ids([key for pair in pairs for key in pair])
    found: dict[str, list[str]] = {}
    for key, other in pairs:
        found.setdefault(ids[key], []).append(ids[other])
    return found


def _states(catalogue: Catalogue, source: str) -> dict[str, tuple[Entity, list[str], list[int]]]:
    """Return all that is stored of the entities of a file, by their ids."""
    some = {key: e for key, e in catalogue.entities.all().items() if e.source == source}
    introduced: dict[int, list[int]] = {}
    for one in catalogue.relations.of_entities(list(some), (Relation.INTRODUCES,)):
        if Source.LIST in one.sources:
            introduced.setdefault(one.entity, []).append(one.paper)
    extends = _extends(catalogue)
    return {e.id: (e, extends.get(e.id, []), introduced.get(k, [])) for k, e in some.items()}
