"""The errors that users see.

AtlasError                 what went wrong, and how to mend it: exit status 1
├── BadRequest             the caller asked for something impossible: exit status 2
├── NotFound               no such paper, topic or method; carries the nearest names
├── SeveralOwners          a name that several methods, benchmarks or models have; carries these
├── BadTaxonomy            the taxonomy file is wrong; carries file and line
├── BadSource              a list, page or dump cannot be read; carries file and line
├── CatalogueError         the catalogue cannot be opened or written
│   ├── DamagedCatalogue   not a catalogue, or broken; the file is left as it was
│   ├── NewerCatalogue     written by a newer version of LFM Atlas
│   └── FullDisk           there is no room for what was to be written
├── Busy                   another process is refreshing this atlas; carries its holder
├── DamagedSnapshot        the bundled or loaded snapshot fails its checksum
├── SourceError            a server did not give what was asked for
│   ├── Forbidden          it answered 403 and is not asked again
│   ├── Unreachable        there is no connection to its host
│   ├── Overloaded         it kept answering that it gets too many requests
│   ├── TooLarge           its answer is longer than the limit
│   └── OaiError           it answered with an error of OAI-PMH: `ingest.sources.oai.protocol`
│       └── BadToken       the resumption token is no longer valid
├── ClusterError           a cluster of machines cannot be used
├── IndexUnavailable       the server of an index cannot be used; a local index serves meanwhile
│   └── OtherState         it is of another state of the catalogue: `search.index.fallback`
├── ModelError             the embedding model is missing or not the one expected
└── TooManyTries           too many failed attempts to sign in: `ui.auth.authenticator`
"""

import errno
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from kg.values import dataclass

MAX_OWNER_CHARS = 70
"""Characters of what is said of one of several owners of a name."""

MAX_REPEATED_CHARS = 80
"""Characters of a name that a message repeats."""


class AtlasError(Exception):
    """Base class of errors whose message may be shown to a user as it is.

    Parameters
    ----------
    message : str
        One line that says what is wrong.
    mend : str
        What the user can do about it, in the imperative; may be empty.
    """

    def __init__(self, message: str, mend: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend

    def __str__(self) -> str:
        # Always one line, whatever a file name or a library's message contains.
        text = f"{self.message}: {self.mend}" if self.mend else self.message
        return " ".join(text.split())


class BadRequest(AtlasError):
    """A question, filter or option that cannot mean anything."""


class NotFound(AtlasError):
    """There is no paper, topic or whatever was asked for of that name.

    Parameters
    ----------
    kind : str
        ``"paper"``, ``"topic"``, ...
    name : str
        Name that was looked up.
    nearest : sequence of str
        Existing names that look like it, best first.
    mend : str
        What to do where there are none.
    """

    def __init__(self, kind: str, name: str, nearest: Sequence[str] = (), mend: str = "") -> None:
        hint = "did you mean " + " or ".join(nearest) + "?" if nearest else mend
        super().__init__(f"no {kind} {_quoted(name)} in the atlas", hint)
        self.kind = kind
        self.name = name
        self.nearest = tuple(nearest)


class SeveralOwners(AtlasError):
    """Several methods, benchmarks or models have a name.

    Parameters
    ----------
    name : str
        Name that was looked up.
    owners : mapping of str to str
        Id of each owner -> what it is, in few words; the most used comes first.
    """

    def __init__(self, name: str, owners: Mapping[str, str]) -> None:
        described = "; ".join(
            f"{owner} ({_shortened(words)})" if words else owner for owner, words in owners.items()
        )
        super().__init__(
            f"{_quoted(name)} may be any of {len(owners)} methods, benchmarks or models:"
            f" {described}",
            f"name one by its id, such as {next(iter(owners))}",
        )
        self.name = name
        self.owners = dict(owners)


def _quoted(name: str) -> str:
    return repr(name if len(name) <= MAX_REPEATED_CHARS else f"{name[:MAX_REPEATED_CHARS]}…")


def _shortened(words: str) -> str:
    if len(words) <= MAX_OWNER_CHARS:
        return words
    return f"{words[:MAX_OWNER_CHARS].rpartition(' ')[0]}…"


class _BadFile(AtlasError):
    """A file with a mistake at a known line."""

    def __init__(self, path: Path | str, line: int | None, message: str, mend: str = "") -> None:
        place = f"{path}:{line}" if line is not None else str(path)
        super().__init__(f"{place}: {message}", mend)
        self.path = path
        self.line = line


class BadTaxonomy(_BadFile):
    """The taxonomy file breaks a rule, at `line` (1-based)."""


class BadSource(_BadFile):
    """A list, page or dump cannot be read, at `line` (1-based) where that is known."""


class CatalogueError(AtlasError):
    """The catalogue cannot be opened, read or written."""


class FullDisk(CatalogueError):
    """The disk has no room for a file; what was there is unharmed."""

    def __init__(self, path: Path | str) -> None:
        super().__init__(
            f"the disk of {path} is full",
            "free some space and run the command again; what was there is unharmed",
        )


def cannot_write(
    path: Path | str,
    error: OSError,
    mend: str = "set LFM_HOME to a folder that you may write and that has space",
) -> CatalogueError:
    """Return the error for a file that cannot be written, with its reason."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FullDisk(path)
    return CatalogueError(f"cannot write {path}: {error.strerror or error}", mend)


class DamagedCatalogue(CatalogueError):
    """The file is not a catalogue or is broken; nothing was changed in it."""


class NewerCatalogue(CatalogueError):
    """The catalogue was written by a newer version of LFM Atlas."""


class DamagedSnapshot(AtlasError):
    """A snapshot whose content does not match its checksum; nothing was loaded."""


class ModelError(AtlasError):
    """The embedding model cannot be loaded, or is not the one that was expected."""


class ClusterError(AtlasError):
    """A cluster cannot be reached or used, or has no worker left; what was done is kept."""


class IndexUnavailable(AtlasError):
    """The server of an index does not answer, or not with what was asked of it."""


class SourceError(AtlasError):
    """A server did not give what was asked for.

    Parameters
    ----------
    source : str
        Name of the service: ``arxiv``.
    reason : str
        What happened: ``HTTP 500, 8 times``.
    status : int, optional
        The last HTTP status, where there was one.
    """

    def __init__(self, source: str, reason: str, status: int | None = None) -> None:
        super().__init__(f"{source}: {reason}", "what was done is kept; run `lfm refresh` again")
        self.source = source
        self.reason = reason
        self.status = status


class Forbidden(SourceError):
    """The server answered 403; nothing more is asked of it in this run."""


class Unreachable(SourceError):
    """There is no connection to the server's host; it is not asked again in this run."""


class Overloaded(SourceError):
    """The server kept answering that it gets too many requests."""


class TooLarge(SourceError):
    """The answer is longer than the limit."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that is refreshing an atlas."""

    pid: int
    """Its process id, on its host."""
    host: str
    """Name of its machine."""
    since: datetime
    """When it began, in UTC."""


class Busy(AtlasError):
    """Another process, or another thread of this one, is refreshing the atlas."""

    def __init__(self, holder: Holder | None) -> None:
        message = "another process is refreshing this atlas"
        if holder is not None:
            message = (
                f"process {holder.pid} on {holder.host} has been refreshing this atlas"
                f" since {holder.since:%Y-%m-%d %H:%M:%S} UTC"
            )
        super().__init__(message, "wait until it is done, or stop that process")
        self.holder = holder
