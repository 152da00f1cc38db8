"""Check of the schema of a SQLite file from elsewhere, without running anything in it.

A schema can hold more than tables: a constraint, an index or a trigger is code that runs when a
row is written. So the schema is compared as text, statement by statement, before the file is
opened as a catalogue and migrated.
"""

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from kg.errors import CatalogueError, DamagedCatalogue, NewerCatalogue
from kg.store.database import APPLICATION_ID, UPGRADE, own_migrations, statements
from kg.store.sql_functions import FUNCTIONS

MAX_VALUE_BYTES: Final = 100_000_000
"""The longest text or BLOB that is read from such a file."""

_SHADOW = re.compile(r"words_(data|idx|content|docsize|config)")
"""Tables that FTS5 creates for itself, with SQL that depends on its version."""


def check_made_as_catalogue(path: Path) -> None:
    """Raise unless a file has the schema of a catalogue of this or an earlier version.

    Parameters
    ----------
    path : Path
        A SQLite file that is not open elsewhere; it is not changed.

    Raises
    ------
    DamagedCatalogue
        If it is not a catalogue, or anything in its schema differs from a catalogue's.
    NewerCatalogue
        If its version is a later one.
    """
    migrations = own_migrations()
    with closing(
        sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    ) as found:
        found.execute("PRAGMA trusted_schema = OFF")
        found.execute("PRAGMA cell_size_check = ON")
        found.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
        try:
            ((application,),) = found.execute("PRAGMA application_id")
            ((version,),) = found.execute("PRAGMA user_version")
            schema = _schema(found)
            names = {name for (name,) in found.execute("SELECT name FROM meta")}
        except (sqlite3.Error, ValueError) as error:
            raise DamagedCatalogue(f"{path} is damaged ({error})") from error
    if application != APPLICATION_ID or version < 1:
        raise DamagedCatalogue(f"{path} is not a catalogue of LFM Atlas")
    if version > len(migrations):
        raise NewerCatalogue(f"{path} was written by a newer LFM Atlas", UPGRADE)
    with closing(model_of(migrations[:version])) as model:
        wanted = _schema(model)
        needed = {name for (name,) in model.execute("SELECT name FROM meta")}
    if schema != wanted or not names >= needed:
        raise DamagedCatalogue(f"{path} is not made as a catalogue is")


def is_schema_error(error: CatalogueError) -> bool:
    """Return whether SQLite rejected a statement, as it does where a table lacks a column."""
    return getattr(error.__cause__, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR


def model_of(migrations: Sequence[str]) -> sqlite3.Connection:
    """Return an empty catalogue in memory, made by these migrations."""
    model = sqlite3.connect(":memory:", isolation_level=None)
    for name, function in FUNCTIONS.items():
        model.create_function(name, 1, function, deterministic=True)
    for migration in migrations:
        for statement in statements(migration):
            model.execute(statement)
    return model


def _schema(database: sqlite3.Connection) -> set[tuple[str, str, str, str]]:
    """Return all statements of a schema, without their comments and line breaks."""
    return {
        (kind, name, table, "" if _SHADOW.fullmatch(name) and kind == "table" else _bare(sql or ""))
        for kind, name, table, sql in database.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_master"
        )
    }


def _bare(sql: str) -> str:
    return " ".join(re.sub(r"--[^\n]*", " ", sql).split())
